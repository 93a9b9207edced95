import Foundation
import Testing

/// Output that cannot be written, on the built program: nothing is lost without a message and an exit code, and a
/// message that cannot be written costs no result.
@Suite struct OutputFailureTests {
    /// One command of each kind that prints results.
    static let printing: [[String]] = [
        ["prox", "case.safetensors", "--activation", "tanh"],
        ["prox", "case.safetensors", "--format", "json", "--quiet"],
        ["prox", "case.safetensors", "--output", "plus.safetensors", "--format", "csv"],
        ["compare", "case.safetensors", "--rules", "bp,il-exact", "--format", "markdown"],
        ["audit", "case.safetensors", "case.safetensors", "--quiet", "--format", "json"],
        ["table", "--data", "gaussian", "--sizes", "3-4-2", "--cases", "2", "--rules", "bp", "--quiet"],
        ["theorems", "T1", "--cases", "5", "--quiet"],
        ["theorems", "T1", "--mutants", "--cases", "5", "--quiet", "--format", "html"],
        study + ["--tables-only", "--quiet"],
        ["results", "list"],
        ["results", "export"], ["results", "export", "--format", "jsonl"],
        ["report", "--output", "page"] + quickReport,
        ["--help"], ["prox", "--help"], ["--version"], ["--generate-completion-script", "bash"],
    ]

    /// One command of each kind that writes a file, which goes where `FILE` stands.
    static let writing: [[String]] = [
        ["prox", "case.safetensors", "--output", "FILE", "--quiet"],
        ["table", "--data", "gaussian", "--sizes", "3-4-2", "--cases", "2", "--rules", "bp", "--quiet",
         "--measures", "relative-distance", "--chart", "FILE"],
        ["theorems", "T1", "--cases", "5", "--quiet", "--per-case", "FILE"],
        study + ["--quiet", "--slurm", "FILE"],
        ["report", "--output", "."] + quickReport,
    ]

    private static let study = [
        "stability", "--sizes", "64-4-10", "--iterations", "2", "--seeds", "1", "--rules", "bp", "--alpha", "0.1",
        "--compare-every", "0", "--test-examples", "10",
    ]
    private static let quickReport = [
        "--cases", "1", "--theorem-cases", "1", "--claim-cases", "1", "--activations", "tanh", "--quiet",
    ]

    /// All that these commands read; made once.
    private static let inputs = Result {
        let workspace = try Workspace()
        try workspace.write(CaseFixtures.deep(), metadata: ["activation": "tanh"])
        let stored = try Executable.run(study + ["--quiet"], in: workspace)
        #expect(stored.status == 0, "\(stored.errors)")
        return workspace
    }

    /// A directory of one's own with it.
    private static func workspace() throws -> Workspace {
        let (inputs, workspace) = (try inputs.get(), try Workspace())
        for name in inputs.names {
            try FileManager.default.copyItem(atPath: inputs.path(name), toPath: workspace.path(name))
        }
        return workspace
    }

    // MARK: Standard streams

    @Test("standard output is full or closed: 74 and one message", arguments: printing)
    func unwritableOutput(arguments: [String]) throws {
        let workspace = try Self.workspace()
        for (redirection, reason) in [
            (">/dev/full", "No space left on device"), (">&-", "Bad file descriptor"),
        ] {
            let run = try Executable.run(arguments, in: workspace, redirection: redirection)
            #expect(run.status == 74, "\(redirection): \(run.errors)")
            let last = run.errors.split(separator: "\n").last
            #expect(last == "Error: standard output: cannot be written: \(reason) (writing)", "\(run.errors)")
        }
    }

    @Test("standard error is full, closed or a pipe without reader: the result is whole", arguments: printing)
    func unwritableErrors(arguments: [String]) throws {
        let workspace = try Self.workspace()
        let whole = try Executable.run(arguments, in: workspace).output.withoutNumbers
        for redirection in ["2>/dev/full", "2>&-", "2>&- <&-"] {
            let run = try Executable.run(arguments, in: workspace, redirection: redirection)
            #expect([0, 1].contains(run.status), "\(redirection)")
            #expect(run.output.withoutNumbers == whole, "\(redirection)")
        }
    }

    static let failing: [(arguments: [String], code: Int32)] = [
        (["prox", "nowhere.safetensors"], 65), (["prox", "--frobnicate"], 64), (["results", "list"], 65),
    ]

