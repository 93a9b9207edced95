import Foundation
import Testing

/// Training of graphs from the command line, on the built-in digits.
@Suite struct GraphTrainingTests {
    /// A convolution of 8×8 digits with a linear map on top.
    private static let description = """
        {"version": 1, "input": {"name": "x", "shape": [1, 8, 8]},
         "nodes": [
           {"name": "c", "activation": "relu", "from": [{"node": "x", "maps": [
             {"kind": "convolution", "weight": "k", "bias": "b", "stride": [2, 2]}]}]},
           {"name": "o", "activation": "identity", "from": [{"node": "c", "maps": [
             {"kind": "flatten"}, {"kind": "dense", "weight": "v", "bias": "d"}]}]}],
         "output": "o", "tensors": {"k": [4, 1, 4, 4], "b": [4], "v": [10, 36], "d": [10]}}
        """

    private static let small = [
        "--network", "graph.json", "--batch-size", "8", "--iterations", "300", "--seeds", "1", "--test-examples", "200",
        "--quiet",
    ]

    private func workspace(_ description: String = description) throws -> Workspace {
        let workspace = try Workspace()
        try Data(description.utf8).write(to: URL(fileURLWithPath: workspace.path("graph.json")))
        return workspace
    }

    @Test func `a convolution learns the digits, and its runs are stored and shown`() throws {
        let workspace = try workspace()
        let study = ["stability"] + Self.small + ["--rules", "bp,il-adam,paper-conv", "--alpha", "0.01,1e200", "--epsilon", "1"]
        let run = try Executable.run(study + ["--format", "json"], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("graph of 2 nodes, 438 parameters in 4 tensors, relu"))
        let store = try Executable.run(["results", "list", "--format", "csv"], in: workspace)
        let runs = store.output.split(whereSeparator: \.isNewline).filter { $0.contains("B=8 seed 1 digits") }
        #expect(runs.count == 6, "\(store.output)")
        var accuracies: [String: Double] = [:]
        var diverged = 0
        for run in try StoredRun.all(in: workspace) {
            #expect((run.configuration["graph"] as? [String: Any])?["output"] as? String == "o")
            let last = try #require(run.rows.last)
            if last["isDiverged"] as? Bool == true { diverged += 1 }
            if run.configuration["learningRate"] as? Double == 0.01 { accuracies[run.rule] = last["testAccuracy"] as? Double }
        }
        #expect(diverged >= 1, "bp at 1e200")
        #expect(try #require(accuracies["il-adam"]) > 0.6 && accuracies.count == 3, "\(accuracies)")
        let key = try #require(runs.first).split(separator: ",")[2]
        let shown = try Executable.run(["results", "show", String(key)], in: workspace)
        #expect(shown.status == 0 && shown.output.contains("graph"), "\(shown.errors)")
    }

