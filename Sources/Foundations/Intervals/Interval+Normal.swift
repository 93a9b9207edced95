/// Enclosures of the standard normal density and distribution function.
extension Interval {
    /// `e^(−x²/2)/√(2π)`.
    public var normalDensity: Interval {
        // 1/√(2π) = 0.39894228040143267793994…
        let scale = Interval(lower: 0.3989422804014326, upper: 0.3989422804014328)
        return scale * (-(squared / Interval(2))).exponential
    }

    /// `Φ(x)`, increasing.
    public var normalDistribution: Interval {
        Interval(lower: Self.distribution(lower).lower, upper: Self.distribution(upper).upper)
    }

    private static func distribution(_ x: Double) -> Interval {
        let tail = upperTail(abs(x))
        return x > 0 ? Interval(1) - tail : tail
    }

    /// `1 − Φ(z)` for `z ≥ 0`.
    ///
    /// From 9 on by `z/(z² + 1) < (1 − Φ(z))/φ(z) < 1/z`. Below by
    /// `1 − Φ(z) = ½ − φ(z) Σ z²ᵏ⁺¹/(2k+1)!!`, all terms positive: once the ratio of terms is
    /// below ⅔ what is left out is at most three times its first term. The difference has an absolute error of a few
    /// rounding units.
    private static func upperTail(_ z: Double) -> Interval {
        let point = Interval(z)
        let density = point.normalDensity
        if z >= 9 {
            let lower = density * point / (point.squared + Interval(1))
            let upper = density / point
            return Interval(lower: Swift.max(0, lower.lower), upper: Swift.min(0.5, upper.upper))
        }
        var term = point
        var sum = zero
        var k = 1.0
        // Rounded outwards a term never falls below the least number, so that one without digits counts as none.
        while term.upper > Swift.max(1e-20 * sum.lower, .leastNormalMagnitude) || z * z > k + 1 {
            sum = sum + term
            term = term * point.squared / Interval(2 * k + 1)
            k += 1
        }
        let series = sum + Interval(lower: 0, upper: (3 * term.upper).nextUp)
        let difference = Interval(0.5) - density * series
        return Interval(lower: Swift.max(0, difference.lower), upper: Swift.min(0.5, difference.upper))
    }
}
