internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, exactUpdate, noInference, upTheField }

extension Variant {
    /// The constants of inference, changed as the variant says.
    func inference(_ rule: InferenceLearning) -> InferenceLearning {
        var rule = rule
        if self == .noInference { rule.inference.steps = 0 }
        if self == .upTheField { rule.inference.stepSize *= -1 }
        return rule
    }
}

private func makeConditions() -> [ClaimCondition] {
    func condition(_ name: String, _ words: String, group: String, isHeadline: Bool = true) -> ClaimCondition {
        ClaimCondition(
            "\(words): \(name)", words: "\(words): \(name)", group: group, column: name, smaller: "P ratio \(words): \(name)",
            bound: .constant(1), recorded: recorded["\(words): \(name)"] ?? .mixed, isHeadline: isHeadline)
    }
    let inference = "P after inference below P before it"
    let step = "P after the update below P(θ_b)"
    return [
        condition("il-prox, either start", Words.inference, group: inference),
        condition("il-prox, feedforward", Words.inference, group: inference),
        condition("il-prox, random", Words.inference, group: inference),
        condition("il, feedforward", Words.inference, group: inference),
        condition("il, random", Words.inference, group: inference),
        condition("il-prox, each step", Words.inference, group: inference, isHeadline: false),
        condition("il-prox, feedforward", Words.step, group: step),
        condition("il-prox, random", Words.step, group: step),
        condition("il-prox-equilibrium", Words.step, group: step),
        condition("il, feedforward", Words.step, group: step),
        condition("bp", Words.step, group: step, isHeadline: false),
    ]
}

/// What is compared: the update after inference with that before it, or with no update.
private enum Words {
    static let inference = "inference lowers P"
    static let step = "update lowers P"
}

/// What the runs on record found where it is not *mixed*.
private let recorded: [String: Finding] = [
    "inference lowers P: il, random": .holds, "update lowers P: il-prox, feedforward": .holds,
    "update lowers P: il-prox-equilibrium": .holds, "update lowers P: il-prox, random": .refuted,
    "update lowers P: il, feedforward": .undecided, "update lowers P: bp": .conditional,
]

extension Claim {
    /// C3: `P_α(θ_b + Δ)` for the update of the inferred activities, against that of the activities before inference.
    ///
    /// The ratio of the two objectives is measured; the losses are not negative, so both are positive. Starts are the
    /// feedforward pass, and standard normal hidden activities drawn with the case's seed.
    ///
    /// Teeth: inference of no steps lowers nothing, steps up the field raise the objective, and the exact activities
    /// reach its minimum.
    static let inferenceLowersObjective = Claim.from(
        .inferenceLowersObjective, title: "Inference lowers the proximal objective",
        statement: #"""
            Inference lowers the proximal objective $P_\alpha(\theta_b+\Delta)$ of the update $\Delta$ that its activities \#
            produce, from any initialisation of the activities.
            """#,
        population: NetworkCases.claimsInWords,
        quantity: "P(θ_b+Δ) after 25 steps over P(θ_b+Δ) before the first; over P(θ_b)",
        conditions: makeConditions(), generator: NetworkCases.claims.generator(), correct: Variant.correct,
        plants: [
            ("the exact update after inference", .holds, .exactUpdate), ("no inference", .refuted, .noInference),
            ("steps up the field", .refuted, .upTheField),
        ]
    ) { networkCase, variant, scope, context in
        let claimCase = try ClaimCase(networkCase, &context)
        let objectives = InferenceObjectives(claimCase)
        let starts: [(String, EulerInference.Start)] = [
            ("feedforward", .feedforward), ("random", .random(seed: networkCase.seed)),
        ]
        var worst = 0.0
        for (name, start) in starts {
            var rule = InferenceLearning.proximal()
            rule.inference.start = start
            let before = objectives.value(rule, steps: 0)
            var after = objectives.value(variant.inference(rule))
            if variant == .exactUpdate { after = claimCase.exact.objective }
            context.measure("P ratio \(Words.inference): il-prox, \(name)", after / before)
            worst = after.isNaN ? .nan : max(worst, after / before)
            guard scope == .everything else { continue }
            var standard = InferenceLearning.standard()
            standard.inference.start = start
            context.measure(
                "P ratio \(Words.inference): il, \(name)", objectives.value(standard) / objectives.value(standard, steps: 0))
            context.measure("P ratio \(Words.step): il-prox, \(name)", after / objectives.start)
            guard name == "feedforward" else { continue }
            context.measure(
                "P ratio \(Words.step): il, feedforward", objectives.value(standard) / objectives.start)
            context.measure("P ratio \(Words.inference): il-prox, each step", objectives.largestStepRatio(rule))
        }
        context.measure("P ratio \(Words.inference): il-prox, either start", worst)
        guard scope == .everything else { return }
        let equilibrium = "P ratio \(Words.step): il-prox-equilibrium"
        if let update = networkCase.update(EquilibriumInferenceLearning.proximal()) {
            context.measure(equilibrium, objectives.value(update) / objectives.start)
        } else {
            context.recordNoUpdate("il-prox-equilibrium", [equilibrium])
        }
        if let update = networkCase.update(Backpropagation()) {
            context.measure("P ratio \(Words.step): bp", objectives.value(update) / objectives.start)
        }
    }
}

/// `P_α` after the updates of one case; what is not finite counts as infinite.
private struct InferenceObjectives {
    private let claimCase: ClaimCase
    /// `P(θ_b)`.
    let start: Double

    init(_ claimCase: ClaimCase) {
        self.claimCase = claimCase
        start = claimCase.exact.lossBefore
    }

    func value(_ update: Parameters<Double>) -> Double {
        let value = claimCase.problem.objective(after: update)
        return value.isFinite ? value : .infinity
    }

    func value(_ rule: InferenceLearning, steps: Int? = nil) -> Double {
        var rule = rule
        rule.inference.steps = steps ?? rule.inference.steps
        return claimCase.networkCase.update(rule).map { value($0) } ?? .infinity
    }

    /// The largest factor by which one step of inference changes the objective.
    func largestStepRatio(_ rule: InferenceLearning) -> Double {
        let values = (0...rule.inference.steps).map { value(rule, steps: $0) }
        return zip(values, values.dropFirst()).reduce(0) { max($0, $1.1 / $1.0) }
    }
}
