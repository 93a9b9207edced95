internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import RealModule

/// Bayesian regression `H = WĀ + noise`, rows of `W` normal around `W_b` with variance `α`, one example after the other.
///
/// Example `j` has the predictive variance `v = s + aᵀCa`; then `W ← W + r(Ca)ᵀ/v`, `C ← C − Ca(Ca)ᵀ/v` with the
/// residual `r = h − Wa`. Variances are in units of the temperature.
struct RecursiveLeastSquares {
    private(set) var mean: Matrix<Double>
    private(set) var covariance: Matrix<Double>
    /// `Σ‖r‖²/v` and `Σ log v`, whose sum is twice the negative logarithm of the density of `H` for one row.
    private(set) var misfit = 0.0
    private(set) var logVariance = 0.0
    /// `κ = 1 + α‖Ā‖²/s`, a bound on how much the examples shrink `C`.
    let condition: Double
    /// `4(k+B+8)uκ²`: each downdate of `C` errs by some `uα`, which counts by at most `κ` in later ones and by
    /// `α‖a‖²/v ≤ κ` in the gain.
    let relativeError: Double
    /// `‖W_b‖ + Σ‖r‖/‖a‖`, which the error of `mean` is relative to.
    private(set) var scale: Double

    /// - Throws: `Discard` where `κ` exceeds 10⁴.
    init(
        prior base: Matrix<Double>, variance alpha: Double, rates: Matrix<Double>, activities: Matrix<Double>,
        noise: Double
    ) throws {
        condition = 1 + alpha * rates.squaredNorm / noise
        try assume(condition <= 1e4, "examples outweigh the prior by more than 10⁴")
        relativeError = 4 * Double(rates.rows + rates.columns + 8) * unitRoundoff * condition * condition
        mean = base
        covariance = alpha * .identity(rates.rows)
        scale = base.norm
        for j in 0..<rates.columns {
            let rate = rates.columns(j..<(j + 1))
            let gain = covariance.times(rate)
            let variance = noise + rate.dot(gain)
            let residual = activities.columns(j..<(j + 1)) - mean.times(rate)
            mean.add(residual.times(gain.transposed), scaledBy: 1 / variance)
            covariance.add(gain.times(gain.transposed), scaledBy: -1 / variance)
            misfit += residual.squaredNorm / variance
            logVariance += Double.log(variance)
            if rate.norm > 0 { scale += residual.norm / rate.norm }
        }
    }
}

extension NetworkCases {
    /// One linear layer, any mini-batch, learning rates whose problems are not stiff.
    static let linearLayer = NetworkCases {
        $0.depths = 1...1
        $0.losses = [.squaredError]
        $0.learningRates = 1e-3...1e2
    }
}
