import Foundation
import Randomness
import Testing

/// Studies as users run them: interrupted, killed, shared out, side by side. A tiny network on the
/// built-in digits, saved after every slice of work.
@Suite(.serialized) struct StudyCommandTests {
    private static let study = [
        "stability", "--sizes", "64-8-10", "--iterations", "3000", "--seeds", "2", "--rules",
        "bp,il-prox,il-adam", "--alpha", "0.1,1000", "--compare-every", "300", "--test-examples", "100",
        "--checkpoint-interval", "0", "--quiet",
    ]

    /// What an uninterrupted run prints and stores; made once.
    private static let reference = Result { try Reference() }

    private struct Reference: Sendable {
        let output: String
        let export: String
        let seconds: Double

        init() throws {
            let workspace = try Workspace()
            let began = ContinuousClock.now
            let run = try Executable.run(StudyCommandTests.study, in: workspace)
            seconds = (ContinuousClock.now - began) / .seconds(1)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.isEmpty, "\(run.errors)")
            output = run.output
            export = try StudyCommandTests.export(workspace)
            #expect(workspace.names == ["results.sqlite"], "nothing else is left behind")
        }
    }

    private static func export(_ workspace: Workspace, _ store: String = "results.sqlite") throws -> String {
        let run = try Executable.run(
            ["results", "export", "--format", "jsonl", "--store", store], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.split(separator: "\n").count == 12)
        return run.output
    }

    @Test func `killed at random points and resumed, the numbers are the same to the last bit`() throws {
        let reference = try Self.reference.get()
        var generator = RandomGenerator(seed: UInt64.random(in: 0 ... .max))
        for _ in 0..<2 {
            let workspace = try Workspace()
            var kills = 0
            var last: Executable.Run
            repeat {
                let process = try RunningProgram(Self.study, in: workspace)
                // The last attempts get all the time they need.
                if kills < 12 {
                    Thread.sleep(forTimeInterval: reference.seconds * 0.4 * generator.nextUniform())
                    process.send(SIGKILL)
                }
                last = try process.end()
                #expect(last.status == 0 || last.status == -SIGKILL, "\(last.errors)")
                kills += 1
            } while last.status != 0
            #expect(kills > 2, "the study ended before it could be killed")
            #expect(last.output == reference.output)
            #expect(try Self.export(workspace) == reference.export)
        }
    }

    @Test("Ctrl-C and SIGTERM save, say how to go on, and end with 128 + signal", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let reference = try Self.reference.get()
        let workspace = try Workspace()
        let process = try RunningProgram(Self.study, in: workspace)
        while process.isRunning, !workspace.exists("results.sqlite") { usleep(2000) }
        process.send(signal)
        let first = try process.end()
        #expect(first.status == 128 + signal, "\(first.errors)")
        #expect(first.output.isEmpty)
        #expect(first.errors.contains("of 12 runs are finished. The same command goes on"))
        #expect(first.errors.contains(Self.study.joined(separator: " ")))
        #expect(workspace.names == ["results.sqlite"], "the store was closed")
        let second = try Executable.run(Self.study, in: workspace)
        #expect(second.status == 0)
        #expect(second.output == reference.output)
        #expect(try Self.export(workspace) == reference.export)
    }

    @Test func `two processes share one store, and one of them may be killed`() throws {
        let reference = try Self.reference.get()
        let workspace = try Workspace()
        let processes = try (0..<3).map { _ in
            try RunningProgram(Self.study + ["--threads", "1"], in: workspace)
        }
        Thread.sleep(forTimeInterval: reference.seconds * 0.4)
        processes[0].send(SIGKILL)
        for process in processes.dropFirst() {
            let end = try process.end()
            #expect(end.status == 0, "\(end.errors)")
        }
        _ = try processes[0].end()
        #expect(try Self.export(workspace) == reference.export)
    }

    @Test func `shares, merged, are the whole`() throws {
        let reference = try Self.reference.get()
        let workspace = try Workspace()
        for index in 1...3 {
            let run = try Executable.run(
                Self.study + ["--shard", "\(index)/3", "--store", "part-\(index).sqlite"], in: workspace)
            #expect(run.status == 0)
            #expect(run.output.contains("4 runs, 0 of them unfinished."))
        }
        let incomplete = try Executable.run(
            Self.study + ["--tables-only", "--store", "part-1.sqlite"], in: workspace)
        #expect(incomplete.status == 75)
        #expect(incomplete.errors == "8 of 12 runs are missing in part-1.sqlite.\n")
        #expect(incomplete.output.contains("8 runs are not finished and are left out."))
        let merge = try Executable.run(
            ["results", "merge", "--store", "results.sqlite"] + (1...3).map { "part-\($0).sqlite" },
            in: workspace)
        #expect(merge.status == 0)
        #expect(merge.errors.contains("part-3.sqlite: 4 runs added, 0 advanced, 0 as they were."))
        #expect(try Self.export(workspace) == reference.export)
        let tables = try Executable.run(Self.study + ["--tables-only"], in: workspace)
        #expect(tables.status == 0)
        #expect(
            tables.output.replacing(" --tables-only", with: "") == reference.output)
    }

    @Test func `rows do not depend on threads or on the checkpoint interval`() throws {
        let reference = try Self.reference.get()
        let workspace = try Workspace()
        let run = try Executable.run(
            Self.study.dropLast(3) + ["--quiet", "--threads", "1", "--checkpoint-interval", "1000"],
            in: workspace)
        #expect(run.status == 0)
        #expect(try Self.export(workspace) == reference.export)
    }

    @Test("a file that is no store is named, and stays as it was", arguments: [
        Array("not a database, and not to be overwritten".utf8), [],
        Array("SQLite format 3\0".utf8) + Array(repeating: 0, count: 4080),
    ] as [[UInt8]])
    func foreign(bytes: [UInt8]) throws {
        let workspace = try Workspace()
        try Data(bytes).write(to: URL(fileURLWithPath: workspace.path("mine.sqlite")))
        for arguments in [
            Self.study, ["phase", "--cases", "1"], ["results", "list"], ["results", "export"],
            ["results", "remove", "--unfinished"], ["results", "merge", "mine.sqlite"],
        ] {
            let run = try Executable.run(arguments + ["--store", "mine.sqlite"], in: workspace)
            #expect(run.status == 65, "\(arguments): \(run.errors)")
            #expect(run.errors.hasPrefix("Error: mine.sqlite: not a result store"), "\(run.errors)")
            #expect(run.output.isEmpty)
            #expect(workspace.names == ["mine.sqlite"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: workspace.path("mine.sqlite"))) == Data(bytes))
        }
    }

    @Test("wrong usage ends with 64 and says what is expected", arguments: [
        (["stability", "--rules", "il-equilibrum"], "there is no rule 'il-equilibrum'; did you mean 'il-equilibrium'"),
        (["stability", "--rules", "bp,il", "--target-alpha", "1"], "--target-alpha is not a constant of bp, il"),
        (["stability", "--alpha", "0"], "positive finite number"),
        (["stability", "--iterations", "0"], "--iterations must be between"),
        (["stability", "--seeds", "0"], "--seeds must be between"),
        (["stability", "--seed", "18446744073709551615"], "--seed is too large"),
        (["stability", "--shard", "3/2"], "3/2"),
        (["stability", "--shard", "1/2", "--slurm", "x"], "leave --shard out"),
        (["stability", "--checkpoint-interval", "nan"], "--checkpoint-interval"),
        (["stability", "--sizes", "64-999999999-10"], "weights"),
        (["stability", "--batch-size", "0"], "--batch-size"),
        (["convergence", "--targets", "1.5"], "a target must be"),
        (["convergence", "--batch-sizes", "1,0"], "whole numbers"),
        (["phase", "--depths", "101"], "--depths goes up to 100"),
        (["results", "remove"], "Say which runs"),
    ])
    func usage(arguments: [String], expected: String) throws {
        let workspace = try Workspace()
        let run = try Executable.run(arguments, in: workspace)
        #expect(run.status == 64, "\(run.errors)")
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(expected), "\(run.errors)")
        #expect(workspace.names.isEmpty)
    }

    @Test("data that do not fit end with 65 or 70, and name what is wrong", arguments: [
        (["stability", "--sizes", "63-8-10"], "63"), (["stability", "--sizes", "64-8-9"], "9"),
        (["stability", "--training-examples", "99999"], "99999"),
        (["stability", "--data", "gaussian"], "gaussian"),
        (["stability", "--data", "fashion-mnist", "--data-directory", "nowhere"], "nowhere"),
    ])
    func badData(arguments: [String], expected: String) throws {
        let run = try Executable.run(arguments + ["--iterations", "10", "--seeds", "1", "--quiet"])
        #expect(run.status == 65 || run.status == 70, "\(run.errors)")
        #expect(run.errors.contains(expected), "\(run.errors)")
    }

    @Test("a best learning rate at an end of its grid is said to be there", arguments: [
        ("0.0001,0.01,100", false), ("0.0001,0.001,0.01", true),
    ])
    func edgeOfGrid(grid: String, isAtEdge: Bool) throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            [
                "convergence", "--rules", "bp", "--batch-sizes", "1", "--alpha", grid, "--seeds", "1",
                "--iterations", "300", "--evaluate-every", "100", "--quiet",
            ], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("lies at an end of the grid") == isAtEdge, "\(run.output)")
    }

    /// Wide layers at mini-batch 64, whose products are taken in slices where the kernel allows it.
    @Test("single precision ends where double precision does, up to its rounding")
    func precisions() throws {
        var found: [[Double]] = []
        for precision in ["single", "double"] {
            let workspace = try Workspace()
            let run = try Executable.run(
                [
                    "stability", "--sizes", "64-256-256-10", "--batch-size", "64", "--rules", "il,il-prox",
                    "--alpha", "0.1", "--seeds", "1", "--iterations", "10", "--evaluate-every", "10",
                    "--precision", precision, "--format", "csv", "--quiet",
                ], in: workspace)
            #expect(run.status == 0, "\(run.errors)")
            let fields = run.output.split(whereSeparator: \.isNewline).map { $0.split(separator: ",") }
            found.append(
                fields.filter { $0.contains("loss") || $0.contains("updateNorm") }
                    .compactMap { $0.last.flatMap { Double($0) } })
        }
        try #require(found[0].count == 4 && found[1].count == 4, "\(found)")
        // 250 inference steps and updates, each off by a unit of rounding.
        for (single, double) in zip(found[0], found[1]) {
            #expect(abs(single - double) <= 250 * Double(Float.ulpOfOne) * double)
        }
    }

    @Test func `results are listed, shown and removed`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            ["trajectory", "--sizes", "64-6-10", "--iterations", "20", "--seeds", "1", "--rules",
             "il-exact,bp", "--alpha", "0.1", "--quiet"], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        let list = try Executable.run(["results", "list", "--format", "csv"], in: workspace)
        let export = try Executable.run(["results", "export"], in: workspace)
        let lines = export.output.split(separator: "\n")
        #expect(lines.count == 1 + 2 * 10)
        #expect(lines[0].hasPrefix("key,kind,version,"))
        #expect(lines[0].contains("configuration.learningRate"))
        let key = String(try #require(lines.last).prefix(12))
        #expect(list.output.contains(key))
        let show = try Executable.run(["results", "show", key], in: workspace)
        #expect(show.status == 0)
        #expect(show.output.contains("trajectory") && show.output.contains("learningRate"))
        let remove = try Executable.run(["results", "remove", key], in: workspace)
        #expect(remove.errors == "1 runs removed from results.sqlite.\n")
        let again = try Executable.run(["results", "show", key], in: workspace)
        #expect(again.status == 65)
        #expect(again.errors.contains("no run's key begins with '\(key)'"))
        let missing = try Executable.run(["results", "list", "--store", "none.sqlite"], in: workspace)
        #expect(missing.status == 65)
        #expect(!workspace.exists("none.sqlite"))
    }

    /// T8 says that il-exact is implicit SGD: two solvers that share no code follow one path.
    @Test func `il-exact follows the path of implicit SGD, backpropagation does not`() throws {
        let run = try Executable.run(
            ["trajectory", "--sizes", "64-6-10", "--activation", "tanh", "--iterations", "30", "--seeds", "1",
             "--rules", "il-exact,bp", "--alpha", "1", "--quiet", "--format", "json"])
        #expect(run.status == 0, "\(run.errors)")
        let export = run.output
        let numbers = export.matches(of: #/"relativeDistance": \{?"?[^0-9]*([0-9.e-]+)/#).compactMap {
            Double($0.1)
        }
        #expect(!numbers.isEmpty, "\(export.prefix(2000))")
        let half = numbers.count / 2
        #expect(numbers.prefix(half).allSatisfy { $0 < 1e-6 }, "\(numbers)")
        #expect(numbers.suffix(half).allSatisfy { $0 > 1e-2 }, "\(numbers)")
    }

    @Test func `the Slurm script is a shell script with the study's own options`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            Self.study + [
                "--store", "it's a store.sqlite", "--slurm", "job.sh", "--slurm-tasks", "40", "--slurm-cores=3",
                "--slurm-option=--time=1:00:00", "--slurm-option", "--partition=short",
            ], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        #expect(workspace.names == ["job.sh"])
        let script = try workspace.text("job.sh")
        // Twelve runs cannot be shared among forty tasks.
        #expect(script.contains("#SBATCH --array=1-12\n"))
        #expect(script.contains("#SBATCH --cpus-per-task=3\n"))
        #expect(script.contains("#SBATCH --time=1:00:00\n#SBATCH --partition=short\n"))
        #expect(script.contains("study=(\(Self.study.joined(separator: " ")))"))
        #expect(script.contains("export OPENBLAS_NUM_THREADS=1"))
        let check = Process()
        check.executableURL = URL(fileURLWithPath: "/bin/bash")
        check.arguments = ["-n", workspace.path("job.sh")]
        try check.run()
        check.waitUntilExit()
        #expect(check.terminationStatus == 0)
    }
}
