internal import Certificates
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, exactUpdate, standard }

private func makeConditions() -> [ClaimCondition] {
    let distances = ["il", "bp"].flatMap { than in
        DistanceMeasure.allCases.map { measure in
            let name = "\(measure.rawValue) iil against \(than)"
            return ClaimCondition(
                name, words: "\(measure.rawValue): iil < \(than)", group: measure.words, column: "iil < \(than)",
                smaller: "\(measure.rawValue) iil", bound: .measurement("\(measure.rawValue) \(than)"),
                recorded: .refuted, isHeadline: true)
        }
    }
    return distances + [
        ClaimCondition(
            "loss iil against il", words: "lowers L more than il: iil", group: "loss after one update", column: "iil",
            smaller: "loss after iil", bound: .measurement("loss after il"), recorded: .refuted, isHeadline: true)
    ]
}

extension Claim {
    /// C16, as far as one update goes: `iil`, which moves weights by `α/T` at each of the 25 steps, against `il` and BP in the
    /// distances of C1. Whether it trains faster and more stably is for `verify-cli convergence` and `stability`.
    ///
    /// Teeth: the exact update is nearer, `il` is not nearer than itself.
    static let incrementalCloser = Claim.from(
        .incrementalCloser, title: "Incremental predictive coding is nearer to implicit SGD than IL",
        statement: #"""
            The update of incremental predictive coding, which moves weights and activities together, is closer to the implicit \#
            update than that of standard inference learning.
            """#,
        population: NetworkCases.claimsInWords,
        quantity: "‖Δ−Δ_imp‖/‖Δ_imp‖, the angle between Δ and Δ_imp, and (P(θ_b+Δ)−P(θ⁺))/(P(θ_b)−P(θ⁺))",
        conditions: makeConditions(), defaultCases: 400, plantCases: 300, generator: NetworkCases.claims.generator(),
        correct: Variant.correct,
        plants: [("the exact update for iil", .holds, .exactUpdate), ("il for iil", .refuted, .standard)]
    ) { networkCase, variant, scope, context in
        let claimCase = try ClaimCase(networkCase, &context)
        let standard = networkCase.update(InferenceLearning.standard())
        claimCase.measureDistances("il", of: standard, &context)
        let incremental: Parameters<Double>? =
            switch variant {
            case .correct: networkCase.update(IncrementalInferenceLearning())
            case .exactUpdate: claimCase.exact.update
            case .standard: standard
            }
        claimCase.measureDistances("iil", of: incremental, &context)
        guard scope == .everything else { return }
        claimCase.measureDistances("bp", of: networkCase.update(Backpropagation()), &context)
        networkCase.measureLossAfter("il", standard, &context)
        networkCase.measureLossAfter("iil", incremental, &context)
    }
}
