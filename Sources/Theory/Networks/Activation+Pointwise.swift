internal import LinearAlgebra
internal import RealModule

/// The formulas for one number. They are generic and inlined into the loops of
/// `Activation+Kernels.swift`, which are specialised for `Float` and `Double`.
extension Activation {
    @inline(__always)
    static func logistic<S: BLASScalar>(_ h: S) -> S {
        let tail = S.exp(-h.magnitude)
        return (h >= 0 ? 1 : tail) / (1 + tail)
    }

    /// `σ(h)σ(−h)`, accurate in both tails.
    @inline(__always)
    static func logisticSlope<S: BLASScalar>(_ h: S) -> S {
        let tail = S.exp(-h.magnitude)
        return tail / ((1 + tail) * (1 + tail))
    }

    @inline(__always)
    static func softplusValue<S: BLASScalar>(_ h: S) -> S {
        (h > 0 ? h : 0) + S.log(onePlus: S.exp(-h.magnitude))
    }

    @inline(__always)
    static func normalDensity<S: BLASScalar>(_ h: S) -> S {
        S.exp(-h * h / 2) * S(0.398942280401432677939946)
    }

    @inline(__always)
    static func normalDistribution<S: BLASScalar>(_ h: S) -> S {
        S.erfc(-h * S(0.707106781186547524400844)) / 2
    }

    @inline(__always)
    static func geluSlope<S: BLASScalar>(_ h: S) -> S {
        normalDistribution(h) + h * normalDensity(h)
    }

    /// `Φ′(h)(2 − h²)`, and 0 where the density underflows (there `h²` may be infinite).
    @inline(__always)
    static func geluCurvature<S: BLASScalar>(_ h: S) -> S {
        let density = normalDensity(h)
        return density == 0 ? 0 : density * (2 - h * h)
    }

    /// `σ(h+u) − σ(h)`, accurate relative to itself for every `h` and `u`.
    ///
    /// For `u ≥ 0` it equals `σ(h+u) σ(−h) (1 − e⁻ᵘ)`, a product of positive numbers.
    @inline(__always)
    static func logisticDifference<S: BLASScalar>(_ h: S, _ u: S) -> S {
        u >= 0
            ? -logistic(h + u) * logistic(-h) * S.expMinusOne(-u)
            : logistic(h) * logistic(-(h + u)) * S.expMinusOne(u)
    }

    /// `log((1+eʰ⁺ᵘ)/(1+eʰ)) = log(1 + σ(h)(eᵘ−1))`; the second form while `eᵘ` is moderate.
    ///
    /// For large positive activities `φ(h) = h + φ(−h)` takes the part `u` out of the difference.
    @inline(__always)
    static func softplusDifference<S: BLASScalar>(_ h: S, _ u: S) -> S {
        if u.magnitude < 1 { return S.log(onePlus: logistic(h) * S.expMinusOne(u)) }
        if h > 0 && h + u > 0 { return u + (softplusValue(-(h + u)) - softplusValue(-h)) }
        return softplusValue(h + u) - softplusValue(h)
    }

    /// `φ(h+u) − φ(h)`; between positive activities `φ(h) = h + φ(−h)` takes the part `u` out of it.
    @inline(__always)
    static func geluDifference<S: BLASScalar>(_ h: S, _ u: S) -> S {
        h > 0 && h + u > 0 ? u + plainGeluDifference(-h, -u) : plainGeluDifference(h, u)
    }

    /// `u ∫₀¹ φ′(h+tu) dt` by five Gauss points for small `u`, where subtracting values cancels.
    ///
    /// In the tail φ′ changes by a factor in steps of `1/|h|`, so small means `|u|·max(1, |h|) < 0.2`;
    /// the quadrature error is then below rounding.
    @inline(__always)
    private static func plainGeluDifference<S: BLASScalar>(_ h: S, _ u: S) -> S {
        guard u.magnitude * S.maximum(1, h.magnitude) < S(0.2) else {
            return (h + u) * normalDistribution(h + u) - h * normalDistribution(h)
        }
        let middle = h + u / 2
        let inner = S(0.269234655052841545518) * u
        let outer = S(0.453089922969331996395) * u
        let innerSlopes = geluSlope(middle - inner) + geluSlope(middle + inner)
        let outerSlopes = geluSlope(middle - outer) + geluSlope(middle + outer)
        return u
            * (S(0.284444444444444444444) * geluSlope(middle)
                + S(0.239314335249683234021) * innerSlopes
                + S(0.118463442528094543757) * outerSlopes)
    }

    /// φ(h+u) − φ(h) for φ with slope `left` below 0 and 1 above.
    @inline(__always)
    static func piecewiseLinearDifference<S: BLASScalar>(_ h: S, _ u: S, left: S) -> S {
        let end = h + u
        if h >= 0 && end >= 0 { return u }
        if h <= 0 && end <= 0 { return left * u }
        return (end > 0 ? end : left * end) - (h > 0 ? h : left * h)
    }
}
