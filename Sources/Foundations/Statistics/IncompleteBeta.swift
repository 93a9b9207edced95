import Foundation

/// The regularised incomplete beta function Iₓ(a, b) for a, b > 0 and x in 0...1.
///
/// It is the distribution function of the beta distribution: 0 at 0, 1 at 1, increasing, and
/// Iₓ(a, b) = 1 − I₁₋ₓ(b, a). The relative error grows with the parameters, from a few units of rounding to about
/// 10⁻¹¹ for parameters near 10⁴: the logarithms of the gamma functions cancel.
package func regularizedIncompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The continued fraction converges fast below the mean of the distribution; above it use the symmetry.
    if x > (a + 1) / (a + b + 2) { return 1 - regularizedIncompleteBeta(1 - x, b, a) }
    let logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
    let front = exp(a * log(x) + b * log1p(-x) - logBeta) / a
    return min(1, front * betaContinuedFraction(x, a, b))
}

/// The continued fraction of Iₓ(a, b) behind its front factor, by the modified method of Lentz.
private func betaContinuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func awayFromZero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }

    var c = 1.0
    var d = 1 / awayFromZero(1 - (a + b) * x / (a + 1))
    var value = d
    // About √max(a, b) terms are needed; the bound only keeps impossible input from running on.
    for term in 1...100_000 {
        let m = Double(term)
        let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / awayFromZero(1 + even * d)
        c = awayFromZero(1 + even / c)
        value *= d * c
        let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / awayFromZero(1 + odd * d)
        c = awayFromZero(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < 1e-16 { break }
    }
    return value
}

/// ln Γ(x) for x > 0, by Stirling's series after raising the argument to at least 15.
///
/// The system's `lgamma` writes the sign to a global variable and so is not safe on several threads.
package func logGamma(_ x: Double) -> Double {
    var argument = x
    var product = 1.0
    while argument < 15 {
        product *= argument
        argument += 1
    }
    // The Bernoulli numbers B₂ₖ / (2k (2k − 1)); the first omitted term is below 10⁻¹⁷ at 15.
    let denominators: [Double] = [12, -360, 1260, -1680, 1188, -360_360.0 / 691, 156]
    let inverseSquare = 1 / (argument * argument)
    var series = 0.0
    for denominator in denominators.reversed() { series = series * inverseSquare + 1 / denominator }
    let leading = (argument - 0.5) * log(argument) - argument
    return leading + 0.5 * log(2 * Double.pi) + series / argument - log(product)
}