    @Test func `halves, resumed, are the whole`() throws {
        let study = ["convergence", "--network", "graph.json"] + Self.small.dropFirst(2).filter { $0 != "--batch-size" && $0 != "8" }
            + ["--batch-sizes", "8", "--rules", "bp,bp-adam,paper-conv-adam", "--alpha", "0.01", "--adam-alpha", "0.001",
               "--checkpoint-interval", "0"]
        let (whole, halves) = (try workspace(), try workspace())
        let reference = try Executable.run(study, in: whole)
        #expect(reference.status == 0, "\(reference.errors)")
        #expect(try Executable.run(study + ["--shard", "1/2"], in: halves).status == 0)
        let process = try RunningProgram(study, in: halves)
        usleep(100_000)
        process.send(SIGKILL)
        _ = try process.end()
        let resumed = try Executable.run(study, in: halves)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output == reference.output)
    }

    @Test func `an autoencoder with a convolution lowers its loss`() throws {
        let description = Self.description.replacingOccurrences(of: "[10, 36]", with: "[64, 36]")
            .replacingOccurrences(of: "\"d\": [10]", with: "\"d\": [64]")
        let run = try Executable.run(
            ["autoencoder"] + Self.small.filter { $0 != "--batch-size" && $0 != "8" }
                + ["--batch-sizes", "8", "--rules", "bp-adam", "--adam-alpha", "0.003", "--format", "json", "--targets", "0.6"],
            in: try workspace(description))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("graph of 2 nodes"))
    }

    @Test func `the paper's network trains on padded digits, and Slurm scripts carry it`() throws {
        let workspace = try Workspace()
        let study = [
            "stability", "--network", "paper-cnn", "--batch-size", "2", "--iterations", "2", "--seeds", "1", "--rules",
            "bp-adam", "--alpha", "2e-5", "--test-examples", "10", "--quiet",
        ]
        let run = try Executable.run(study + ["--format", "json"], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("paper-cnn relu") && run.output.contains("digits padded=3x32x32"))
        let slurm = try Executable.run(study + ["--slurm", "job.sh"], in: workspace)
        #expect(slurm.status == 0, "\(slurm.errors)")
        let script = try String(contentsOfFile: workspace.path("job.sh"), encoding: .utf8)
        #expect(script.contains("--network paper-cnn"))
    }

    @Test func `the published experiment has its rules and constants, whatever the data`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            [
                "convergence", "--experiment", "cifar10-cnn", "--data", "digits", "--batch-sizes", "2", "--iterations", "1",
                "--seeds", "1", "--test-examples", "4", "--quiet",
            ], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        let runs = try StoredRun.all(in: workspace)
        let published = try #require(runs.first { $0.rule == "paper-conv-adam" }).configuration
        let constants = try #require(published["constants"] as? [String: Any])
        #expect(published["learningRate"] as? Double == 1e-4 && published["precision"] as? String == "double")
        #expect(constants["epsilon"] as? Double == 15 && constants["targetRate"] as? Double == 8e-6)
        #expect(constants["steps"] as? Int == 8 && constants["leakStepSize"] as? Double == 0)
        #expect(Set(runs.map(\.rule)) == ["bp-adam", "il-adam", "paper-conv-adam"])
    }

    @Test("what graphs cannot be trained with is refused in words", arguments: [
        (["--sizes", "64-8-10"], 64, "--sizes"), (["--precision", "single"], 64, "--precision single"),
        (["--hold", "biases"], 64, "--hold"), (["--no-bias"], 64, "--no-bias"), (["--activation", "tanh"], 64, "--activation"),
        (["--representation"], 64, "--representation"), (["--rules", "implicit"], 64, "no rule 'implicit' for graphs"),
        (["--rules", "bp-mq"], 64, "bp-mq"), (["--rules", "bp", "--epsilon", "15"], 64, "--epsilon"),
        (["--rules", "il", "--nudge", "0.5"], 64, "--nudge"), (["--data", "gaussian"], 65, "gaussian"),
        (["--network", "lenet"], 64, "--network lenet: expected paper-cnn or a file"),
        (["--network", "."], 64, "--network .: expected"),
    ] as [([String], Int32, String)])
    func refusals(_ arguments: [String], _ status: Int32, _ words: String) throws {
        let run = try Executable.run(["stability"] + Self.small + arguments, in: try workspace())
        #expect(run.status == status && run.errors.contains(words) && run.output.isEmpty, "\(run.status): \(run.errors)")
    }

    @Test func `paper-conv is no rule of chains`() throws {
        let run = try Executable.run(["stability", "--rules", "paper-conv", "--quiet"])
        #expect(run.status == 64 && run.errors.contains("there is no rule 'paper-conv' for chains"), "\(run.errors)")
    }

    @Test("a description that cannot be trained is refused by what is wrong with it", arguments: [
        (#", "tensors": {"k": [4, 1, 4, 4], "b": [4], "v": [10, 36], "d": [10]}"#, "", "has no \"tensors\""),
        ("[10, 36], \"d\": [10]", "[9, 36], \"d\": [9]", "the graph has 9 outputs, expected 10"),
        ("[10, 36]", "[10, 35]", "tensor \"v\" has shape [10, 35], expected [10, 36]"),
        ("\"d\": [10]}", "\"d\": [10], \"e\": [3]}", "\"e\""),
        ("\"output\": \"o\",", "\"output\": \"o\", \"loss\": \"squared-error\",", "its loss is squared-error"),
        ("\"version\": 1", "\"version\": 3", "version"), ("\"relu\"", "\"rely\"", "rely"), ("{\"version\"", "\"version\"", "JSON"),
        ("[1, 8, 8]", "[1, 9, 8]", "the images of digits"),
    ])
    func descriptions(_ old: String, _ new: String, _ words: String) throws {
        #expect(Self.description.contains(old))
        let text = Self.description.replacingOccurrences(of: old, with: new)
        let run = try Executable.run(["stability"] + Self.small, in: try workspace(text))
        #expect((run.status == 64 || run.status == 65) && run.errors.contains(words) && run.output.isEmpty, "\(run.status): \(run.errors)")
    }
}
