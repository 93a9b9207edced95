import CaseFiles
import Foundation
import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Testing

/// `--hold` in `prox`, `compare`, `audit`, `table` and training, and the conventions that they name.
struct HoldCommandTests {
    private static let options = ["--activation", "tanh", "--loss", "squared-error"]

    private func run(_ arguments: [String], in workspace: Workspace) throws -> Executable.Run {
        try Executable.run(arguments, in: workspace)
    }

    private func tanhCase(_ workspace: Workspace) throws -> (path: String, file: CaseFile) {
        let path = try workspace.write(CaseFixtures.deep(.float64))
        return (path, try CaseFile(path: workspace.path(path), activations: [.tanh], loss: .squaredError))
    }

    @Test func `prox solves and certifies the held problem, and its file holds what was to be held`() throws {
        let workspace = try Workspace()
        let (path, file) = try tanhCase(workspace)
        let found = try run(
            ["prox", path, "--alpha", "0.3", "--hold", "biases", "--format", "json", "--output", "plus.safetensors"]
                + Self.options, in: workspace)
        #expect(found.status == 0, "\(found.errors)")
        let (update, _) = try file.update(after: workspace.path("plus.safetensors"))
        // Gradient descent on P over the weights alone.
        let problem = try ProximalProblem(network: file.network, batch: file.batch, loss: file.loss, learningRate: 0.3)
        var expected = Parameters<Double>(zerosFor: file.network.architecture)
        for _ in 0..<4000 {
            let gradient = problem.linearization(after: expected).gradient()
            for n in expected.layers.indices {
                for j in 0..<file.network.architecture.widths[n] {
                    for i in 0..<expected.layers[n].rows {
                        expected.layers[n][i, j] -= 0.1 * (expected.layers[n][i, j] + 0.3 * gradient.layers[n][i, j])
                    }
                }
            }
        }
        #expect((update - expected).norm <= 1e-9 * expected.norm)
        let provenance = try #require(try found.object()["provenance"] as? [String: Any])
        #expect(provenance["moves"] as? String == "all but biases")
    }

    @Test func `audit tells the implicit step that holds biases from the one that moves them`() throws {
        let workspace = try Workspace()
        let (path, file) = try tanhCase(workspace)
        let problem = try ProximalProblem(
            network: file.network, batch: file.batch, loss: file.loss, learningRate: 0.3, held: HeldParameters([.biases]))
        try file.write(try ProximalSolver().solve(problem).update, to: workspace.path("after.safetensors"))
        let held = try run(
            ["audit", path, "after.safetensors", "--alpha", "0.3", "--hold", "biases", "--format", "json"] + Self.options,
            in: workspace).object()
        #expect(held["verdict"] as? String == "implicit")
        #expect((held["verdictText"] as? String)?.contains("held fixed") == true)
        let free = try run(
            ["audit", path, "after.safetensors", "--alpha", "0.3", "--format", "json"] + Self.options, in: workspace).object()
        #expect(free["verdict"] as? String == "implicit-equation")
        func distance(_ object: [String: Any]) throws -> Double {
            let first = try #require((object["results"] as? [[String: Any]])?.first)
            return try #require(first["implicitDistance"] as? Double)
        }
        #expect(try distance(held) < 1e-9)
        #expect(try distance(free) > 0.01)
    }

    /// An update that follows one convention of the published code is named by it, though nobody asked for that one.
    @Test(arguments: [
        ("il-published", [PublishedQuirk.linearFirst]), ("il-published", [.linearFirst, .halvedOutputError]),
        ("il-prox-published", [.unitPrecision]),
    ])
    func `audit names the conventions that an update follows`(name: String, quirks: [PublishedQuirk]) throws {
        let workspace = try Workspace()
        let (path, file) = try tanhCase(workspace)
        let entry = try RuleRegistry.builtIn.entry(named: name)
        let problem = LearningProblem(network: file.network, batch: file.batch, loss: file.loss, learningRate: 0.3)
        let step = try entry.rule(RuleSettings(quirks: Set(quirks))).step(problem).update
        try file.write(step, to: workspace.path("after.safetensors"))
        let object = try run(
            ["audit", path, "after.safetensors", "--alpha", "0.3", "--format", "json"] + Self.options, in: workspace).object()
        #expect(object["verdict"] as? String == name, "\(object["verdictText"] ?? "")")
        #expect(object["verdictConventions"] as? [String] == PublishedQuirk.allCases.filter(quirks.contains).map(\.rawValue))
        // Only what is in force is named where quirks are chosen.
        let without = try run(
            ["audit", path, "after.safetensors", "--alpha", "0.3", "--format", "json", "--rules", name, "--quirks",
             quirks.map(\.rawValue).joined(separator: ",")] + Self.options, in: workspace).object()
        #expect(without["verdictConventions"] as? [String] == PublishedQuirk.allCases.filter(quirks.contains).map(\.rawValue))
        let compared = try run(
            ["compare", path, "--alpha", "0.3", "--rules", name, "--without-quirks", quirks[0].rawValue, "--format", "json"]
                + Self.options, in: workspace)
        let row = try #require((try compared.json() as? [[String: Any]])?.first)
        let expected = PublishedQuirk.allCases.filter { entry.quirks.contains($0) && $0 != quirks[0] }.map(\.rawValue)
        #expect(row["conventions"] as? [String] == expected)
    }

