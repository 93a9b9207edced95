internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, noInference, backpropagation }

private func makeConditions() -> [ClaimCondition] {
    [
        ClaimCondition(
            "operations: il", words: "one update takes at least bp's operations: il", group: "operations", column: "il",
            smaller: "saved by il", bound: .constant(1), recorded: .holds, isHeadline: true),
        ClaimCondition(
            "operations: il, 1 step", words: "one update takes at least bp's operations: il, 1 step", group: "operations",
            column: "il, 1 step", smaller: "saved by il, 1 step", bound: .constant(1), recorded: .holds, isHeadline: true),
        ClaimCondition(
            "progress: il", words: "lowers L less for each operation than bp: il", group: "decrease of L for each operation",
            column: "il", smaller: "progress il", bound: .measurement("progress bp"), recorded: .conditional, isHeadline: true),
    ]
}

extension Claim {
    /// C18: multiplications of one update, from how often each rule multiplies by all hidden weights: forward pass and update
    /// take one by every weight, BP's backward pass one by the hidden ones, a step of inference two. Beside it the decrease of the
    /// loss for each, at the same `α`.
    ///
    /// Teeth: inference of no steps takes fewer than BP, BP itself no fewer.
    static let costAtLeastBackpropagation = Claim.from(
        .costAtLeastBackpropagation, title: "Predictive coding costs at least as much as BP",
        statement: #"""
            One update of predictive coding takes at least as many operations as one of BP.
            """#,
        population: NetworkCases.claimsInWords,
        quantity: "BP's multiplications less the rule's (below 1: no fewer); (L(θ_b) − L(θ_b+Δ)) for each multiplication",
        conditions: makeConditions(), defaultCases: 400, plantCases: 200, generator: NetworkCases.claims.generator(),
        correct: Variant.correct,
        plants: [("bp", .holds, .backpropagation), ("il of no steps", .refuted, .noInference)]
    ) { networkCase, variant, scope, context in
        try networkCase.measureFeatures(&context)
        let explicit = networkCase.multiplications(Backpropagation())
        func saved(_ rule: any LocalLearningRule) -> Double { explicit - networkCase.multiplications(rule) }
        switch variant {
        case .correct: context.measure("saved by il", saved(InferenceLearning.standard()))
        case .noInference: context.measure("saved by il", saved(InferenceLearning.standard(steps: 0)))
        case .backpropagation: context.measure("saved by il", saved(Backpropagation()))
        }
        guard scope == .everything else { return }
        context.measure("saved by il, 1 step", saved(InferenceLearning.standard(steps: 1)))
        let problem = networkCase.problem
        for rule in [Backpropagation(), InferenceLearning.standard()] as [any LocalLearningRule] {
            guard let update = networkCase.update(rule) else {
                context.recordNoUpdate(rule.name, ["progress \(rule.name)"])
                continue
            }
            let after = problem.linearization(after: update).meanLoss
            let decrease = after.isFinite ? problem.lossBefore - after : -.infinity
            context.measure("progress \(rule.name)", decrease / networkCase.multiplications(rule))
        }
    }
}

extension NetworkCase {
    /// Multiplications of one update of one example: forward pass, update, and the rule's products with hidden weights.
    fileprivate func multiplications(_ rule: any LocalLearningRule) -> Double {
        let layers = problem.network.parameters.layers
        let all = layers.reduce(0) { $0 + $1.count }
        let hidden = architecture.hiddenLayers.reduce(0) { $0 + layers[$1].rows * architecture.widths[$1] }
        return Double(2 * all + rule.hiddenProducts * hidden)
    }
}
