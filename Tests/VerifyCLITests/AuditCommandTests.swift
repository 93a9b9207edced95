import CaseFiles
import DataSets
import Foundation
import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Testing

/// `verify-cli audit` recognises updates that were made in known ways.
struct AuditCommandTests {
    private static let options = ["--activation", "tanh", "--loss", "squared-error"]

    private struct Fixture {
        let workspace = Result { try Workspace() }
        let type: Safetensors.ElementType
        var tensors: [Tensor]?

        /// Writes the case and the weights after `update`, then audits; with the weights from which a step before led
        /// here, if there was one.
        func audit(
            alpha: String?, format: String = "json", previous: ((CaseFile) -> Parameters<Double>)? = nil,
            _ update: (CaseFile) throws -> Parameters<Double>
        ) throws -> Executable.Run {
            let workspace = try workspace.get()
            let path = try workspace.write(tensors ?? CaseFixtures.deep(type))
            let file = try CaseFile(
                path: workspace.path(path), activations: [.tanh], loss: .squaredError)
            try file.write(
                try update(file), to: workspace.path("after.safetensors"), precision: .asInCase)
            if let previous {
                try file.write(previous(file), to: workspace.path("previous.safetensors"), precision: .asInCase)
            }
            return try Executable.run(
                ["audit", path, "after.safetensors", "--format", format]
                    + (previous == nil ? [] : ["--previous", "previous.safetensors"])
                    + (alpha.map { ["--alpha", $0] } ?? []) + AuditCommandTests.options, in: workspace)
        }
    }

    private static func gradient(_ file: CaseFile) -> Parameters<Double> {
        Linearization(network: file.network, batch: file.batch, loss: file.loss).gradient()
    }

    private static func exact(_ file: CaseFile, _ alpha: Double) throws -> Parameters<Double> {
        let problem = try ProximalProblem(
            network: file.network, batch: file.batch, loss: file.loss, learningRate: alpha)
        let report = try ProximalSolver().solve(problem)
        try #require(report.isConverged)
        return report.update
    }

    @Test("explicit SGD, in both element types, with and without its α",
        arguments: [Safetensors.ElementType.float64, .float32], ["0.05", "1,0.05", "1", nil])
    func explicit(type: Safetensors.ElementType, alpha: String?) throws {
        let run = try Fixture(type: type).audit(alpha: alpha) { -0.05 * Self.gradient($0) }
        #expect(run.status == 0, "\(run.errors)")
        let object = try run.object()
        #expect(object["verdict"] as? String == "explicit", "\(run.output)")
        let found = try #require(object["verdictAlpha"] as? Double)
        #expect(abs(found - 0.05) < 1e-6)
        let fit = try #require(object["nearestExplicit"] as? [String: Any])
        let distance = try #require(fit["relativeDistance"] as? Double)
        #expect(distance < (type == .float64 ? 1e-12 : 1e-4))
        // The bound on rounding that the verdict uses holds.
        #expect(try distance <= #require(object["roundingDistance"] as? Double))
        #expect((object["heldFixed"] as? [String])?.isEmpty == true)
    }

    /// At so small an α both fit, and a step between them is named only where one is ten times nearer.
    @Test("steps between explicit and implicit SGD", arguments: [
        (0.02, "implicit"), (0.3, "explicit-or-implicit"), (0.7, "explicit-or-implicit"), (0.98, "explicit"),
    ])
    func between(share: Double, verdict: String) throws {
        let alpha = 1e-5
        let run = try Fixture(type: .float64).audit(alpha: "\(alpha)") {
            try -share * alpha * Self.gradient($0) + (1 - share) * Self.exact($0, alpha)
        }
        #expect(run.status == 0, "\(run.errors)")
        #expect(try run.object()["verdict"] as? String == verdict, "\(run.output)")
    }

