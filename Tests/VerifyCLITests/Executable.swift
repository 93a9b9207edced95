import Foundation
import Testing

/// The built `verify-cli`, run as a user runs it.
struct Executable {
    /// What one run left behind.
    struct Run {
        let status: Int32
        let output: String
        let errors: String

        /// Standard output as lines.
        var lines: [String] { output.components(separatedBy: "\n") }

        /// Standard output as JSON.
        func json() throws -> Any {
            try JSONSerialization.jsonObject(with: Data(output.utf8))
        }

        /// Standard output as one JSON object.
        func object() throws -> [String: Any] { try #require(try json() as? [String: Any]) }
    }

    /// The directory of products: that of the test bundle itself.
    static let path: String? = {
        let candidates = [Bundle.main.executablePath, CommandLine.arguments.first].compactMap { $0 }
        for candidate in candidates {
            var directory = URL(fileURLWithPath: candidate).deletingLastPathComponent()
            for _ in 0..<4 {
                let tool = directory.appendingPathComponent("verify-cli").path
                if FileManager.default.isExecutableFile(atPath: tool) { return tool }
                directory.deleteLastPathComponent()
            }
        }
        return nil
    }()

    /// Runs the program in `directory` and waits for its end.
    ///
    /// - Parameters:
    ///   - environment: variables to set, or to remove where `nil`.
    ///   - redirection: what a shell is told of its streams, such as `>/dev/full`.
    ///   - prelude: what a shell does before; what it mounts, nobody else sees.
    static func run(
        _ arguments: [String], in directory: Workspace? = nil, environment: [String: String?] = [:],
        redirection: String = "", prelude: String = ""
    ) throws -> Run {
        var shell: [String] = []
        if !redirection.isEmpty || !prelude.isEmpty {
            shell = ["sh", "-c", "\(prelude) \"$0\" \"$@\" \(redirection)"]
            if prelude.contains("mount") { shell = ["unshare", "-m"] + shell }
        }
        let run = try RunningProgram(
            arguments, in: directory ?? Workspace(), environment: environment, shell: shell
        ).end()
        #expect(run.status >= 0, "\(arguments) ended by a signal")
        return run
    }
}

/// A directory that goes away with its last user.
final class Workspace: Sendable {
    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("verify-cli-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    func emptyFile(_ name: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path(name)))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path(name)))
    }

    /// The names of the files, so that a test can see that nothing else was left behind.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()
    }
}

extension String {
    /// The text with what differs between machines replaced: times, residuals near rounding, the
    /// name of the BLAS core.
    func normalized() -> String {
        var result = self
        for (pattern, replacement) in [
            ("OpenBLAS [^\\n]*", "OpenBLAS"), ("[0-9.]+e-1[0-9]", "TINY"),
            (" +[0-9.]+ (ns|µs|ms|s)", " TIME"),
        ] {
            result = result.replacingOccurrences(
                of: pattern, with: replacement, options: .regularExpression)
        }
        return result
    }
}
