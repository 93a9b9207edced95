import Foundation
import Testing

/// A running `verify-cli` that a test can wait for, kill or interrupt.
final class RunningProgram {
    private let process = Process()
    private let streams: Workspace
    /// Kept, because the directory goes away with its last user.
    private let workspace: Workspace

    /// Starts the program in `workspace`.
    ///
    /// - Parameters:
    ///   - environment: variables to set, or to remove where `nil`.
    ///   - shell: words before the program's path and arguments, such as those of a shell script that runs them.
    ///   - output: where standard output goes instead of a file that `end()` reads.
    init(
        _ arguments: [String], in workspace: Workspace, environment: [String: String?] = [:],
        shell: [String] = [], output: FileHandle? = nil
    ) throws {
        let path = try #require(Executable.path, "verify-cli is not beside the test bundle: swift build")
        streams = try Workspace()
        self.workspace = workspace
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = shell + [path] + arguments
        process.currentDirectoryURL = workspace.directory
        process.environment = environment.reduce(into: ProcessInfo.processInfo.environment) {
            $0[$1.key] = $1.value
        }
        // Files and not pipes: a full pipe that nobody reads would stop the program.
        let file = try streams.emptyFile("output")
        process.standardOutput = output ?? file
        process.standardError = try streams.emptyFile("errors")
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Sends the signal to this very process.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end. Of a process that a signal ended the status is that signal, negative.
    func end() throws -> Executable.Run {
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Executable.Run(
            status: status, output: try streams.text("output"), errors: try streams.text("errors"))
    }
}