    @Test("the exact implicit update", arguments: [0.01, 0.3, 3, 100], ["0.3", nil])
    func implicit(alpha: Double, asked: String?) throws {
        let run = try Fixture(type: .float64).audit(alpha: asked) { try Self.exact($0, alpha) }
        #expect(run.status == 0, "\(run.errors)")
        let object = try run.object()
        #expect(object["verdict"] as? String == "implicit", "\(run.output)")
        let found = try #require(object["verdictAlpha"] as? Double)
        #expect(abs(found - alpha) < 1e-6 * alpha)
        let fit = try #require(object["consistentImplicit"] as? [String: Any])
        #expect(try #require(fit["implicitResidual"] as? Double) < 1e-9)
        let nearest = try #require(object["nearestImplicit"] as? [String: Any])
        #expect(nearest["outcome"] as? String == "converged")
        #expect(try #require(nearest["relativeDistance"] as? Double) < 1e-6)
    }

    /// Biases stay, as in code that gives its optimiser only the weights.
    @Test func `biases that never move are noticed and left out`() throws {
        let run = try Fixture(type: .float64).audit(alpha: "0.05") { file in
            var update = -0.05 * Self.gradient(file)
            for n in update.layers.indices {
                let last = update.layers[n].columns - 1
                for i in 0..<update.layers[n].rows { update.layers[n][i, last] = 0 }
            }
            return update
        }
        let object = try run.object()
        #expect(object["verdict"] as? String == "explicit")
        #expect(object["heldFixed"] as? [String] == ["layers.0.bias", "layers.1.bias"])
        let text = try #require(object["verdictText"] as? String)
        #expect(text.contains("α = 0.05, with layers.0.bias, layers.1.bias held fixed"))
    }

    @Test func `half an explicit step of one unit only is neither`() throws {
        let fixture = Fixture(type: .float64)
        let run = try fixture.audit(alpha: "0.1", format: "text") { file in
            var update = -0.1 * Self.gradient(file)
            for j in 0..<update.layers[0].columns { update.layers[0][0, j] *= 0.5 }
            return update
        }
        #expect(run.status == 0)
        #expect(run.output.contains("Verdict: Neither explicit nor implicit SGD: the nearest is"))
        #expect(run.lines.allSatisfy { $0.count <= 100 })
    }

