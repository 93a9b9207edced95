internal import Intervals
internal import LinearAlgebra
internal import Networks

/// φ, φ′ and φ″ of intervals: what the certifier uses in the place of the kernels that the solvers use.
extension Activation {
    /// An enclosure of `φ(h)` for every `h` of the interval.
    func enclosure(_ h: Interval) -> Interval {
        switch self {
        case .identity: h
        case .relu: Interval(lower: max(0, h.lower), upper: max(0, h.upper))
        case .leakyReLU: Self.leakyEnclosure(h)
        case .tanh: h.hyperbolicTangent
        case .sigmoid: h.logistic
        case .softplus: h.softplus
        case .gelu: h * h.normalDistribution
        }
    }

    private static func leakyEnclosure(_ h: Interval) -> Interval {
        let (low, high) = (leak * Interval(h.lower), leak * Interval(h.upper))
        return Interval(
            lower: h.lower > 0 ? h.lower : low.lower, upper: h.upper > 0 ? h.upper : high.upper)
    }

    /// An enclosure of `φ′(h)`; at a kink of both one-sided derivatives.
    func slopeEnclosure(_ h: Interval) -> Interval {
        if let kink {
            let left = Interval(kink.leftSlope)
            let right = Interval(kink.rightSlope)
            return h.lower > 0 ? right : h.upper < 0 ? left : left.union(right)
        }
        switch self {
        case .tanh: return Interval(4) * (Interval(2) * h).logisticSlope
        case .sigmoid: return h.logisticSlope
        case .softplus: return h.logistic
        case .gelu: return h.normalDistribution + h * h.normalDensity
        case .identity, .relu, .leakyReLU: return Interval(1)
        }
    }

    /// An enclosure of `φ″(h)`, 0 for piecewise linear φ.
    func curvatureEnclosure(_ h: Interval) -> Interval {
        switch self {
        case .identity, .relu, .leakyReLU: .zero
        case .tanh: Interval(-8) * h.hyperbolicTangent * (Interval(2) * h).logisticSlope
        case .sigmoid: -(h.logisticSlope * (h / Interval(2)).hyperbolicTangent)
        case .softplus: h.logisticSlope
        case .gelu: h.normalDensity * (Interval(2) - h.squared)
        }
    }
}
