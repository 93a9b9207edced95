internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, equal, earlier }

private func makeConditions() -> [ClaimCondition] {
    ["il", "il-equilibrium"].flatMap { rule in
        [("spread", "largest more than 100 × smallest"), ("fall", "last more than 100 × first")].map { measurement, words in
            let name = "\(measurement) \(rule)"
            return ClaimCondition(
                name, words: "\(words): \(rule)", group: "\(words) layer's energy", column: rule, smaller: name,
                bound: .constant(0.01), recorded: recorded[name] ?? .mixed, isHeadline: true)
        }
    }
}

/// What the runs on record found where it is not *mixed*.
private let recorded: [String: Finding] = ["spread il": .conditional, "fall il": .conditional]

extension Claim {
    /// C19: the energies `½‖eₙ‖²` of the layers after the 25 steps of 0.015 of Alonso 2022, and at the equilibrium.
    ///
    /// That the imbalance is why deep networks train worse is a claim about training, of which nothing is measured here.
    ///
    /// Teeth: equal energies are not imbalanced; after one small step the lower layers have none.
    static let imbalancedEnergies = Claim.from(
        .imbalancedEnergies, title: "The energies of layers are imbalanced",
        statement: #"""
            After inference the energies $\frac12\lVert e_n\rVert^2$ of layers differ by orders of magnitude, that is, more than a hundredfold; they fall towards \#
            the input.
            """#,
        population: NetworkCases.claimsInWords,
        quantity: "the smallest over the largest energy of a layer, and the first over the last", conditions: makeConditions(),
        axes: [.depth, .width, .kinks], defaultCases: 1500, plantCases: 300, generator: NetworkCases.claims.generator(),
        correct: Variant.correct,
        plants: [("equal energies", .refuted, .equal), ("one step of 0.001", .holds, .earlier)]
    ) { networkCase, variant, scope, context in
        try networkCase.measureFeatures(&context)
        func include(_ name: String, _ errors: PerLayer<Matrix<Double>>?) {
            guard let errors else { return context.recordNoUpdate(name, ["spread \(name)", "fall \(name)"]) }
            let energies = errors.elements.map(\.squaredNorm)
            guard let largest = energies.max(), let smallest = energies.min(), largest > 0, largest.isFinite else { return }
            context.measure("spread \(name)", smallest / largest)
            context.measure("fall \(name)", energies[energies.count - 1] > 0 ? energies[0] / energies[energies.count - 1] : .infinity)
        }
        switch variant {
        case .correct: include("il", networkCase.inferredErrors(steps: 25, stepSize: 0.015))
        case .equal: include("il", PerLayer(networkCase.architecture.layers) { _ in Matrix(column: [1]) })
        case .earlier: include("il", networkCase.inferredErrors(steps: 1, stepSize: 0.001))
        }
        guard scope == .everything else { return }
        include("il-equilibrium", networkCase.equilibriumErrors())
    }
}
