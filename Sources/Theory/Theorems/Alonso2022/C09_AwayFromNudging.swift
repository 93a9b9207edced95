internal import ImplicitSGD
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, backpropagation, nearlyBackpropagation, doubled }

/// The relative difference from which two updates count as different.
private let threshold = 0.01

private func makeConditions() -> [ClaimCondition] {
    func pair(_ rule: String, isHeadline: Bool = true) -> [ClaimCondition] {
        [
            ("differs by > 1 %", "relative difference from BP's above 1 %", "nearness", isHeadline),
            ("turns by > 0.01 rad", "angle to BP's above 0.01 rad", "alignment", false),
        ].map { words, group, measurement, isHeadline in
            ClaimCondition(
                "\(words): \(rule)", words: "\(words): \(rule)", group: group, column: rule,
                smaller: "\(measurement) \(rule)", bound: .constant(1 / threshold),
                recorded: recorded["\(words): \(rule)"] ?? .holds, isHeadline: isHeadline)
        }
    }
    return pair("il-equilibrium") + pair("il") + pair("il-prox") + pair("il-prox-equilibrium", isHeadline: false)
        + pair(nudged)
}

private let nudged = "il nudged by 10⁻⁵"

/// What the runs on record found where it is not *holds*.
private let recorded: [String: Finding] = [
    "differs by > 1 %: il-equilibrium": .mixed, "turns by > 0.01 rad: il-equilibrium": .mixed,
    "differs by > 1 %: il-prox-equilibrium": .conditional, "turns by > 0.01 rad: il-prox-equilibrium": .conditional,
    "differs by > 1 %: \(nudged)": .refuted, "turns by > 0.01 rad: \(nudged)": .refuted,
]

extension Claim {
    /// C9: `‖Δ − Δ_BP‖/‖Δ_BP‖` and the angle, for the clamped output and, as a contrast, close to the nudging limit
    /// (T14). Conditions are of the form *smaller*, so the reciprocals of the two are measured.
    ///
    /// Teeth: BP, and BP off by 0.1 %, do not differ; twice BP does.
    static let awayFromNudging = Claim.from(
        .awayFromNudging, title: "IL away from the nudging limit is not BP",
        statement: #"""
            Away from the nudging limit the update of inference learning is not that of backpropagation.
            """#,
        population: NetworkCases.claimsInWords,
        quantity: "the reciprocals of ‖Δ−Δ_BP‖/‖Δ_BP‖ and of the angle between Δ and Δ_BP (below 100: they differ)",
        conditions: makeConditions(), generator: NetworkCases.claims.generator(), correct: Variant.correct,
        plants: [
            ("BP for il", .refuted, .backpropagation), ("BP off by 0.1 %", .refuted, .nearlyBackpropagation),
            ("twice BP", .holds, .doubled),
        ]
    ) { networkCase, variant, scope, context in
        try networkCase.measureFeatures(&context)
        let problem = networkCase.problem
        let gradient = problem.linearization(after: .zero(problem)).gradient()
        try assume(gradient.norm > 0, "no gradient")
        let reference = (-problem.learningRate) * gradient
        func include(_ name: String, _ update: Parameters<Double>?) {
            guard let update else {
                return context.recordNoUpdate(name, ["nearness \(name)", "alignment \(name)"])
            }
            let isFinite = update.norm.isFinite
            context.label("\(name) diverges", when: !isFinite)
            context.measure("nearness \(name)", isFinite ? reference.norm / (update - reference).norm : 0)
            context.measure("alignment \(name)", isFinite ? 1 / update.angle(to: reference) : 0)
        }
        let equilibrium: Parameters<Double>? =
            switch variant {
            case .correct: networkCase.update(EquilibriumInferenceLearning.standard())
            case .backpropagation: reference
            case .nearlyBackpropagation: 1.001 * reference
            case .doubled: 2 * reference
            }
        include("il-equilibrium", equilibrium)
        guard scope == .everything else { return }
        include("il", networkCase.update(InferenceLearning.standard()))
        include("il-prox", networkCase.update(InferenceLearning.proximal()))
        include("il-prox-equilibrium", networkCase.update(EquilibriumInferenceLearning.proximal()))
        let strength = 1e-5
        let rule = EquilibriumInferenceLearning(
            name: "nudged", precision: .unit, output: .nudged(strength: strength), weightUpdate: .local)
        include(nudged, networkCase.update(rule).map { (1 / strength) * $0 })
    }
}