    @Test("updates of other rules are recognised", arguments: [
        RuleEntry.inferenceLearning, .proximalInferenceLearning, .normalizedBackpropagation, .publishedInferenceLearning,
        .publishedProximalInferenceLearning, .publishedNormalizedBackpropagation,
    ])
    func otherRules(rule: RuleEntry) throws {
        let run = try Fixture(type: .float64).audit(alpha: "0.01,1") { file in
            try rule.rule().step(
                LearningProblem(
                    network: file.network, batch: file.batch, loss: file.loss, learningRate: 1)
            ).update
        }
        #expect(try run.object()["verdict"] as? String == rule.name)
        #expect(try run.object()["verdictAlpha"] as? Double == 1)
        let words = try #require(try run.object()["verdictText"] as? String)
        for quirk in rule.quirks { #expect(words.contains(quirk.rawValue)) }
    }

    @Test func `nothing moved, uphill, and hidden by rounding`() throws {
        let still = try Fixture(type: .float64).audit(alpha: nil) {
            Parameters(zerosFor: $0.network.architecture)
        }
        #expect(try still.object()["verdict"] as? String == "unchanged")
        #expect(try (still.object()["verdictText"] as? String)?.contains("would be lost to rounding") == true)
        let uphill = try Fixture(type: .float64).audit(alpha: nil) { 10 * Self.gradient($0) }
        #expect(try uphill.object()["nearestExplicit"] is NSNull)
        #expect(try uphill.object()["verdict"] as? String == "ascent")
        #expect(try uphill.object()["verdictAlpha"] as? Double == 10)
        let tiny = try Fixture(type: .float32).audit(alpha: nil) { -1e-7 * Self.gradient($0) }
        #expect(["hidden-by-rounding", "unchanged"].contains(try tiny.object()["verdict"] as? String))
    }

    /// Guards: a bound from the norm of all weights. One weight of 10⁷ stands at an input that is always zero, so that no
    /// step moves it; its rounding is that of nothing.
    @Test("a foreign direction beside a large weight that never moves", arguments: [0, 0.05])
    func foreignDirection(share: Double) throws {
        let tensors = CaseFixtures.deep(.float32).with("layers.0.weight") {
            var changed = $0
            for i in 0..<4 { changed.values[3 * i + 2] = i == 1 ? 1e7 : 0 }
            return changed
        }.with("x") {
            var changed = $0
            for i in 0..<2 { changed.values[3 * i + 2] = 0 }
            return changed
        }
        let run = try Fixture(type: .float32, tensors: tensors).audit(alpha: "0.3") { file in
            let exact = try Self.exact(file, 0.3)
            var foreign = Self.foreign(file)
            for i in 0..<4 { foreign.layers[0][i, 2] = 0 }
            return exact + share * exact.norm / foreign.norm * foreign
        }
        #expect(try run.object()["verdict"] as? String == (share == 0 ? "implicit" : "neither"), "\(run.output)")
    }

    /// Guards: four times the largest rounding for what fits. Steps of `α = 5e-6` in F32 are some hundred rounding units
    /// long; what is added is 4 % of them.
    @Test("small F32 steps with 4 % of something else", arguments: ["nothing", "decay", "noise"])
    func smallSteps(addition: String) throws {
        let run = try Fixture(type: .float32, tensors: CaseFixtures.wide).audit(alpha: "5e-6") { file in
            let step = -5e-6 * Self.gradient(file)
            let other = addition == "decay" ? -1 * file.network.parameters : Self.foreign(file)
            return addition == "nothing" ? step : step + 0.04 * step.norm / other.norm * other
        }
        let expected = ["nothing": "explicit-or-implicit", "decay": "decay", "noise": "neither"][addition] ?? ""
        #expect(try (run.object()["verdict"] as? String)?.contains(expected) == true, "\(run.output)")
    }

    @Test("steps with additions", arguments: [
        ("explicit-with-decay", ["α": 0.05, "weight decay": 0.01]),
        ("explicit-layerwise", ["layers.0.weight": 0.05, "layers.1.bias": 0.2]),
        ("adam", ["α": 0.001]), ("momentum", ["α": 0.05, "momentum": 0.9]),
    ])
    func additions(verdict: String, terms: [String: Double]) throws {
        for type in [Safetensors.ElementType.float64, .float32] {
            let run = try Fixture(type: type).audit(
                alpha: nil, previous: verdict == "momentum" ? { 0.1 * Self.foreign($0) } : nil
            ) { file in
                let gradient = Self.gradient(file)
                switch verdict {
                case "explicit-with-decay": return -0.05 * gradient - 0.0005 * file.network.parameters
                case "momentum": return -0.05 * gradient - 0.09 * Self.foreign(file)
                case "adam":
                    return Parameters(layers: gradient.layers.map { g in
                        Matrix(rows: g.rows, columns: g.columns) { i, j in g[i, j] > 0 ? -0.001 : 0.001 }
                    })
                default:
                    var step = -0.05 * gradient
                    for i in 0..<2 { step.layers[1][i, 4] *= 4 }
                    return step
                }
            }
            #expect(try run.object()["verdict"] as? String == verdict, "\(run.output)")
            let found = try #require(run.object()["verdictTerms"] as? [String: Double])
            for (name, value) in terms {
                #expect(abs((found[name] ?? 0) / value - 1) < (type == .float64 ? 1e-6 : 1e-3), "\(found)")
            }
        }
    }

    /// Guards: a coefficient of the wrong sign: weights that grow, and a momentum that turns back.
    @Test func `growing weights are no weight decay`() throws {
        let run = try Fixture(type: .float64).audit(alpha: nil) {
            -0.05 * Self.gradient($0) + 0.002 * $0.network.parameters
        }
        #expect(try run.object()["verdict"] as? String == "neither", "\(run.output)")
    }

    /// Guards: any step that satisfies the equation called implicit. This one ends in the flat tail of GELU, where the
    /// objective is higher than at the start: `θ_b` is made as `θ⁺ + α∇L(θ⁺)`.
    @Test func `a step that raises the objective is not implicit`() throws {
        let alpha = 1000.0
        let architecture = try Architecture(widths: [1, 1, 1], activation: .gelu, bias: false)
        let end = try Network(
            architecture: architecture,
            parameters: Parameters<Double>(layers: [Matrix(column: [-2.5]), Matrix(column: [1])]))
        let batch = try Batch(inputs: Matrix<Double>(column: [1]), targets: Matrix<Double>(column: [0.05]))
        let gradient = Linearization(network: end, batch: batch, loss: .squaredError).gradient()
        let start = end.parameters + alpha * gradient
        let problem = try ProximalProblem(
            network: Network(architecture: architecture, parameters: start), batch: batch, loss: .squaredError,
            learningRate: alpha)
        #expect(problem.objective(after: -alpha * gradient) > 1.5 * problem.lossBefore)
        let workspace = try Workspace()
        func tensors(_ parameters: Parameters<Double>) -> [Tensor] {
            (0..<2).map {
                Tensor(name: "layers.\($0).weight", shape: [1, 1], values: [parameters.layers[$0][0, 0]])
            }
        }
        try workspace.write(
            tensors(start).adding("x", [1, 1], [1]).adding("y", [1, 1], [0.05]), "before.safetensors")
        try workspace.write(tensors(end.parameters), "after.safetensors")
        let run = try Executable.run(
            ["audit", "before.safetensors", "after.safetensors", "--format", "json",
             "--activation", "gelu", "--loss", "squared-error", "--rules", "bp-prox"], in: workspace)
        let object = try run.object()
        let fit = try #require(object["consistentImplicit"] as? [String: Any])
        #expect((fit["implicitResidual"] as? Double ?? 1) < 1e-9)
        #expect(object["verdict"] as? String == "neither", "\(run.output)")
    }

    /// From one step alone momentum is any direction, and the audit does not guess.
    @Test func `momentum without the step before is neither`() throws {
        let run = try Fixture(type: .float64).audit(alpha: nil) { -0.05 * Self.gradient($0) - 0.09 * Self.foreign($0) }
        #expect(try run.object()["verdict"] as? String == "neither")
    }

    /// Biases of 10³ and weights of order 1: the step of the biases is less than half a unit in their last place.
    @Test func `a tensor whose step is lost to rounding is not held fixed`() throws {
        let tensors = CaseFixtures.deep(.float32).with("layers.1.bias") {
            var changed = $0
            changed.values = [1000, -1000]
            return changed
        }
        let run = try Fixture(type: .float32, tensors: tensors).audit(alpha: nil) { -1e-8 * Self.gradient($0) }
        let object = try run.object()
        #expect((object["heldFixed"] as? [String])?.isEmpty == true, "\(run.output)")
        let lost = try #require(object["parameters"] as? [[String: Any]]).filter { $0["lostToRounding"] as? Bool == true }
        #expect(lost.map { $0["tensor"] as? String } == ["layers.1.bias"])
    }

    /// A direction that no gradient explains.
    private static func foreign(_ file: CaseFile) -> Parameters<Double> {
        Parameters(layers: file.network.parameters.layers.enumerated().map { n, layer in
            Matrix(rows: layer.rows, columns: layer.columns) { i, j in
                Double((7 * i + 5 * j + 3 * n) % 11) / 11 - 0.5
            }
        })
    }

    @Test func `weights of another network, and another batch, are refused`() throws {
        let workspace = try Workspace()
        try workspace.write(CaseFixtures.deep())
        let others: [([Tensor], String)] = [
            (CaseFixtures.linear, "\"layers.1.weight\" is missing, unlike in case.safetensors"),
            (CaseFixtures.deep().without("layers.1.bias"), "\"layers.1.bias\" is missing"),
            (CaseFixtures.deep().reshaping("layers.0.weight", [4, 2]), "has shape [4, 2] and not [4, 3]"),
            (CaseFixtures.deep().setting("x", 0, to: 9), "tensor \"x\" differs from that of case"),
        ]
        for (tensors, expected) in others {
            try workspace.write(tensors, "after.safetensors")
            let run = try Executable.run(
                ["audit", "case.safetensors", "after.safetensors"]
                    + Self.options, in: workspace)
            #expect(run.status == 65)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains(expected), "\(run.errors)")
        }
    }
}
