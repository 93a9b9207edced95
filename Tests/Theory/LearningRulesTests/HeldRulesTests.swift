import Foundation
import LearningRules
import LinearAlgebra
import Networks
import Testing

extension RuleSettings {
    fileprivate static func removing(_ quirks: Set<PublishedQuirk>) -> RuleSettings {
        var settings = RuleSettings()
        settings.removedQuirks = quirks
        return settings
    }
}

@Suite("Rules that hold parameters")
struct HeldRulesTests {
    /// All but the rule that samples all weights.
    static let deterministic = RuleRegistry.builtIn.entries.filter { $0 != .gibbsSampling }

    @Test("A rule that can hold nothing says so")
    func refused() throws {
        var problem = try randomLearningProblem(seed: 60)
        problem.held = HeldParameters([.biases])
        #expect(throws: RuleError.self) { try RuleEntry.gibbsSampling.rule().step(problem) }
        // Over activities, biases can be held, and weights cannot.
        _ = try RuleEntry.slackImplicit.rule().step(problem)
        problem.held = HeldParameters([.layer(0)])
        #expect(throws: RuleError.self) { try RuleEntry.slackImplicit.rule().step(problem) }
    }

    /// The oracle: held biases of zero are a network without biases.
    @Test("Held biases of zero are no biases", arguments: deterministic, [1, 3])
    func noBiases(_ entry: RuleEntry, _ batchSize: Int) throws {
        let bare = try randomLearningProblem(seed: 61, bias: false, batchSize: batchSize, learningRate: 0.7)
        let widths = bare.network.architecture.widths
        let weights = bare.network.parameters.layers.map { layer in
            Matrix<Double>(rows: layer.rows, columns: layer.columns + 1) { i, j in j < layer.columns ? layer[i, j] : 0 }
        }
        let held = LearningProblem(
            network: try Network(
                architecture: Architecture(widths: widths, activation: .tanh), parameters: Parameters(layers: weights)),
            batch: bare.batch, loss: bare.loss, learningRate: bare.learningRate, held: HeldParameters([.biases]))
        let rule = entry.rule(RuleSettings(equilibriumTolerance: 1e-12, solverTolerance: 1e-11))
        let (found, expected) = (try rule.step(held).update, try rule.step(bare).update)
        for n in expected.layers.indices {
            #expect(found.layers[n].column(widths[n]).allSatisfy { $0 == 0 })
            let distance = (found.layers[n].columns(0..<widths[n]) - expected.layers[n]).norm
            #expect(distance <= 1e-9 * expected.norm, "layer \(n): \(distance / expected.norm)")
        }
    }

    @Test("Nothing of a held layer moves, and of local rules the others move as before",
          arguments: deterministic.filter { $0 != .slackImplicit })
    func layer(_ entry: RuleEntry) throws {
        let free = try randomLearningProblem(seed: 62, batchSize: 2, learningRate: 0.7)
        var held = free
        held.held = HeldParameters([.weight(ofLayer: 1), .layer(2)])
        let (found, usual) = (try entry.rule().step(held).update, try entry.rule().step(free).update)
        #expect(found.layers[2].norm == 0 && (found.layers[0].norm > 0) == (usual.layers[0].norm > 0))
        #expect(found.layers[1].columns(0..<8).norm == 0 && found.layers[1].column(8).contains { $0 != 0 } == usual.layers[1].column(8).contains { $0 != 0 })
        if ["bp", "il", "il-published"].contains(entry.name) {
            #expect(found.layers[0] == usual.layers[0])
        }
    }

    /// With Adam `bp-published` has no quirks: to switch one off must not switch its others on.
    @Test("To switch a quirk off switches none on")
    func removedQuirks() throws {
        let problem = try randomLearningProblem(seed: 63, batchSize: 2)
        let entry = RuleEntry.publishedBackpropagation
        let without = RuleSettings.removing([.linearFirst])
        func change(_ settings: RuleSettings, _ optimizer: Optimizer) throws -> Parameters<Double> {
            try RepeatedUpdates(entry, settings, optimizer).displacement(problem, updates: 2)
        }
        for optimizer in Optimizer.allCases {
            #expect(try change(without, optimizer) == change(RuleSettings(), optimizer))
        }
        #expect(try change(.removing([.heldBiases]), .plain) != change(RuleSettings(), .plain))
        #expect(try change(RuleSettings(), .adam).layers[0].column(6).contains { $0 != 0 })
    }

    /// A set has another order in every process, and stored runs are known again by their text.
    @Test("Constants are written in one way")
    func codable() throws {
        let settings = RuleSettings(quirks: Set(PublishedQuirk.allCases))
        let names = PublishedQuirk.allCases.map(\.rawValue).sorted()
        let data = try JSONEncoder().encode(settings)
        let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["quirks"] as? [String] == names)
        #expect(try JSONDecoder().decode(RuleSettings.self, from: data) == settings)
        let held = HeldParameters([.weights, .layer(2), .biases, .bias(ofLayer: 11), .weight(ofLayer: 3)])
        #expect(held.description == "biases,layers.11.bias,layers.2,layers.3.weight,weights")
        #expect(try JSONDecoder().decode(HeldParameters.self, from: JSONEncoder().encode(held)) == held)
    }
}
