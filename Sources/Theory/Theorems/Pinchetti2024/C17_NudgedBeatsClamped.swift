internal import ImplicitSGD
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, reversed, same }

private func makeConditions() -> [ClaimCondition] {
    func condition(
        _ rule: String, _ than: String, _ measurement: String, _ words: String, recorded: Finding
    ) -> ClaimCondition {
        ClaimCondition(
            "\(measurement): \(rule) against \(than)", words: "\(words) than \(than): \(rule)", group: measurement,
            column: "\(rule) against \(than)", smaller: "\(measurement) \(rule)", bound: .measurement("\(measurement) \(than)"),
            recorded: recorded, isHeadline: true)
    }
    return [
        condition("nudged", "il-equilibrium", "loss after", "lowers L more", recorded: .refuted),
        condition("nudged", "il", "loss after", "lowers L more", recorded: .refuted),
        condition("nudged, centred", "nudged", "loss after", "lowers L more", recorded: .mixed),
        condition("nudged", "il-equilibrium", "angle to bp", "nearer to bp", recorded: .mixed),
        condition("nudged, centred", "nudged", "angle to bp", "nearer to bp", recorded: .mixed),
    ]
}

extension Claim {
    /// C17, as far as one update goes: `nudged`, 200 steps of 0.1 with a soft nudge of 0.1, against IL with a clamped output at its
    /// equilibrium, at the same `α`. That
    /// nudged networks reach a better accuracy is a claim about training, which `verify-cli convergence` can run.
    ///
    /// Teeth: `il` is never strictly better than itself; going the other way is worse than no step.
    static let nudgedBeatsClamped = Claim.from(
        .nudgedBeatsClamped, title: "One update with a nudged output is better than with a clamped one",
        statement: #"""
            An update after nudged inference lowers the loss more than one after inference with a clamped output, and is nearer to BP's.
            """#,
        population: NetworkCases.claimsInWords, quantity: "L(θ_b+Δ)/L(θ_b); the angle to BP's update", conditions: makeConditions(),
        defaultCases: 500, plantCases: 300, generator: NetworkCases.claims.generator(), correct: Variant.correct,
        plants: [("no step, against a short one the other way", .holds, .reversed), ("il", .refuted, .same)]
    ) { networkCase, variant, scope, context in
        try networkCase.measureFeatures(&context)
        let standard = networkCase.update(InferenceLearning.standard())
        try assume(networkCase.problem.lossBefore > 0 && (standard?.norm ?? 1) > 0, "nothing to learn")
        guard variant == .correct else {
            let isReversed = variant == .reversed
            networkCase.measureLossAfter(
                "il-equilibrium", standard.map { isReversed ? networkCase.shortened(-1 * $0) : $0 }, &context)
            networkCase.measureLossAfter("nudged", standard.map { (isReversed ? 0 : 1) * $0 }, &context)
            return
        }
        let soft = networkCase.update(NudgedInferenceLearning(name: "nudged", target: .soft))
        let equilibrium = networkCase.update(EquilibriumInferenceLearning.standard())
        networkCase.measureLossAfter("il-equilibrium", equilibrium, &context)
        networkCase.measureLossAfter("nudged", soft, &context)
        guard scope == .everything else { return }
        let centred = networkCase.update(NudgedInferenceLearning(name: "nudged", target: .soft, sign: .centred))
        let explicit = networkCase.update(Backpropagation())
        networkCase.measureLossAfter("nudged, centred", centred, &context)
        networkCase.measureLossAfter("il", standard, &context)
        for (name, update) in [("nudged", soft), ("nudged, centred", centred), ("il-equilibrium", equilibrium)] {
            guard let update, let explicit else {
                context.recordNoUpdate(name, ["angle to bp \(name)"])
                continue
            }
            context.measure("angle to bp \(name)", update.norm.isFinite ? update.angle(to: explicit) : .pi)
        }
    }
}
