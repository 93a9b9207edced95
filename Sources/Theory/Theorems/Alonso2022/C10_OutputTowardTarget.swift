internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, outputLayerOnly, backpropagation, away }

/// Angles between vectors that are known to rounding: smaller differences are ties.
private let resolution = 1e-9

private func makeConditions() -> [ClaimCondition] {
    func condition(_ rule: String, isHeadline: Bool = true) -> ClaimCondition {
        ClaimCondition(
            "more direct: \(rule)", words: "more direct than bp: \(rule)", group: "angle to the target below BP's",
            column: rule, smaller: "angle \(rule)", bound: .measurement("angle bp"),
            resolution: resolution, recorded: recorded["more direct: \(rule)"] ?? .mixed, isHeadline: isHeadline)
    }
    func growth(_ rule: String, isHeadline: Bool = true) -> ClaimCondition {
        ClaimCondition(
            "lead grows: \(rule)", words: "lead over bp grows to 10α: \(rule)",
            group: "lead over BP grows from α to 10α", column: rule, smaller: "lead \(rule)",
            bound: .measurement("lead \(rule) at 10α"), resolution: resolution, recorded: recorded["lead grows: \(rule)"] ?? .mixed,
            isHeadline: isHeadline)
    }
    return [
        condition("il-prox"), condition("il-prox-equilibrium"), condition("il"),
        condition("il-equilibrium", isHeadline: false), condition("implicit", isHeadline: false),
        growth("il-prox"), growth("il-prox-equilibrium", isHeadline: false),
    ]
}

/// What the runs on record found where it is not *mixed*.
private let recorded: [String: Finding] = [
    "lead grows: il-prox": .refuted, "lead grows: il-prox-equilibrium": .undecided,
]

extension Claim {
    /// C10: the angle between the change `h_N(θ_b+Δ) − h_N(θ_b)` of the output and the direction `−∇ℓ` to the target,
    /// which is `y − h_N` for the squared error and `y − μ(h_N)` in the logits of the cross-entropies. Two outputs at
    /// least, since one output has no directions.
    ///
    /// Teeth: an update of the output layer alone points straight at the target, BP's is not more direct than itself,
    /// and the opposite update of `il-prox` points away.
    static let outputTowardTarget = Claim.from(
        .outputTowardTarget, title: "IL's output change points at the target",
        statement: #"""
            As $\alpha$ grows, the change of the output under inference learning points more directly at the target \#
            than under backpropagation.
            """#,
        population: NetworkCases.claimsInWords + "; widths 2–12",
        quantity: "the angle between h_N(θ_b+Δ) − h_N(θ_b) and −∇ℓ; lead: BP's angle minus the rule's, at α and at 10α",
        conditions: makeConditions(),
        generator: NetworkCases {
            $0.depths = 2...5
            $0.widths = 2...12
            $0.batchSizes = 1...1
            $0.degeneracies = []
        }.generator(), correct: Variant.correct,
        plants: [
            ("the output layer alone", .holds, .outputLayerOnly), ("BP for il-prox", .refuted, .backpropagation),
            ("away from the target", .refuted, .away),
        ]
    ) { networkCase, variant, scope, context in
        let claimCase = try ClaimCase(networkCase, &context)
        let direction = OutputDirection(claimCase.problem)
        let reference = networkCase.update(Backpropagation())
        context.measure("angle bp", direction.angle(reference))
        let proximal = networkCase.update(InferenceLearning.proximal())
        switch variant {
        case .correct: context.measure("angle il-prox", direction.angle(proximal))
        case .backpropagation: context.measure("angle il-prox", direction.angle(reference))
        case .away: context.measure("angle il-prox", direction.angle(proximal.map { -1 * $0 }))
        case .outputLayerOnly:
            let only = reference.map { update in
                var update = update
                for n in update.layers.indices.dropLast() { update.layers[n].scale(by: 0) }
                return update
            }
            context.measure("angle il-prox", direction.angle(only))
        }
        guard scope == .everything else { return }
        let rules: [any LearningRule] = [
            EquilibriumInferenceLearning.proximal(), InferenceLearning.standard(),
            EquilibriumInferenceLearning.standard(),
        ]
        for rule in rules {
            guard let update = networkCase.update(rule) else {
                context.recordNoUpdate(rule.name, ["angle \(rule.name)"])
                continue
            }
            context.measure("angle \(rule.name)", direction.angle(update))
        }
        context.measure("angle implicit", direction.angle(claimCase.exact.update))
        let later = try networkCase.with(alpha: 10 * networkCase.alpha)
        let laterReference = direction.angle(later.update(Backpropagation()))
        for rule in [InferenceLearning.proximal(), EquilibriumInferenceLearning.proximal()] as [any LearningRule] {
            guard let now = networkCase.update(rule), let then = later.update(rule) else {
                context.recordNoUpdate(rule.name, ["lead \(rule.name)"])
                continue
            }
            context.measure("lead \(rule.name)", direction.angle(reference) - direction.angle(now))
            context.measure("lead \(rule.name) at 10α", laterReference - direction.angle(then))
        }
    }
}

/// The direction from the output to the target in one case.
private struct OutputDirection {
    private let problem: ProximalProblem
    private let before: Matrix<Double>
    private let target: Parameters<Double>

    init(_ problem: ProximalProblem) {
        self.problem = problem
        before = problem.network.logits(problem.batch.inputs)
        var gradient = before
        problem.loss.gradient(before, targets: problem.batch.targets, into: &gradient)
        gradient.scale(by: -1)
        target = Parameters(layers: [gradient])
    }

    /// The angle of the output's change to it, in radians; a right angle where the output does not change, a straight
    /// one where it is not finite.
    func angle(_ update: Parameters<Double>?) -> Double {
        guard let update else { return .pi }
        let change = problem.network.updated(by: update).logits(problem.batch.inputs) - before
        return change.norm.isFinite ? Parameters(layers: [change]).angle(to: target) : .pi
    }
}
