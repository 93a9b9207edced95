import CaseFiles
import DataSets
import Foundation
import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// `verify-cli prox` against closed forms and against the definition.
struct ProxCommandTests {
    /// The keys that programs may rely on, in order.
    static let keys = [
        "alpha", "outcome", "isExact", "outcomeText", "proximalObjective", "lossBefore", "lossAfter",
        "implicitResidual", "tolerance", "updateNorm", "smallestCurvature", "curvature",
        "kinkedUnits", "iterations", "factorizations", "hessianProducts", "seconds", "processorSeconds",
        "solver", "certificate", "refusal", "refusalText", "residualBound", "lostPart", "zeroBound",
        "writtenResidual", "writtenLostPart", "minimum",
        "minimumText", "certificateSeconds", "provenance",
    ]

    /// What `--proved` adds, after `certificateSeconds`.
    static let proofKeys = [
        "provedDistance", "provedRadius", "provedUniquenessRadius", "provedContraction", "provedMinimum",
        "provedHeldUnits", "provedObjectiveLower", "provedObjectiveUpper", "provedLossLower", "provedLossUpper",
        "notEnclosed", "notEnclosedText",
    ]

    /// `P(θ⁺) = ½/(1 + 10α)` and `L(θ⁺) = ½/(1 + 10α)²` for the linear case.
    @Test func `a proof has its keys and bounds the closed form`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        let run = try Executable.run(
            ["prox", path, "--loss", "squared-error", "--alpha", "1", "--proved", "--format", "json"], in: workspace)
        let object = try run.object()
        #expect(Set(object.keys) == Set(Self.keys + Self.proofKeys))
        #expect(object["certificate"] as? String == "enclosed" && object["provedMinimum"] as? Bool == true)
        #expect(object["provedDistance"] as? Double ?? 1 < 1e-14 && object["provedRadius"] as? Double ?? 1 < 1e-15)
        for (key, value) in [("Objective", 0.5 / 11), ("Loss", 0.5 / 121)] {
            let lower = try #require(object["proved\(key)Lower"] as? Double)
            let upper = try #require(object["proved\(key)Upper"] as? Double)
            #expect(lower <= value.nextUp && value.nextDown <= upper && upper - lower < 1e-14)
        }
    }

    @Test func `what is not proved says why, and is exact all the same`() throws {
        let workspace = try Workspace()
        // More activities than are tried.
        let path = try workspace.write([
            Tensor(name: "layers.0.weight", shape: [3001, 1], values: Array(repeating: 1, count: 3001)),
            Tensor(name: "x", shape: [1, 1], values: [3]),
            Tensor(name: "y", shape: [1, 3001], values: Array(repeating: 0, count: 3001)),
        ])
        let run = try Executable.run(
            ["prox", path, "--loss", "squared-error", "--proved", "--format", "json"], in: workspace)
        let object = try run.object()
        #expect(run.status == 0 && object["isExact"] as? Bool == true && object["certificate"] as? String == "residual")
        #expect(object["notEnclosed"] as? String == "too-large" && object["provedDistance"] is NSNull)
        #expect((object["notEnclosedText"] as? String)?.hasPrefix("not decided") == true)
    }

    /// What is proved to be a minimum is not said to be unproved.
    @Test func `the words about a minimum are those of the proof`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        for (flags, curvature, ending) in [
            ([], "positive-by-factorization", "not proved"), (["--proved"], "proved-positive", "a strict local minimum"),
        ] {
            let run = try Executable.run(["prox", path, "--activation", "tanh", "--format", "json"] + flags, in: workspace)
            let object = try run.object()
            #expect(object["minimum"] as? String == "strict" && object["curvature"] as? String == curvature)
            #expect((object["minimumText"] as? String)?.hasSuffix(ending) == true)
        }
    }

    /// Rates of a mini-batch that depend on each other, and a learning rate for each layer.
    @Test(arguments: [[], ["--alpha-layers", "0.5,2"]]) func `more examples than a layer is wide are proved`(rates: [String]) throws {
        let workspace = try Workspace()
        let path = try workspace.write([
            Tensor(name: "layers.0.weight", shape: [2, 2], values: [1, 2, -0.5, 0.25]),
            Tensor(name: "layers.1.weight", shape: [1, 2], values: [0.5, -1]),
            Tensor(name: "x", shape: [3, 2], values: [3, -1, 1, 1, 4, 0]),
            Tensor(name: "y", shape: [3, 1], values: [0, 1, 0.5]),
        ])
        let run = try Executable.run(
            ["prox", path, "--activation", "tanh", "--loss", "squared-error", "--proved", "--format", "json"] + rates, in: workspace)
        let object = try run.object()
        #expect(object["certificate"] as? String == "enclosed" && object["provedMinimum"] as? Bool == true)
        #expect(object["provedDistance"] as? Double ?? 1 < 1e-10)
    }

    @Test("T5: one linear layer has its closed form", arguments: [0.001, 0.1, 1, 30, 1e4])
    func linearLayer(alpha: Double) throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        // Double precision supports about ε·α·ρ, and the curvature ρ is 10 here.
        let tolerance = max(1e-12, alpha * 1e-13)
        let run = try Executable.run(
            [
                "prox", path, "--loss", "squared-error", "--alpha", "\(alpha)", "--tolerance",
                "\(tolerance)",
                "--format", "json", "--output", "plus.safetensors",
            ], in: workspace)
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let object = try run.object()
        // W x = 1, y = 0, ‖x‖² = 10: the output becomes 1/(1 + 10α), the weights W − α/(1 + 10α)·x.
        let output = 1 / (1 + 10 * alpha)
        func expectNumber(_ key: String, _ value: Double) {
            let found = object[key] as? Double ?? .nan
            #expect(abs(found - value) <= 10 * tolerance * abs(value), "\(key): \(found), expected \(value)")
        }
        expectNumber("alpha", alpha)
        expectNumber("lossBefore", 0.5)
        expectNumber("lossAfter", output * output / 2)
        expectNumber("updateNorm", alpha * output * 10.0.squareRoot())
        expectNumber("proximalObjective", output / 2)
        #expect(object["outcome"] as? String == "converged")
        #expect(object["implicitResidual"] as? Double ?? 1 <= tolerance)
        let weights = try workspace.read("plus.safetensors").tensor(named: "layers.0.weight")
        #expect(weights.shape == [1, 2])
        #expect(weights.elementType == .float64)
        #expect(abs(weights.values[0] - (1 - 3 * alpha * output)) < 1e-12)
        #expect(abs(weights.values[1] - (2 + alpha * output)) < 1e-12)
    }

    @Test func `the JSON object is flat and its keys are stable`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let run = try Executable.run(
            ["prox", path, "--activation", "tanh", "--format", "json"], in: workspace)
        let lines = run.lines.filter { $0.hasPrefix("  \"") }
        #expect(lines.compactMap { $0.split(separator: "\"").dropFirst().first.map(String.init) } == Self.keys)
        let object = try run.object()
        #expect(Set(object.keys) == Set(Self.keys))
        for (key, value) in object where key != "provenance" {
            #expect(!(value is [Any]) && !(value is [String: Any]), "\(key)")
        }
        // What a factorization in double precision found is no proof, and is not called one.
        #expect(object["curvature"] as? String == "positive-by-factorization")
        #expect(object["minimum"] as? String == "strict")
        #expect((object["minimumText"] as? String)?.hasSuffix("not proved") == true)
        let provenance = try #require(object["provenance"] as? [String: Any])
        #expect(provenance["network"] as? String == "3-4-2 tanh with bias")
        for key in ["version", "command", "blas", "blasThreads", "loss", "solverTolerance", "moves"] {
            #expect(provenance[key] != nil, "\(key)")
        }
    }

    /// Reads the weights back and evaluates the implicit equation by its definition.
    @Test("the weights written satisfy the implicit equation", arguments: [
        (Activation.tanh, Loss.squaredError), (.relu, .softmaxCrossEntropy),
        (.gelu, .sigmoidCrossEntropy), (.softplus, .softmaxCrossEntropy),
    ])
    func roundTrip(activation: Activation, loss: Loss) throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let run = try Executable.run(
            [
                "prox", path, "--activation", activation.name, "--loss", loss.name, "--alpha", "0.7",
                "--tolerance", "1e-12", "--output", "plus.safetensors", "--format", "json",
            ], in: workspace)
        try #require(run.status == 0, "\(run.errors)")
        let plus = try workspace.read("plus.safetensors")
        #expect(
            plus.tensors.map(\.name).sorted() == [
                "layers.0.bias", "layers.0.weight", "layers.1.bias", "layers.1.weight",
            ])
        #expect(plus.metadata["loss"] == loss.name)
        #expect(plus.metadata["activation"] == activation.name)
        let file = try CaseFile(
            path: workspace.path(path), activations: [activation], loss: loss)
        let (update, _) = try file.update(after: workspace.path("plus.safetensors"))
        let problem = try ProximalProblem(
            network: file.network, batch: file.batch, loss: file.loss, learningRate: 0.7)
        if try run.object()["kinkedUnits"] as? Int == 0 {
            #expect(problem.implicitResidual(of: update) < 1e-12)
        }
        let norm = try #require(try run.object()["updateNorm"] as? Double)
        #expect(abs(update.norm - norm) <= 1e-13 * norm)
    }

    @Test func `the layout is row-major and the bias is its own tensor`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let file = try CaseFile(
            path: workspace.path(path), activations: [.tanh], loss: .squaredError)
        let tensor = CaseFixtures.deep()[0]
        let layer = file.network.parameters.layers[0]
        #expect(layer.shape == "4×4")
        #expect(layer[1, 2] == tensor.values[1 * 3 + 2])
        #expect(layer[2, 3] == CaseFixtures.deep()[1].values[2])
        #expect(file.batch.inputs.shape == "3×2")
        #expect(file.batch.inputs[2, 1] == CaseFixtures.deep()[4].values[1 * 3 + 2])
        try file.write(Parameters(zerosFor: file.network.architecture), to: workspace.path("same"))
        for name in ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"] {
            let before = try #require(CaseFixtures.deep().first { $0.name == name })
            #expect(try workspace.read("same").tensor(named: name) == before)
        }
    }

    @Test("F32 cases give F64 weights unless asked otherwise", arguments: [true, false])
    func elementTypes(keeps: Bool) throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep(.float32))
        let run = try Executable.run(
            ["prox", path, "--activation", "tanh", "--output", "plus.safetensors"]
                + (keeps ? ["--output-type", "as-in-case"] : []), in: workspace)
        #expect(run.status == 0)
        #expect(run.output.contains("F32, widened"))
        for tensor in try workspace.read("plus.safetensors").tensors {
            #expect(tensor.elementType == (keeps ? .float32 : .float64))
        }
    }

    /// Guards: a file called exact whose weights are not those that were certified.
    @Test func `a file of F32 says how far rounding took it`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep(.float32))
        let options = [
            "prox", path, "--activation", "tanh", "--loss", "squared-error", "--output", "plus.safetensors",
        ]
        let run = try Executable.run(
            options + ["--output-type", "as-in-case", "--format", "json"], in: workspace)
        let object = try run.object()
        let residual = try #require(object["writtenResidual"] as? Double)
        let lost = try #require(object["writtenLostPart"] as? Double)
        // Half a unit of F32 in weights about as long as the update.
        #expect(residual > 1e-8 && residual < 1e-5 && lost > 1e-9 && lost < 1e-6, "\(residual) \(lost)")
        // The residual of the file itself, by the definition.
        let file = try CaseFile(path: workspace.path(path), activations: [.tanh], loss: .squaredError)
        let problem = try ProximalProblem(
            network: file.network, batch: file.batch, loss: .squaredError, learningRate: 1)
        let update = try file.update(after: workspace.path("plus.safetensors")).update
        #expect(abs(problem.implicitResidual(of: update) / residual - 1) < 1e-6)
        let text = try Executable.run(options + ["--output-type", "as-in-case"], in: workspace).output
        #expect(text.contains("The file holds F32: rounding moved the new weights by"))
        #expect(try Executable.run(options + ["--format", "json"], in: workspace).object()["writtenResidual"] is NSNull)
    }

    /// Guards: an exit code of failure, or silence, where the targets are the outputs.
    @Test func `targets equal to the outputs are answered with zero`() throws {
        let workspace = try Workspace()
        let tensors = CaseFixtures.linear.setting("layers.0.weight", 0, to: 0.1).setting("layers.0.weight", 1, to: 0.7)
        // 0.1·3 − 0.7, rounded.
        let path = try workspace.write(tensors.setting("y", 0, to: 0.1 * 3 - 0.7))
        let options = ["prox", path, "--loss", "squared-error", "--alpha", "100", "--output", "plus.safetensors"]
        let run = try Executable.run(options + ["--format", "json"], in: workspace)
        let object = try run.object()
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(object["certificate"] as? String == "zero" && object["isExact"] as? Bool == false)
        #expect(try #require(object["zeroBound"] as? Double) < 1e-13)
        #expect(try workspace.read("plus.safetensors").tensor(named: "layers.0.weight").values == [0.1, 0.7])
        let text = try Executable.run(options, in: workspace).output
        #expect(text.contains("Implicit update: zero to rounding") && text.contains("the update is zero to rounding"))
    }

    @Test func `a solve that stops is not called exact, and nothing is written`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        try Data("old".utf8).write(to: URL(fileURLWithPath: workspace.path("plus.safetensors")))
        for format in ["text", "json", "csv", "markdown"] {
            let run = try Executable.run(
                [
                    "prox", path, "--activation", "tanh", "--iteration-limit", "1", "--alpha", "10",
                    "--loss", "squared-error", "--format", format, "--output", "plus.safetensors",
                ], in: workspace)
            #expect(run.status == 70)
            #expect(run.output.contains("stopped at the iteration limit"))
            #expect(run.errors.contains("case.safetensors: stopped at the iteration limit"))
            #expect(run.errors.contains("Nothing was written to plus.safetensors"))
            let claims = run.output.replacingOccurrences(of: "\"isExact\": false", with: "")
            #expect(!claims.lowercased().contains("exact"))
            #expect(try workspace.text("plus.safetensors") == "old")
            #expect(workspace.names == ["case.safetensors", "plus.safetensors"])
        }
    }

    /// 1-1-1 ReLU with all parameters 0 has a saddle at which the hidden unit's kink decides nothing: P = 0.04545, and P
    /// falls along `w₁ = b₁ = ε/√2, w₂ = ε`.
    @Test(arguments: [true, false])
    func `a saddle is never called exact`(hasBias: Bool) throws {
        let workspace = try Workspace()
        var tensors = [Tensor]().adding("layers.0.weight", [1, 1], [0])
            .adding("layers.1.weight", [1, 1], [0]).adding("x", [1, 1], [1]).adding("y", [1, 1], [1])
        if hasBias { tensors = tensors.adding("layers.0.bias", [1], [0]).adding("layers.1.bias", [1], [0]) }
        let path = try workspace.write(tensors)
        let run = try Executable.run(
            [
                "prox", path, "--activation", "relu", "--loss", "squared-error", "--alpha", "10", "--format",
                "json",
            ], in: workspace)
        let object = try run.object()
        let objective = try #require(object["proximalObjective"] as? Double)
        let isSaddle = objective > (hasBias ? 0.0454 : 0.49)
        #expect(object["isExact"] as? Bool == !isSaddle)
        #expect(object["refusal"] as? String == (isSaddle ? "saddle" : nil))
        #expect(run.status == (isSaddle ? 70 : 0))
        #expect(!isSaddle || run.errors.contains("a saddle point"))
    }

    @Test func `a missing output directory is an error before anything is printed`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        let run = try Executable.run(
            ["prox", path, "--activation", "tanh", "--loss", "squared-error", "--output", "no/plus"],
            in: workspace)
        #expect(run.status == 74)
        #expect(run.output.isEmpty)
        #expect(
            run.errors == "Error: no/plus: cannot be written: No such file or directory"
                + " (creating a temporary file beside it)\n")
        #expect(workspace.names == ["case.safetensors"])
    }

    @Test func `one activation for each hidden layer`() throws {
        let workspace = try Workspace()
        let deeper = CaseFixtures.deep().adding("layers.2.weight", [2, 2], [0.5, -0.5, 1, 0.25])
        let path = try workspace.write(deeper)
        let run = try Executable.run(
            ["prox", path, "--activation", "tanh,softplus", "--loss", "squared-error"], in: workspace)
        #expect(run.status == 0)
        #expect(run.output.contains("3-4-2-2 tanh,softplus bias in layers 0,1"))
    }

    @Test func `activation and loss from the metadata, extra tensors ignored`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(
            CaseFixtures.deep().adding("extra.note", [1], [.nan]),
            metadata: ["activation": "softplus", "loss": "sigmoid-cross-entropy"])
        let run = try Executable.run(["prox", path, "--format", "json"], in: workspace)
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let provenance = try #require(try run.object()["provenance"] as? [String: Any])
        #expect(provenance["network"] as? String == "3-4-2 softplus with bias")
        #expect(provenance["loss"] as? String == "sigmoid-cross-entropy")
        #expect(provenance["lossOrigin"] as? String == "from the file's metadata")
    }

    @Test func `text output in whole`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        let run = try Executable.run(
            ["prox", path, "--loss", "squared-error", "--alpha", "0.1"], in: workspace)
        let expected = """
            Exact implicit update
            =====================

            The solution
            """
        #expect(run.output.hasPrefix(expected))
        // Columns are as wide as the residual, whose digits are not stable.
        let lines = run.lines.map { $0.split(separator: " ").joined(separator: " ") }
        for line in [
            "proximalObjective 0.25 P_α(θ⁺) = L(θ⁺) + ‖Δ‖²/(2α)", "alpha 0.1 learning rate α",
            "lossBefore 0.5 L(θ_b)", "lossAfter 0.125 L(θ⁺)", "updateNorm 0.1581 ‖Δ‖",
            "tolerance 1e-10 the bound asked for",
            "Outcome: converged to the tolerance.",
            "network 2-1 linear without bias",
        ] {
            #expect(lines.contains(line), "\(line)\n\(run.output)")
        }
        #expect(run.lines.allSatisfy { $0.count <= 100 })
    }
}
