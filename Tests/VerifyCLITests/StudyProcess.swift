import Foundation
import Testing

/// A running `verify-cli` that a test can kill or interrupt.
final class StudyProcess {
    private let process = Process()
    private let streams: Workspace

    init(_ arguments: [String], in workspace: Workspace) throws {
        let path = try #require(Executable.path)
        streams = try Workspace()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = workspace.directory
        process.standardOutput = try streams.emptyFile("output")
        process.standardError = try streams.emptyFile("errors")
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Sends the signal to this very process.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end. Of a process that a signal ended the status is that signal, negative.
    func end() throws -> (status: Int32, output: String, errors: String) {
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return (status, try streams.text("output"), try streams.text("errors"))
    }
}