    @Test func `updates are saved after several steps, with Adam too`() throws {
        let workspace = try Workspace()
        let (path, file) = try tanhCase(workspace)
        let saved = try run(
            ["compare", path, "--alpha", "0.01", "--rules", "bp", "--save-updates", ".", "--updates", "3", "--optimizer",
             "adam"] + Self.options, in: workspace)
        #expect(saved.status == 0, "\(saved.errors)")
        let (update, _) = try file.update(after: workspace.path("bp-adam-0.01.safetensors"))
        // Adam for one weight after another.
        var weights = file.network.parameters
        let count = weights.count
        var (means, squares) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        for step in 1...3 {
            let network = try Network(architecture: file.network.architecture, parameters: weights)
            let gradient = Linearization(network: network, batch: file.batch, loss: file.loss).gradient().flattened
            var change: [Double] = []
            for k in 0..<count {
                means[k] = 0.9 * means[k] + 0.1 * gradient[k]
                squares[k] = 0.999 * squares[k] + 0.001 * gradient[k] * gradient[k]
                let (power, other) = (1 - [0.9, 0.81, 0.729][step - 1], 1 - [0.999, 0.998001, 0.997002999][step - 1])
                change.append(-0.01 * means[k] / power / ((squares[k] / other).squareRoot() + 1e-8))
            }
            var next = 0
            for n in weights.layers.indices {
                for j in 0..<weights.layers[n].columns {
                    for i in 0..<weights.layers[n].rows {
                        weights.layers[n][i, j] += change[next]
                        next += 1
                    }
                }
            }
        }
        let expected = weights - file.network.parameters
        #expect((update - expected).norm <= 1e-10 * expected.norm)
    }

    @Test(arguments: [
        (["prox", "CASE", "--hold", "bias"], "there is no 'bias'"), (["prox", "CASE", "--hold", "layers.7"], "the network has no layers.7"),
        (["prox", "CASE", "--hold", "biases", "--global"], "leave out --hold"),
        (["compare", "CASE", "--hold", "weights,biases"], "nothing moves"), (["compare", "CASE", "--updates", "2"], "--save-updates"),
    ])
    func `what cannot be held is said`(arguments: [String], message: String) throws {
        let workspace = try Workspace()
        let (path, _) = try tanhCase(workspace)
        let result = try run(arguments.map { $0 == "CASE" ? path : $0 } + Self.options, in: workspace)
        #expect(result.status != 0 && result.errors.contains(message), "\(result.errors)")
    }

    @Test func `training holds parameters and records what the published code records`() throws {
        let workspace = try Workspace()
        let found = try run(
            ["stability", "--iterations", "20", "--seeds", "1", "--rules", "bp,il-published", "--alpha", "0.1", "--hold",
             "biases,layers.0", "--weight-norm-every", "5", "--partial-batches", "--compare-every", "0", "--training-examples",
             "70", "--batch-size", "64", "--without-quirks", "halved-output-error", "--format", "json"], in: workspace)
        #expect(found.status == 0, "\(found.errors)")
        for text in ["weightNorm", "layers.0", "partialBatches"] { #expect(found.output.contains(text), "\(text)") }
        // The same command finds its runs again: several quirks are written in one order.
        let again = try run(
            ["stability", "--iterations", "20", "--seeds", "1", "--rules", "bp,il-published", "--alpha", "0.1", "--hold",
             "biases,layers.0", "--weight-norm-every", "5", "--partial-batches", "--compare-every", "0", "--training-examples",
             "70", "--batch-size", "64", "--without-quirks", "halved-output-error", "--tables-only"], in: workspace)
        #expect(again.status == 0, "\(again.errors)")
    }
}
