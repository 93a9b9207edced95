internal import Certificates
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, exactUpdate, standard }

/// What the runs on record found where it is not *conditional*.
private let recorded: [String: Finding] = [
    "distance il-prox-equilibrium": .holds, "gap il-prox-equilibrium": .holds, "angle il-prox": .mixed,
]

private func makeConditions() -> [ClaimCondition] {
    [("", "25 × 0.015", true), ("-equilibrium", "equilibrium", true)].flatMap { suffix, column, isHeadline in
        DistanceMeasure.allCases.map { measure in
            ClaimCondition(
                "\(measure.rawValue) il-prox\(suffix)",
                words: "\(measure.rawValue): il-prox\(suffix) < il\(suffix)", group: measure.words,
                column: column, smaller: "\(measure.rawValue) il-prox\(suffix)",
                bound: .measurement("\(measure.rawValue) il\(suffix)"),
                recorded: recorded["\(measure.rawValue) il-prox\(suffix)"] ?? .conditional,
                isHeadline: isHeadline)
        }
    }
}

extension Claim {
    /// C2 for 25 steps of 0.015 each, the paper's constants, and for both at their equilibria.
    ///
    /// Teeth: the exact update in the place of `il-prox` is closer in every case; `il` itself never is.
    static let proximalCloserThanStandard = Claim.from(
        .proximalCloserThanStandard, title: "IL-prox is closer than standard IL",
        statement: #"""
            IL-prox (normalized update, output between prediction and target) is closer to the implicit update than \#
            standard IL (clamped output, update $\alpha e\bar a^\top$).
            """#,
        population: NetworkCases.claimsInWords,
        quantity: "‖Δ−Δ_imp‖/‖Δ_imp‖, the angle between Δ and Δ_imp, and (P(θ_b+Δ)−P(θ⁺))/(P(θ_b)−P(θ⁺))",
        conditions: makeConditions(), generator: NetworkCases.claims.generator(), correct: Variant.correct,
        plants: [
            ("the exact update for il-prox", .holds, .exactUpdate), ("il for il-prox", .refuted, .standard),
        ]
    ) { networkCase, variant, scope, context in
        let claimCase = try ClaimCase(networkCase, &context)
        let standard = networkCase.update(InferenceLearning.standard())
        claimCase.measureDistances("il", of: standard, &context)
        let proximal =
            switch variant {
            case .correct: networkCase.update(InferenceLearning.proximal())
            case .exactUpdate: claimCase.exact.update
            case .standard: standard
            }
        claimCase.measureDistances("il-prox", of: proximal, &context)
        guard scope == .everything else { return }
        claimCase.measureDistances(
            "il-equilibrium", of: networkCase.update(EquilibriumInferenceLearning.standard()), &context)
        claimCase.measureDistances(
            "il-prox-equilibrium", of: networkCase.update(EquilibriumInferenceLearning.proximal()), &context)
    }
}
