internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// What rounding can do to both sides of the identity
/// `P(θ) = E(h) + Σ‖W − W(h)‖²/(2α)` (T2, T3), computed from the sizes of its terms.
///
/// The identity holds layer by layer for *any* rates, so the error of a layer's rates does not
/// propagate into it. What enters is the local error of the layer's prediction errors,
///
/// `δE = (k+8)u · [(|W|+|W_b|)|ā| + |W_b||ā_b| + |h| + |h_b| + |W_b|(|h|+|h_b|)]`,
///
/// where the first two terms round the three products, the next two the difference of activities, and
/// the last what one rounding of `h` does to the rates (Lipschitz constants are at most 1.13).
/// Then `½tr EK⁻¹Eᵀ` is off by `‖M‖‖δE‖ + ½‖K⁻¹‖‖δE‖²` with `M = EK⁻¹`, by `‖M‖²‖δK‖` with
/// `‖δK‖ ≤ 2‖Ā‖‖δA‖`, and by `4(k+B)uκ(K)` of itself for the factorization; the distance to `W(h)` by
/// the same, since `W(h)` is linear in `E`.
struct ActivityEnergyRounding {
    /// The tolerance of `αE(h)` and of `α` times the identity.
    private(set) var value = 0.0
    /// A bound on `‖δEₙ‖` of layers `1…N`.
    private(set) var localErrors = PerLayer<Double>(from: 1, [])

    /// - Parameters:
    ///   - energy: evaluated at `h`.
    ///   - weights: the weights θ whose feedforward pass `h` is.
    init(_ energy: ActivityEnergy, weights: Parameters<Double>) {
        let problem = energy.problem
        let architecture = problem.network.architecture
        let before = problem.network.parameters
        var baseRates = problem.batch.inputs
        let examples = Double(problem.batch.size)
        for n in 0..<architecture.depth {
            let hasBias = architecture.biases[n]
            let (own, old) = (weights.layers[n].mapped(abs), before.layers[n].mapped(abs))
            let rates = energy.rates[n].extended(hasBias).mapped(abs)
            let factor = Double(own.columns + 8) * unitRoundoff
            var local = (own + old).times(rates) + old.times(baseRates.extended(hasBias).mapped(abs))
            local.add(energy.activities[n + 1].mapped(abs))
            local.add(energy.feedforward[n + 1].mapped(abs))
            var rateError = 8 * unitRoundoff * rates
            if n > 0 {
                let sizes =
                    energy.activities[n].mapped(abs) + energy.feedforward[n].mapped(abs)
                local.add(old.times(sizes.extended(hasBias)))
                rateError.add(8 * unitRoundoff * sizes.extended(hasBias))
            }
            let error = factor * local.norm
            localErrors.append(error)
            let gram = energy.grams[n]
            let inverse = gram.inverse.norm
            let weighted = energy.weightedErrors[n + 1].norm
            let term = energy.weightedErrors[n + 1].dot(energy.errors[n + 1])
            value += weighted * error + inverse * error * error
            value += 2 * weighted * weighted * rates.norm * rateError.norm
            value += 4 * (Double(own.columns) + examples) * unitRoundoff * gram.matrix.norm * inverse * term
            // The distance to W(h), off by δE/σ, and the squares that are summed.
            let move = weights.layers[n] - before.layers[n]
            value += 2 * move.norm * error * inverse.squareRoot()
            value += Double(own.count + 8) * unitRoundoff * move.squaredNorm
            baseRates = energy.feedforward[n + 1]
            architecture.activation(ofLayer: n + 1).evaluate(energy.feedforward[n + 1], into: &baseRates)
        }
    }
}