    @Test("a failure keeps its exit code where nobody can read the message", arguments: failing)
    func failuresKeepTheirCodes(arguments: [String], code: Int32) throws {
        for redirection in ["2>/dev/full", "2>&-", ">&- 2>&- <&-"] {
            let run = try Executable.run(arguments, redirection: redirection)
            #expect(run.status == code, "\(redirection)")
            #expect(run.output.isEmpty)
        }
    }

    @Test("a reader that has gone ends the program by SIGPIPE, without a word", arguments: printing)
    func closedPipe(arguments: [String]) throws {
        let workspace = try Self.workspace()
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let ended = try RunningProgram(arguments, in: workspace, output: pipe.fileHandleForWriting).end()
        #expect(ended.status == -SIGPIPE)
        #expect(!ended.errors.contains("Error"), "\(ended.errors)")
    }

    @Test func `a file is not opened in the place of a closed stream`() throws {
        let workspace = try Self.workspace()
        let arguments = ["prox", "case.safetensors", "--output", "plus.safetensors"]
        #expect(try Executable.run(arguments, in: workspace).status == 0)
        let expected = try Data(contentsOf: workspace.directory.appending(path: "plus.safetensors"))
        for redirection in ["<&- >&- 2>&-", "<&- >&-", "<&- 2>&-"] {
            _ = try Executable.run(arguments, in: workspace, redirection: redirection)
            let found = try Data(contentsOf: workspace.directory.appending(path: "plus.safetensors"))
            #expect(found == expected, "\(redirection): messages went into the file")
        }
    }

    // MARK: Files

    /// The name that suits the command: a chart's name says its format, a report writes an index.
    private func name(_ arguments: [String]) -> String {
        arguments.contains("--chart") ? "o.vl.json" : arguments[0] == "report" ? "index.html" : "o"
    }

    private func run(
        _ arguments: [String], to directory: String, in workspace: Workspace, script: String = "", ending: String = ""
    ) throws -> Executable.Run {
        try Executable.run(
            arguments.map { $0 == "FILE" ? "\(directory)/\(name(arguments))" : $0 == "." ? directory : $0 },
            in: workspace, redirection: ending, prelude: script)
    }

    @Test("a link is followed and the mode is kept", arguments: writing)
    func linkAndMode(arguments: [String]) throws {
        let workspace = try Self.workspace()
        let name = name(arguments)
        try FileManager.default.createDirectory(atPath: workspace.path("d"), withIntermediateDirectories: true)
        try Data("old".utf8).write(to: workspace.directory.appending(path: "target"))
        #expect(chmod(workspace.path("target"), 0o640) == 0)
        #expect(symlink("../target", workspace.path("d/" + name)) == 0)
        let run = try run(arguments, to: "d", in: workspace)
        #expect([0, 1].contains(run.status), "\(run.errors)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: workspace.path("d/" + name)) == "../target")
        let mode = try FileManager.default.attributesOfItem(atPath: workspace.path("target"))[.posixPermissions]
        #expect(mode as? Int == 0o640)
        #expect(FileManager.default.contents(atPath: workspace.path("target")).map { $0.count > 3 } == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.path("d")) == [name])
    }

    @Test("a named pipe is written through and stays one", arguments: writing)
    func namedPipe(arguments: [String]) throws {
        let workspace = try Self.workspace()
        let place = "d/\(name(arguments))"
        let run = try run(
            arguments, to: "d", in: workspace, script: "mkdir d; mkfifo \(place); cat \(place) >through &",
            ending: "; status=$?; wait; exit $status")
        #expect([0, 1].contains(run.status), "\(run.errors)")
        #expect(try workspace.kind("d/" + name(arguments)) == S_IFIFO)
        let through = try Data(contentsOf: workspace.directory.appending(path: "through"))
        #expect(!through.isEmpty)
    }

    @Test("a device stays a device, and one that is full is an error",
        .enabled(if: Privileges.canMakeDevices, "making and opening a device node needs root"), arguments: writing)
    func device(arguments: [String]) throws {
        for (minor, codes) in [(3, [Int32(0), 1]), (7, [74])] {
            let workspace = try Self.workspace()
            let place = "d/\(name(arguments))"
            let run = try run(
                arguments, to: "d", in: workspace, script: "mkdir d && mknod \(place) c 1 \(minor) &&")
            #expect(codes.contains(run.status), "\(run.errors)")
            #expect(try workspace.kind(place) == S_IFCHR)
            if minor == 7 {
                #expect(run.errors.contains("\(place): cannot be written: No space left on device"), "\(run.errors)")
            }
        }
    }

