internal import ImplicitSGD
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, doubled, halved }

private func makeConditions() -> [ClaimCondition] {
    func condition(
        _ rule: String, _ measurement: String, _ words: String, group: String, bound: Double = 1, recorded: Finding
    ) -> ClaimCondition {
        ClaimCondition(
            "\(words): \(rule)", words: "\(words): \(rule)", group: group, column: rule, smaller: "\(measurement) \(rule)",
            bound: .constant(bound), recorded: recorded, isHeadline: true)
    }
    let equilibrium = "il-equilibrium"
    return [
        condition(equilibrium, "norm", "at least as long as bp", group: "length", recorded: .refuted),
        condition(equilibrium, "slope", "lowers L at least as fast as bp", group: "first-order decrease", recorded: .refuted),
        condition("il", "norm", "at least as long as bp", group: "length", recorded: .refuted),
        condition(
            equilibrium, "disagreement", "longer than bp exactly if 2⟨g, ρ⟩ + ‖ρ‖² > 0", group: "condition", bound: 0.5,
            recorded: .holds),
    ]
}

extension Claim {
    /// C14: with `g = ∇L` and the rule's `u = −Δ/α = g + ρ`, the rate is at least BP's where `‖u‖ ≥ ‖g‖`, that is, where
    /// `2⟨g, ρ⟩ + ‖ρ‖² ≥ 0`; to first order the loss falls at least as fast where `⟨g, u⟩ ≥ ‖g‖²`.
    ///
    /// Teeth: twice BP is faster by both, half of BP by none.
    static let convergenceRate = Claim.from(
        .convergenceRate, title: "Predictive coding converges at least at BP's rate",
        statement: #"""
            The gradient $g+\rho$ of predictive coding is at least as long as BP's $g$, so that it converges at least as fast. \#
            Exactly: $\lVert g+\rho\rVert\ge\lVert g\rVert$ if and only if $2\langle g,\rho\rangle+\lVert\rho\rVert^2\ge0$.
            """#,
        population: NetworkCases.claimsInWords,
        quantity: "‖g‖/‖u‖ and ‖g‖²/⟨g, u⟩ for the update u per α (below 1: at least BP's rate)",
        conditions: makeConditions(), defaultCases: 500, plantCases: 300, generator: NetworkCases.claims.generator(),
        correct: Variant.correct,
        plants: [("twice bp", .holds, .doubled), ("half of bp", .refuted, .halved)]
    ) { networkCase, variant, scope, context in
        try networkCase.measureFeatures(&context)
        let problem = networkCase.problem
        let gradient = problem.linearization(after: .zero(problem)).gradient()
        let size = gradient.norm
        try assume(size > 0, "no gradient")
        func include(_ name: String, _ update: Parameters<Double>?) {
            guard let update else {
                return context.recordNoUpdate(name, ["norm", "slope", "disagreement"].map { "\($0) \(name)" })
            }
            guard update.norm.isFinite else { return context.measure("norm \(name)", 0) }
            let direction = (-1 / problem.learningRate) * update
            let rest = direction - gradient
            let along = gradient.dot(direction)
            let isLonger = size < direction.norm
            let excess = 2 * gradient.dot(rest) + rest.dot(rest)
            // Where both are the same to rounding nothing is compared.
            let isTied = abs(excess) <= 1e-12 * size * size
            context.measure("norm \(name)", direction.norm > 0 ? size / direction.norm : .infinity)
            context.measure("slope \(name)", along > 0 ? size * size / along : .infinity)
            context.measure("disagreement \(name)", isTied || isLonger == (excess > 0) ? 0 : 1)
        }
        let equilibrium: Parameters<Double>? =
            switch variant {
            case .correct: networkCase.update(EquilibriumInferenceLearning.standard())
            case .doubled: (-2 * problem.learningRate) * gradient
            case .halved: (-0.5 * problem.learningRate) * gradient
            }
        include("il-equilibrium", equilibrium)
        guard scope == .everything else { return }
        include("il", networkCase.update(InferenceLearning.standard()))
    }
}
