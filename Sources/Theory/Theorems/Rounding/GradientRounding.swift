internal import LinearAlgebra
internal import Networks

/// A bound on the norm of what rounding does to `∇L` at the weights of a pass: the running error analysis of
/// `FeedforwardRounding`, continued downwards.
///
/// `η_N = ‖δh_N‖ + γ(‖h_N‖ + ‖y‖)` since the losses have curvature at most 1, and
/// `ηₙ = L‖Wₙ‖ηₙ₊₁ + (L′‖δhₙ‖ + γL)‖Wₙ‖‖δₙ₊₁‖` with `L = sup|φ′|`, `L′ = sup|φ″|`; the gradient of layer `n` is
/// off by `(ηₙ₊₁‖āₙ‖ + ‖δₙ₊₁‖(‖δaₙ‖ + γ‖āₙ‖))/B`.
func gradientRounding(_ pass: Linearization<Double>) -> Double {
    let architecture = pass.network.architecture
    let forward = FeedforwardRounding(
        pass.network, pass.batch.inputs, relativeWeightError: 2 * unitRoundoff)
    let gamma = 32 * unitRoundoff
    let top = architecture.depth
    var own = forward.activities[top].norm
        + gamma * (pass.logits.norm + pass.batch.targets.norm)
    var total = 0.0
    for n in stride(from: top - 1, through: 0, by: -1) {
        let rates = pass.rates[n].norm + (architecture.biases[n] ? Double(pass.batch.size).squareRoot() : 0)
        total += own * rates + pass.errors[n + 1].norm * (forward.rates[n].norm + gamma * rates)
        if n == 0 { break }
        let activation = architecture.activation(ofLayer: n)
        let weights = pass.network.parameters.layers[n].norm
        let change = activation.largestCurvature * forward.activities[n].norm
        own = activation.lipschitzConstant * weights * own
            + (change + gamma * activation.lipschitzConstant) * weights * pass.errors[n + 1].norm
    }
    return total / Double(pass.batch.size)
}
