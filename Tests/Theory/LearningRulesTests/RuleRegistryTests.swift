import LearningRules
import LinearAlgebra
import Networks
import Testing

@Suite("The registry of rules")
struct RuleRegistryTests {
    static let registry = RuleRegistry.builtIn

    /// A value of each constant that is not its default, and matters in a problem where every term does.
    static func changed(_ setting: RuleSetting) -> RuleSettings {
        switch setting {
        case .steps: RuleSettings(steps: 4)
        case .stepSize: RuleSettings(stepSize: 0.12)
        case .leakStepSize: RuleSettings(leakStepSize: 0.2)
        case .precision: RuleSettings(precision: .unit)
        case .output: RuleSettings(output: .proximalPoint)
        case .nudge: RuleSettings(standardOutput: .nudged(strength: 0.5))
        case .epsilon: RuleSettings(epsilon: 0.25)
        case .decay: RuleSettings(decay: 0.1)
        case .start: RuleSettings(start: .random(seed: 3))
        case .tolerance: RuleSettings(equilibriumTolerance: 1e-2, solverTolerance: 1e-2)
        case .targetRate: RuleSettings(targetRate: 3)
        case .quirks: RuleSettings(quirks: [])
        case .factors: RuleSettings(factors: .given([1, 0.5, 0.2]))
        case .outputError: RuleSettings(outputError: .inferred)
        case .layerRates: RuleSettings(layerRates: [0.5, 1, 2])
        case .nudgeSign: RuleSettings(nudgeSign: .centred)
        case .temperature: RuleSettings(temperature: 0.5)
        case .seed: RuleSettings(seed: 2)
        case .gain: RuleSettings(gain: 3)
        }
    }

    @Test("A rule reads the constants that its entry lists, and no others", arguments: registry.entries)
    func constants(_ entry: RuleEntry) throws {
        let problem = try randomLearningProblem(seed: 21, learningRate: 0.7)
        let usual = try entry.rule().step(problem).update
        for setting in RuleSetting.allCases {
            let other = try entry.rule(Self.changed(setting)).step(problem).update
            #expect((other != usual) == entry.settings.contains(setting), "\(setting)")
        }
    }

    @Test("The name of an entry is its rule's, and no look is given twice")
    func namesAndLooks() throws {
        for entry in Self.registry.entries {
            #expect(entry.rule().name == entry.name)
            #expect(try Self.registry.entry(named: entry.name) == entry)
            #expect(entry.name.allSatisfy { $0.isLetter || $0 == "-" })
        }
        let styles = Self.registry.entries.map(\.chartStyle)
        #expect(Set(styles).count == styles.count)
    }

    @Test("An unknown name is told what exists, and what may have been meant", arguments: [
        ("il-pox", "did you mean 'il-prox'"), ("implict", "did you mean 'implicit'"),
        ("sgd", "there is no rule 'sgd'; expected some of bp, bp-prox, il"),
        ("", "there is no rule ''; expected"),
    ])
    func unknown(name: String, expected: String) {
        let error = #expect(throws: RuleChoiceError.self) { try Self.registry.entry(named: name) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test("A constant that none of the rules takes is refused in words")
    func refusal() throws {
        var settings = RuleSettings(epsilon: 0)
        try Self.registry.check(settings, of: [.backpropagation, .proximalInferenceLearning])
        try Self.registry.check(RuleSettings(), of: [.backpropagation])
        let error = #expect(throws: RuleChoiceError.self) {
            try Self.registry.check(settings, of: [.backpropagation, .inferenceLearning])
        }
        #expect(
            error?.description == """
                epsilon is not a constant of bp, il, and would change nothing; it belongs to bp-prox, il-prox, \
                il-prox-fast, il-prox-equilibrium, bp-prox-published, il-prox-published, il-prox-fast-published, \
                bp-binomial, implicit-layerwise, implicit-matched, output-only, implicit-slack, dtp, gibbs
                """)
        settings.steps = 4
        #expect(settings.chosen == [.steps, .epsilon])
    }

    @Test("With Adam il and il-prox make 20 steps, unless told otherwise")
    func stepsWithAdam() throws {
        let problem = try randomLearningProblem(seed: 22)
        for entry in [RuleEntry.inferenceLearning, .proximalInferenceLearning] {
            func update(_ steps: Int?, _ optimizer: Optimizer) throws -> Parameters<Double> {
                try entry.rule(RuleSettings(steps: steps), optimizer: optimizer).step(problem).update
            }
            #expect(try update(nil, .adam) == update(20, .plain))
            #expect(try update(nil, .plain) == update(25, .plain))
            #expect(try update(7, .adam) == update(7, .plain))
        }
    }

    /// IL-prox's weight update has no `α` of its own, so only the target's matters.
    @Test("The target's α is the learning rate that the output sees")
    func targetRate() throws {
        let problem = try randomLearningProblem(seed: 23, learningRate: 0.01)
        var other = problem
        other.learningRate = 100
        for entry in [RuleEntry.proximalInferenceLearning, .normalizedBackpropagation] {
            let found = try entry.rule(RuleSettings(targetRate: 100)).step(problem).update
            #expect(try found == entry.rule().step(other).update)
        }
    }

    @Test func `constants in words are those that are not at their defaults`() {
        #expect(RuleSettings().inWords == nil)
        #expect(RuleSettings(steps: 100, epsilon: 0).inWords == "100 inference steps, ε = 0.0")
        #expect(RuleSettings(precision: .unit, layerRates: [1, 2]).inWords == "energy precision unit, layers' α × 1.0,2.0")
        for setting in RuleSetting.allCases {
            let settings = RuleSettings(
                steps: 1, stepSize: 0.1, leakStepSize: 0.1, precision: .unit, output: .proximalPoint,
                standardOutput: .nudged(strength: 0.1), epsilon: 1, decay: 0.1, start: .random(seed: 1),
                solverTolerance: 1e-8, targetRate: 1, quirks: [], outputError: .inferred, layerRates: [1],
                nudgeSign: .negative, temperature: 1, seed: 2, gain: 2)
            if setting != .factors { #expect(settings.chosen.contains(setting), "\(setting)") }
        }
    }

    @Test("Without its quirks a rule as published is the rule as derived, and every quirk changes something")
    func quirks() throws {
        let pairs: [(RuleEntry, RuleEntry)] = [
            (.publishedBackpropagation, .backpropagation),
            (.publishedNormalizedBackpropagation, .normalizedBackpropagation),
            (.publishedInferenceLearning, .inferenceLearning),
            (.publishedProximalInferenceLearning, .proximalInferenceLearning),
            (.publishedProximalInferenceLearningFast, .proximalInferenceLearningFast),
        ]
        // A nudged output and another loss than softmax, so that no quirk is without effect.
        var constants = RuleSettings(standardOutput: .nudged(strength: 0.5))
        var problem = try randomLearningProblem(seed: 24, batchSize: 3, learningRate: 0.7)
        problem.loss = .squaredError
        for (published, derived) in pairs {
            constants.quirks = []
            #expect(try published.rule(constants).step(problem).update == derived.rule(constants).step(problem).update)
            constants.quirks = nil
            let whole = try published.rule(constants).step(problem).update
            for quirk in published.quirks {
                constants.quirks = published.quirks.subtracting([quirk])
                let without = try published.rule(constants).step(problem).update
                #expect(without.relativeDistance(to: whole) > 1e-9, "\(published) without \(quirk.rawValue)")
            }
        }
        #expect(throws: RuleChoiceError.self) {
            try Self.registry.check(RuleSettings(quirks: [.linearFirst]), of: [.publishedBackpropagation])
        }
    }
}
