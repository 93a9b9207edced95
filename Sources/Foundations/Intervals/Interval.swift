/// A closed interval of real numbers with bounds in double precision, for arithmetic that proves.
///
/// Every operation contains all results of the same operation on members of its operands. Double
/// precision rounds each operation to nearest, so the exact result lies between the neighbours of the
/// rounded one: bounds are moved outward by `nextDown` and `nextUp`, and no rounding mode is changed.
/// This needs IEEE 754 for `+ − × ÷ √` and nothing of the mathematical library, whose functions have
/// no proved error bound.
///
/// A bound is infinite where the result may overflow; an operation without a meaning (`0 · ∞`) gives
/// the whole line.
public struct Interval: Sendable, Hashable {
    public let lower: Double
    public let upper: Double

    /// The interval of one number; the whole line for NaN.
    @inlinable
    public init(_ value: Double) {
        self.init(lower: value, upper: value)
    }

    /// `[lower, upper]`; the whole line if one of them is NaN.
    @inlinable
    public init(lower: Double, upper: Double) {
        let isUnknown = lower.isNaN || upper.isNaN
        self.lower = isUnknown ? -.infinity : lower
        self.upper = isUnknown ? .infinity : upper
    }

    /// All numbers `x` with `|x − center| ≤ radius`.
    @inlinable
    public init(center: Double, radius: Double) {
        self.init(
            lower: radius == 0 ? center : (center - radius).nextDown,
            upper: radius == 0 ? center : (center + radius).nextUp)
    }

    public static let whole = Interval(lower: -.infinity, upper: .infinity)

    /// A number of the interval near its middle.
    @inlinable
    public var midpoint: Double {
        let sum = lower + upper
        return sum.isFinite ? sum / 2 : lower / 2 + upper / 2
    }

    /// A bound on the distance of members from `midpoint`.
    @inlinable
    public var radius: Double {
        lower == upper ? 0 : Swift.max(upper - midpoint, midpoint - lower).nextUp
    }

    /// The largest absolute value of a member.
    @inlinable
    public var magnitude: Double { Swift.max(abs(lower), abs(upper)) }

    /// The smallest absolute value of a member.
    @inlinable
    public var mignitude: Double { contains(0) ? 0 : Swift.min(abs(lower), abs(upper)) }

    @inlinable
    public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

    @inlinable
    public var isFinite: Bool { lower.isFinite && upper.isFinite }

    /// The smallest interval that contains both.
    @inlinable
    public func union(_ other: Interval) -> Interval {
        Interval(lower: Swift.min(lower, other.lower), upper: Swift.max(upper, other.upper))
    }

    /// What two enclosures of one number leave together.
    ///
    /// - Precondition: they have a number in common, as two true enclosures do.
    @inlinable
    public func intersection(_ other: Interval) -> Interval {
        let (low, high) = (Swift.max(lower, other.lower), Swift.min(upper, other.upper))
        precondition(low <= high, "enclosures of one number do not meet")
        return Interval(lower: low, upper: high)
    }
}

extension Interval {
    @inlinable
    public static prefix func - (x: Interval) -> Interval {
        Interval(lower: -x.upper, upper: -x.lower)
    }

    /// A sum that rounds to zero is exactly zero, so zeros stay sharp.
    @inlinable
    public static func + (x: Interval, y: Interval) -> Interval {
        let (low, high) = (x.lower + y.lower, x.upper + y.upper)
        return Interval(lower: low == 0 ? 0 : low.nextDown, upper: high == 0 ? 0 : high.nextUp)
    }

    @inlinable
    public static func - (x: Interval, y: Interval) -> Interval { x + (-y) }

    @inlinable
    public static func * (x: Interval, y: Interval) -> Interval {
        if x == zero || y == zero { return x.isFinite && y.isFinite ? zero : whole }
        let products = (x.lower * y.lower, x.lower * y.upper, x.upper * y.lower, x.upper * y.upper)
        // NaN is 0·∞: nothing is known.
        guard !(products.0 + products.1 + products.2 + products.3).isNaN || x.isFinite && y.isFinite
        else { return whole }
        let low = Swift.min(Swift.min(products.0, products.1), Swift.min(products.2, products.3))
        let high = Swift.max(Swift.max(products.0, products.1), Swift.max(products.2, products.3))
        let isNotNegative = x.lower >= 0 && y.lower >= 0 || x.upper <= 0 && y.upper <= 0
        return Interval(lower: isNotNegative ? Swift.max(0, low.nextDown) : low.nextDown, upper: high.nextUp)
    }

    @inlinable
    public static func * (scale: Double, x: Interval) -> Interval { Interval(scale) * x }

    /// The whole line if the divisor contains 0.
    @inlinable
    public static func / (x: Interval, y: Interval) -> Interval {
        guard !y.contains(0), x.isFinite, y.isFinite else { return whole }
        if x == zero { return zero }
        let quotients = (x.lower / y.lower, x.lower / y.upper, x.upper / y.lower, x.upper / y.upper)
        let low = Swift.min(Swift.min(quotients.0, quotients.1), Swift.min(quotients.2, quotients.3))
        let high = Swift.max(Swift.max(quotients.0, quotients.1), Swift.max(quotients.2, quotients.3))
        let isNotNegative = x.lower >= 0 && y.lower > 0 || x.upper <= 0 && y.upper < 0
        return Interval(lower: isNotNegative ? Swift.max(0, low.nextDown) : low.nextDown, upper: high.nextUp)
    }

    @inlinable
    public static var zero: Interval { Interval(0) }

    /// `x²`, which is not negative.
    public var squared: Interval {
        let (low, high) = (mignitude * mignitude, magnitude * magnitude)
        return Interval(
            lower: low == 0 ? 0 : low.nextDown, upper: magnitude == 0 ? 0 : high.nextUp)
    }

    /// `√x` of the members that are not negative.
    public var squareRoot: Interval {
        Interval(
            lower: lower <= 0 ? 0 : lower.squareRoot().nextDown,
            upper: upper <= 0 ? 0 : upper.squareRoot().nextUp)
    }
}