    @Test("a socket is refused and stays one", arguments: writing)
    func socketIsRefused(arguments: [String]) throws {
        let workspace = try Self.workspace()
        let place = "d/\(name(arguments))"
        let run = try run(
            arguments, to: "d", in: workspace,
            script: "mkdir d && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"\(place)\")' &&")
        #expect(run.status == 74, "\(run.errors)")
        #expect(run.errors.contains("\(place): cannot be written"), "\(run.errors)")
        #expect(try workspace.kind(place) == S_IFSOCK)
    }

    @Test("a full disk leaves the old file and nothing else",
        .enabled(if: Privileges.canMount, "mounting a small disk needs root"), arguments: writing)
    func fullDisk(arguments: [String]) throws {
        let workspace = try Self.workspace()
        let place = "d/\(name(arguments))"
        // A page for the old file, one that is filled, and none left.
        let run = try run(
            arguments, to: "d", in: workspace,
            script: "mkdir d && mount -t tmpfs -o size=8k,mode=755 none d && echo old >\(place)"
                + " && head -c 4096 /dev/zero >d/filler && trap 'cat \(place) >was; ls -A d >names' EXIT;")
        #expect(run.status == 74, "\(run.errors)")
        #expect(run.errors.contains("\(place): cannot be written: No space left on device"), "\(run.errors)")
        #expect(try workspace.text("was") == "old\n")
        #expect(try Set(workspace.text("names").split(separator: "\n")) == ["filler", Substring(name(arguments))])
    }

    @Test("a folder that is read-only", .enabled(if: Privileges.canMount, "mounting a disk needs root"),
        arguments: writing)
    func readOnlyFolder(arguments: [String]) throws {
        let workspace = try Self.workspace()
        let run = try run(
            arguments, to: "d", in: workspace,
            script: "mkdir d && mount -t tmpfs none d && mount -o remount,ro d &&")
        #expect(run.status == 74, "\(run.errors)")
        #expect(run.errors.contains("d/\(name(arguments)): cannot be written: Read-only file system"), "\(run.errors)")
    }

    @Test("a folder that is missing or no folder", arguments: writing.dropLast())
    func missingFolder(arguments: [String]) throws {
        let workspace = try Self.workspace()
        for directory in ["nowhere", "case.safetensors"] {
            let run = try run(arguments, to: directory, in: workspace)
            #expect(run.status == 74, "\(run.errors)")
            #expect(run.errors.contains("\(directory)/\(name(arguments)): cannot be written"), "\(run.errors)")
        }
        #expect(workspace.names == ["case.safetensors", "results.sqlite"])
    }

    @Test func `a report's directory that cannot be made`() throws {
        let workspace = try Self.workspace()
        let run = try Executable.run(
            ["report", "--output", "case.safetensors/page"] + Self.quickReport, in: workspace)
        #expect(run.status == 74)
        #expect(run.errors.contains("case.safetensors/page: cannot be written: Not a directory"), "\(run.errors)")
    }

    @Test("a result store on a full disk or in a read-only folder",
        .enabled(if: Privileges.canMount, "mounting a disk needs root"),
        arguments: ["mount -t tmpfs -o size=4k none d", "mount -t tmpfs none d && mount -o remount,ro d"])
    func store(mount: String) throws {
        let workspace = try Self.workspace()
        let run = try Executable.run(
            Self.study + ["--quiet", "--store", "d/s.sqlite"], in: workspace, prelude: "mkdir d && \(mount) &&")
        #expect(run.status == 74, "\(run.errors)")
        #expect(run.errors.hasPrefix("Error: d/s.sqlite: cannot be written"), "\(run.errors)")
    }
}

/// What this process may do, for tests that need more than an ordinary user may.
enum Privileges {
    /// A device node of one's own can be made, and opened.
    static let canMakeDevices = succeeds("mknod null c 1 3 && echo >null")
    /// A disk can be mounted where nobody else sees it.
    static let canMount = succeeds("unshare -m mount -t tmpfs none .")

    private static func succeeds(_ script: String) -> Bool {
        guard let workspace = try? Workspace() else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = workspace.directory
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

extension String {
    /// The text without its numbers, some of which are times, and without what depends on their width.
    fileprivate var withoutNumbers: String {
        replacingOccurrences(of: "[-─\\s]+", with: " ", options: .regularExpression)
            .replacingOccurrences(
                of: "( ?[0-9][0-9.e+-]*( (ns|µs|ms|s)\\b)? ?)+", with: "#", options: .regularExpression)
    }
}

extension Workspace {
    /// What kind of thing stands there, as `stat` says it.
    func kind(_ name: String) throws -> mode_t {
        var status = stat()
        try #require(lstat(path(name), &status) == 0)
        return status.st_mode & S_IFMT
    }
}
