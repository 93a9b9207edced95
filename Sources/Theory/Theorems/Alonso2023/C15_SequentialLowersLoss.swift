internal import ImplicitSGD
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, reversed, same }

private func makeConditions() -> [ClaimCondition] {
    func condition(_ rule: String, _ than: String, recorded: Finding) -> ClaimCondition {
        ClaimCondition(
            "\(rule) against \(than)", words: "lowers L more than \(than): \(rule)", group: "loss after one update",
            column: "\(rule) against \(than)", smaller: "loss after \(rule)", bound: .measurement("loss after \(than)"),
            recorded: recorded, isHeadline: true)
    }
    return [
        condition("seq-il", "il", recorded: .refuted), condition("seq-il, 1 sweep", "il", recorded: .refuted),
        condition("seq-il", "bp", recorded: .refuted),
    ]
}

extension Claim {
    /// C15, as far as one update goes: `L(θ_b + Δ)` after three sweeps against `il` after 25 steps, at the same `α`. Whether
    /// training is faster is measured by `verify-cli convergence`.
    ///
    /// Teeth: `il` is never strictly better than itself; going the other way is worse.
    static let sequentialLowersLoss = Claim.from(
        .sequentialLowersLoss, title: "One update of SeqIL lowers the loss more than IL's",
        statement: #"""
            At the same learning rate an update after sequential inference lowers the loss more than one after simultaneous inference.
            """#,
        population: NetworkCases.claimsInWords, quantity: "L(θ_b+Δ)/L(θ_b)", conditions: makeConditions(),
        defaultCases: 500, plantCases: 300, generator: NetworkCases.claims.generator(), correct: Variant.correct,
        plants: [("no step, against a short one the other way", .holds, .reversed), ("il", .refuted, .same)]
    ) { networkCase, variant, scope, context in
        try networkCase.measureFeatures(&context)
        let standard = networkCase.update(InferenceLearning.standard())
        try assume(networkCase.problem.lossBefore > 0 && (standard?.norm ?? 1) > 0, "nothing to learn")
        switch variant {
        case .correct:
            networkCase.measureLossAfter("il", standard, &context)
            networkCase.measureLossAfter("seq-il", networkCase.update(InferenceLearning.sequential()), &context)
        case .reversed:
            networkCase.measureLossAfter("il", standard.map { networkCase.shortened(-1 * $0) }, &context)
            networkCase.measureLossAfter("seq-il", standard.map { 0 * $0 }, &context)
        case .same:
            networkCase.measureLossAfter("il", standard, &context)
            networkCase.measureLossAfter("seq-il", standard, &context)
        }
        guard scope == .everything else { return }
        networkCase.measureLossAfter("seq-il, 1 sweep", networkCase.update(InferenceLearning.sequential(sweeps: 1)), &context)
        networkCase.measureLossAfter("bp", networkCase.update(Backpropagation()), &context)
    }
}
