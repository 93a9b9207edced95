/// Enclosures of `exp`, `exp − 1`, `log(1 + x)` and what activations are made of.
///
/// Each is a Taylor series in interval arithmetic, whose rounding therefore bounds itself, with an
/// explicit bound of the terms left out. Functions that increase are evaluated at both ends.
extension Interval {
    /// `eˣ`.
    public var exponential: Interval {
        Interval(
            lower: Self.exponential(of: lower).lower, upper: Self.exponential(of: upper).upper)
    }

    /// `eˣ − 1`, accurate relative to itself near 0.
    public var exponentialMinusOne: Interval {
        Interval(
            lower: Self.exponentialMinusOne(of: lower).lower,
            upper: Self.exponentialMinusOne(of: upper).upper)
    }

    /// `x = k·log 2 + r` with `|r| < 0.36`, `eˣ = 2ᵏeʳ`.
    ///
    /// `k · high` is exact, since `high` has 33 significant bits and `k` at most 11; `low` encloses
    /// `log 2 − high`.
    private static func exponential(of x: Double) -> Interval {
        // e^709.8 > 2¹⁰²⁴ and e^−744.5 < 2⁻¹⁰⁷⁴.
        if x > 709.8 { return Interval(lower: .greatestFiniteMagnitude, upper: .infinity) }
        if x < -744.5 { return Interval(lower: 0, upper: .leastNonzeroMagnitude) }
        let k = (x * 1.4426950408889634).rounded()
        let high = 0x1.62e42feep-1
        let low = Interval(lower: 0x1.a39ef35793c76p-33.nextDown, upper: 0x1.a39ef35793c76p-33.nextUp)
        let r = Interval(x) - Interval(k * high) - k * low
        let value = Interval(1) + reducedExponentialMinusOne(r)
        return Interval(
            lower: scaled(value.lower, by: Int(k), toward: -.infinity),
            upper: scaled(value.upper, by: Int(k), toward: .infinity))
    }

    /// `x · 2ᵏ`, exact unless it falls below the normal numbers, where it is rounded outward.
    private static func scaled(_ x: Double, by k: Int, toward side: Double) -> Double {
        let result = Double(sign: .plus, exponent: k, significand: x)
        if result >= .leastNormalMagnitude {
            return side > 0 ? result : Swift.min(result, .greatestFiniteMagnitude)
        }
        return side > 0 ? result.nextUp : Swift.max(0, result.nextDown)
    }

    private static func exponentialMinusOne(of x: Double) -> Interval {
        if x == 0 { return zero }
        if abs(x) < 0.35 { return reducedExponentialMinusOne(Interval(x)) }
        return exponential(of: x) - Interval(1)
    }

    /// `eʳ − 1 = r(1 + r/2(1 + r/3(…)))` for `|r| < 0.36`.
    ///
    /// The innermost bracket, `1 + r/16 + r²/(16·17) + …`, lies within `|r|/16 / (1 − |r|/17) < 0.0230` of 1;
    /// its error is multiplied by `|r|¹⁴/15!`, about 5e-19, on the way out.
    private static func reducedExponentialMinusOne(_ r: Interval) -> Interval {
        var bracket = Interval(lower: 0.977, upper: 1.023)
        for k in stride(from: 15.0, through: 2, by: -1) {
            bracket = Interval(1) + r * bracket / Interval(k)
        }
        return r * bracket
    }

    /// `log(1 + x)` for `x ≥ 0`.
    ///
    /// Up to 1 it is `2 artanh z = 2Σ z²ʲ⁺¹/(2j+1)` with `z = x/(2+x) ≤ 1/3`; what follows `j = 19` is less
    /// than `z⁴¹/(1 − z²) ≤ 1.125·z⁴¹`. Above 1, `1 + x = 2ᵏ(1 + m)` with `0 ≤ m ≤ 1`.
    public var logarithmOfOnePlus: Interval {
        Interval(
            lower: Self.logarithmOfOnePlus(lower).lower, upper: Self.logarithmOfOnePlus(upper).upper)
    }

    private static func logarithmOfOnePlus(_ x: Double) -> Interval {
        if x <= 0 { return zero }
        if x > 1.01 { return largeLogarithm(Interval(1) + Interval(x)) }
        let z = Interval(x) / (Interval(2) + Interval(x))
        let square = z.squared
        var power = z
        var sum = zero
        for j in 0..<20 {
            sum = sum + power / Interval(Double(2 * j + 1))
            power = power * square
        }
        return Interval(2) * (sum + Interval(lower: 0, upper: (power.upper * 1.13).nextUp))
    }

    /// `log v` for a narrow interval of numbers from 2 on.
    private static func largeLogarithm(_ v: Interval) -> Interval {
        guard v.upper.isFinite else { return Interval(lower: 0, upper: .infinity) }
        let k = v.lower.exponent
        let scale = Double(sign: .plus, exponent: k, significand: 1)
        let rest = Interval(lower: v.lower / scale - 1, upper: (v.upper / scale - 1).nextUp)
        let logarithmOfTwo = Interval(lower: 0x1.62e42fefa39efp-1, upper: 0x1.62e42fefa39efp-1.nextUp)
        return Interval(Double(k)) * logarithmOfTwo
            + Interval(
                lower: logarithmOfOnePlus(rest.lower).lower, upper: logarithmOfOnePlus(rest.upper).upper)
    }

    /// `σ(x) = 1/(1 + e⁻ˣ)`, increasing.
    public var logistic: Interval {
        Interval(lower: Self.logistic(of: lower).lower, upper: Self.logistic(of: upper).upper)
    }

    private static func logistic(of x: Double) -> Interval {
        let tail = exponential(of: -abs(x))
        return (x >= 0 ? Interval(1) : tail) / (Interval(1) + tail)
    }

    /// `σ(x)σ(−x)`, even, and decreasing in `|x|`.
    public var logisticSlope: Interval {
        func value(_ x: Double) -> Interval {
            let tail = Self.exponential(of: -x)
            return tail / (Interval(1) + tail).squared
        }
        return Interval(lower: value(magnitude).lower, upper: value(mignitude).upper)
    }

    /// `tanh x = (e²ˣ − 1)/(e²ˣ + 1)`, increasing and odd; with `−|x|` nothing overflows.
    public var hyperbolicTangent: Interval {
        Interval(lower: Self.tanh(lower).lower, upper: Self.tanh(upper).upper)
    }

    private static func tanh(_ x: Double) -> Interval {
        let difference = exponentialMinusOne(of: -2 * abs(x))
        let value = -difference / (difference + Interval(2))
        return x < 0 ? -value : value
    }

    /// `log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)`, increasing.
    public var softplus: Interval {
        func value(_ x: Double) -> Interval {
            Interval(Swift.max(x, 0)) + Self.exponential(of: -abs(x)).logarithmOfOnePlus
        }
        return Interval(lower: value(lower).lower, upper: value(upper).upper)
    }
}
