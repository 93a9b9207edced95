internal import Certificates
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, exactUpdate, backpropagation }

/// A rule that is compared with BP: a column of the tables over α.
private struct Contender: Sendable {
    let name: String
    let column: String
    let rule: any LearningRule

    /// `il-prox` by inference time, up to its equilibrium.
    static let ladder: [Contender] =
        InferenceTime.ladder.map {
            Contender(name: "il-prox \($0.title)", column: $0.title, rule: $0.proximalRule)
        } + [
            Contender(
                name: "il-prox-equilibrium", column: "equilibrium", rule: EquilibriumInferenceLearning.proximal())
        ]

    /// `il-prox` without two of its approximations, ε = 1 and the mixed target, by inference time.
    static let plain: [Contender] = InferenceTime.ladder.dropFirst(2).map {
        Contender(
            name: "il-prox \($0.title), ε = 0", column: $0.title,
            rule: InferenceLearning.proximal(
                steps: $0.steps, stepSize: $0.stepSize, output: .proximalPoint, epsilon: 0))
    }

    /// The rest, to tell which constants matter.
    static let others: [Contender] = [
        own(InferenceLearning.standard()), own(EquilibriumInferenceLearning.standard()),
        own(InferenceTime.coarse.proximalRule, "il-prox \(InferenceTime.coarse.title)"),
        own(InferenceLearning.proximal(precision: .unit), "il-prox, unit precisions"),
        own(
            EquilibriumInferenceLearning.proximal(output: .mixedTarget, epsilon: 1),
            "il-prox-equilibrium, mixed target, ε = 1"),
    ]

    static let paper = "il-prox \(InferenceTime.paper.title)"

    static let all = ladder + plain + others

    private static func own(_ rule: any LearningRule, _ name: String? = nil) -> Contender {
        Contender(name: name ?? rule.name, column: name ?? rule.name, rule: rule)
    }
}

/// What the runs on record found where it is not *conditional*.
private let recorded: [String: Finding] = [
    "distance il-prox-equilibrium": .holds, "gap il-prox-equilibrium": .holds,
    "angle il-prox 1 × 0.015": .refuted, "angle il-prox 5 × 0.015": .refuted, "angle il-prox 25 × 0.015": .refuted,
    "angle il-prox 100 × 0.015": .refuted, "angle il-prox 400 × 0.015": .refuted,
    "angle il-prox 1600 × 0.015": .refuted, "angle il-prox 25 × 0.015, ε = 0": .refuted,
    "angle il-prox 100 × 0.015, ε = 0": .refuted, "angle il": .refuted, "angle il-equilibrium": .refuted,
    "angle il-prox 5 × 0.075": .refuted, "angle il-prox, unit precisions": .refuted,
    "angle il-prox-equilibrium, mixed target, ε = 1": .refuted, "gap il-equilibrium": .refuted,
    "distance il": .mixed, "distance il-equilibrium": .mixed, "gap il": .mixed, "angle il-prox-equilibrium": .mixed,
    "angle il-prox 400 × 0.015, ε = 0": .mixed, "angle il-prox 1600 × 0.015, ε = 0": .mixed,
]

private func makeConditions() -> [ClaimCondition] {
    func condition(_ contender: Contender, _ measure: DistanceMeasure, group: String) -> ClaimCondition {
        let name = "\(measure.rawValue) \(contender.name)"
        return ClaimCondition(
            name, words: "\(measure.rawValue): \(contender.name) < bp", group: group, column: contender.column,
            smaller: name, bound: .measurement("\(measure.rawValue) bp"), recorded: recorded[name] ?? .conditional,
            isHeadline: [Contender.paper, "il-prox-equilibrium", "il"].contains(contender.name))
    }
    let all = DistanceMeasure.allCases.flatMap { measure in
        Contender.ladder.map { condition($0, measure, group: "il-prox by inference time, \(measure.words)") }
            + Contender.plain.map {
                condition($0, measure, group: "il-prox with ε = 0 and proximal output by inference time, \(measure.words)")
            }
            + Contender.others.map { condition($0, measure, group: "other rules, \(measure.words)") }
    }
    // The paper's rule by the first measure decides.
    let deciding = "\(DistanceMeasure.distance.rawValue) \(Contender.paper)"
    return all.filter { $0.name == deciding } + all.filter { $0.name != deciding }
}

extension Claim {
    /// C1 for `il-prox` at seven inference times, the paper's first, and for the other rules, by three measures.
    ///
    /// Teeth: the exact update in the place of `il-prox` is closer in every case; BP itself is never strictly
    /// closer than BP.
    static let closerThanBackpropagation = Claim.from(
        .closerThanBackpropagation, title: "IL is closer to implicit SGD than BP",
        statement: #"""
            The update of inference learning is closer to the implicit update $\Delta_{\rm imp}$ than that of \#
            backpropagation: in relative distance, in angle and in proximal gap.
            """#,
        population: NetworkCases.claimsInWords,
        quantity: "‖Δ−Δ_imp‖/‖Δ_imp‖, the angle between Δ and Δ_imp, and (P(θ_b+Δ)−P(θ⁺))/(P(θ_b)−P(θ⁺))",
        conditions: makeConditions(), defaultCases: 1000, generator: NetworkCases.claims.generator(), correct: Variant.correct,
        plants: [
            ("the exact update for il-prox", .holds, .exactUpdate), ("BP for il-prox", .refuted, .backpropagation),
        ]
    ) { networkCase, variant, scope, context in
        let claimCase = try ClaimCase(networkCase, &context)
        let backpropagation = networkCase.update(Backpropagation())
        claimCase.measureDistances("bp", of: backpropagation, &context)
        for contender in Contender.all {
            guard scope == .everything || contender.name == Contender.paper else { continue }
            let update =
                switch variant {
                case .correct: networkCase.update(contender.rule)
                case .exactUpdate: claimCase.exact.update
                case .backpropagation: backpropagation
                }
            claimCase.measureDistances(contender.name, of: update, &context)
        }
    }
}
