internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, epsilonOne, batchMean, biasKept, unnormalized }

extension Variant {
    /// The update that should reach the activities of `energy`.
    func update(_ energy: ActivityEnergy) -> Parameters<Double> {
        var result = energy.update()
        if self == .correct { return result }
        let architecture = energy.problem.network.architecture
        for n in result.layers.indices {
            let rates = energy.rates[n].extended(architecture.biases[n])
            let examples = Double(rates.columns)
            switch self {
            case .correct: break
            case .biasKept:
                guard architecture.biases[n] else { continue }
                for i in 0..<result.layers[n].rows {
                    result.layers[n][i, result.layers[n].columns - 1] = 0
                }
            case .epsilonOne:
                let scale = 1 / (rates.squaredNorm + examples)
                result.layers[n] = scale * energy.errors[n + 1].times(rates.transposed)
            case .batchMean:
                let scale = 1 / rates.squaredNorm
                result.layers[n] = scale * energy.errors[n + 1].times(rates.transposed)
            case .unnormalized:
                let scale = energy.problem.learningRate / examples
                result.layers[n] = scale * energy.errors[n + 1].times(rates.transposed)
            }
        }
        return result
    }
}

extension Theorem {
    /// T7 for arbitrary activities, not only those of a minimiser: the feedforward pass, in plain
    /// loops, after the normalized update gives them back.
    ///
    /// **Tolerance.** The update of a layer makes its prediction equal to the wanted activity up to the
    /// local rounding of `ActivityEnergyRounding` and `4(k+B)uκ(K)‖M‖‖K‖` of the factorization; an error below
    /// grows by `‖W⁺‖Lφ` at most with each layer.
    static let targetsReached = Theorem.from(
        .targetsReached, title: "Targets are reached",
        statement: #"""
            With mini-batch 1, or $K_n$ nonsingular and the update of T3, the feedforward activities after the \#
            normalized update equal the inferred ones: $h^{(b+1)}=\hat h^{(b)}$.
            """#,
        hypotheses: ["Every Gram matrix is nonsingular (reciprocal condition above 10⁻¹⁰)."],
        paper: .alonso2022, quantity: "h after the update − wanted h, of each layer", bound: "zero",
        tolerance: "local rounding of each layer, grown by the norms and slopes of the layers above",
        generator: NetworkCases { $0.batchFitsLayers = true }.generator(), describe: \.description,
        correct: Variant.correct,
        mutants: [
            ("denominator s + 1, as the paper's code", .epsilonOne),
            ("averaged update over averaged sₙ", .batchMean), ("bias does not move", .biasKept),
            ("the unnormalized update of il", .unnormalized),
        ]
    ) { networkCase, variant, context in
        let displaced = try DisplacedActivities(networkCase, update: variant.update)
        networkCase.label(&context)
        let reached = ReferencePass(networkCase.problem, weights: displaced.weights).activities
        var worst = WorstMargin()
        for n in reached.indices {
            let deviation = (reached[n] - displaced.energy.activities[n]).norm
            worst.include(margin(deviation, 0, tolerance: displaced.errors[n]))
        }
        return worst.value
    }
}
