internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, fixedPredictions, backpropagation }

private func makeCondition(_ percent: Int, recorded: Finding) -> ClaimCondition {
    ClaimCondition(
        "within \(percent) %", words: "within \(percent) % of the binomial shares in every layer: il", group: "layers",
        column: "within \(percent) %", smaller: "deviation", bound: .constant(Double(percent) / 100), recorded: recorded,
        isHeadline: true)
}

extension Claim {
    /// C24: `√(E_n/E_N)` of the layers after `T` steps of `γ`, over `c_{N−n}‖δ_n‖/‖δ_N‖` with the shares of T22; the largest
    /// factor of any hidden layer that inference has reached, less 1.
    ///
    /// Teeth: with fixed predictions T22 is exact; BP's errors, all shares 1, are not these.
    static let energiesFollowBinomial = Claim.from(
        .energiesFollowBinomial, title: "The energies of layers follow the binomial shares",
        statement: #"""
            After $T$ steps of $\gamma$ the errors of layers are as $\Pr[\mathrm{Bin}(T,\gamma)\ge N-n]\,\lVert\delta_n\rVert$.
            """#,
        population: NetworkCases.claimsInWords + "; T of 5, 25 or 100, Tγ log-uniform over 0.02–2",
        quantity: "the largest of max(q, 1/q) − 1 over hidden layers reached, q = √(Eₙ/E_N)/(c‖δₙ‖/‖δ_N‖)",
        conditions: [makeCondition(10, recorded: .mixed), makeCondition(50, recorded: .mixed)],
        axes: [
            RegionAxis(
                title: "Tγ", measurement: "Tγ",
                regions: [(0.02, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 2)].map { low, high in
                    .init(label: "\(low) to \(high)", range: low..<(high == 2 ? 2.1 : high))
                }),
            .depth, .kinks,
        ],
        defaultCases: 800, plantCases: 300, generator: NetworkCases.claims.generator(), correct: Variant.correct,
        plants: [("fixed predictions", .holds, .fixedPredictions), ("bp's errors", .refuted, .backpropagation)]
    ) { networkCase, variant, _, context in
        try networkCase.measureFeatures(&context)
        var random = networkCase.randomGenerator(stream: 9)
        let steps = [5, 25, 100][min(2, Int(3 * random.nextUniform()))]
        let time = 0.02 * Double.pow(100, random.nextUniform())
        let size = time / Double(steps)
        context.measure("Tγ", time)
        let problem = networkCase.problem
        let gradients = problem.linearization(after: .zero(problem)).errors
        let depth = networkCase.architecture.depth
        try assume(gradients[depth].norm > 0, "no gradient")
        let shares = LayerFactors.binomial(steps: steps, stepSize: size)
        let errors: PerLayer<Matrix<Double>> =
            switch variant {
            case .correct: networkCase.inferredErrors(steps: steps, stepSize: size)
            case .fixedPredictions: PerLayer(gradients.indices) { shares.share(below: depth - $0) * gradients[$0] }
            case .backpropagation: gradients
            }
        var worst = 0.0
        var isReached = false
        for n in networkCase.architecture.hiddenLayers where depth - n <= steps && gradients[n].norm > 0 {
            let expected = shares.share(below: depth - n) * gradients[n].norm / gradients[depth].norm
            let quotient = errors[n].norm / errors[depth].norm / expected
            isReached = true
            worst = max(worst, quotient.isFinite && quotient > 0 ? max(quotient, 1 / quotient) - 1 : .infinity)
        }
        try assume(isReached, "no hidden layer is reached")
        context.measure("deviation", worst)
    }
}
