public import Foundation

/// A program of another package that draws or typesets.
public struct ExternalTool: Sendable, Equatable {
    /// The name on the search path, or a path.
    public let program: String
    /// What brings it, in words that can be followed.
    public let remedy: String

    public init(program: String, remedy: String) {
        self.program = program
        self.remedy = remedy
    }

    /// gnuplot, for SVG and PNG.
    public static let gnuplot = ExternalTool(
        program: "gnuplot", remedy: "install Debian's package gnuplot-nox (make deps-charts does)")
    /// pandoc, for mathematics in reports.
    public static let pandoc = ExternalTool(
        program: "pandoc", remedy: "install Debian's package pandoc (make deps-charts does)")
    /// A Python with vl-convert, for interactive pages.
    ///
    /// `VERIFY_CLI_PYTHON` names another one than `python3`, such as that of a virtual environment.
    public static var python: ExternalTool {
        let chosen = ProcessInfo.processInfo.environment["VERIFY_CLI_PYTHON"] ?? ""
        return ExternalTool(
            program: chosen.isEmpty ? "python3" : chosen,
            remedy: "install PyPI's package vl-convert-python for it, or set VERIFY_CLI_PYTHON to a "
                + "Python that has it (make deps-charts-html makes one)")
    }

    /// Where the program is, `nil` if nowhere on the search path.
    public var path: String? {
        if program.contains("/") { return isProgram(program) ? program : nil }
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return search.split(separator: ":").map { "\($0)/\(program)" }.first(where: isProgram)
    }

    private func isProgram(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && !isDirectory.boolValue && FileManager.default.isExecutableFile(atPath: path)
    }

    /// Runs the program in an empty directory that holds `files`, and returns what it wrote.
    ///
    /// Standard input is empty. The directory is removed afterwards, whatever happens.
    ///
    /// - Parameters:
    ///   - files: names and contents, made before the program starts.
    ///   - result: the file in that directory to return; `nil` means standard output.
    ///   - arguments: the command line after the program's name.
    /// - Throws: `ExternalToolError` if the program is missing, fails, or leaves no result.
    public func run(
        _ arguments: [String], files: [String: String] = [:], result: String? = nil
    ) throws -> Data {
        guard let path else { throw ExternalToolError.missing(self) }
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("verify-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in files {
            try Data(text.utf8).write(to: directory.appendingPathComponent(name))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        var environment = ProcessInfo.processInfo.environment
        environment["LC_ALL"] = "C.UTF-8"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        // Files and not pipes: a program that fills one pipe while nobody reads it would never end.
        let output = directory.appendingPathComponent(".standard-output")
        let errors = directory.appendingPathComponent(".standard-error")
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        let message = (try? String(decoding: Data(contentsOf: errors), as: UTF8.self)) ?? ""
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw ExternalToolError.failed(
                self, status: process.terminationStatus, message: message)
        }
        let file = result.map { directory.appendingPathComponent($0) } ?? output
        guard let data = try? Data(contentsOf: file), !data.isEmpty else {
            throw ExternalToolError.failed(self, status: 0, message: message)
        }
        return data
    }
}

/// Why another program did not do its part.
public enum ExternalToolError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is not installed, or not where it is looked for.
    case missing(ExternalTool)
    /// It is there, but not what it must bring along, such as a Python package.
    case incomplete(ExternalTool, part: String)
    /// It ended with an error, or without a result.
    case failed(ExternalTool, status: Int32, message: String)

    public var description: String {
        switch self {
        case .missing(let tool): "\(tool.program) was not found: \(tool.remedy)"
        case .incomplete(let tool, let part): "\(tool.program) has no \(part): \(tool.remedy)"
        case .failed(let tool, let status, let message):
            "\(tool.program) failed with status \(status)"
                + (message.isEmpty ? "" : ": \(message.split(separator: "\n").suffix(3).joined(separator: " "))")
        }
    }
}
