/// What is known of a residual that double precision cannot bring to the tolerance, or cannot show to be within it.
public struct RoundingLimit: Sendable, CustomStringConvertible {
    /// The residual as computed.
    public let residual: Double
    /// Proved bounds of it, for the weights written as for the exact sum.
    public let least: Double
    public let bound: Double
    /// About what rounding the new weights to doubles makes of it, whatever they are.
    public let floor: Double
    public let tolerance: Double

    /// The least tolerance that the update would be certified to, as `residual ≤ t`, `bound ≤ √t` and `4·floor ≤ t`, or
    /// `bound ≤ t`.
    public var reachableTolerance: Double { min(max(residual, bound * bound, 4 * floor), bound) }

    /// By how much a smaller learning rate would lower the floor to a sixteenth of the tolerance. Where α is large Δ hardly
    /// depends on it, and the floor is a multiple of α.
    public var reachableFactor: Double { 16 * (max(residual, floor) / tolerance) }

    /// A residual of which not even two digits are known is of no use.
    private static let uselessTolerance = 0.01

    public var description: String {
        guard bound.isFinite else { return "rounding hides the update: double precision cannot tell the gradient from zero" }
        let smaller = "an α about \(short(reachableFactor)) times smaller"
        let way = reachableTolerance <= Self.uselessTolerance
            ? "a tolerance of \(short(1.01 * reachableTolerance)) is met, and this one perhaps by \(smaller)"
            : "no useful tolerance is met; this one is perhaps by \(smaller)"
        return """
            at the rounding floor, about \(short(floor)) here: the residual is computed as \(residual) and proved to be at \
            least \(least) and at most \(bound), and the tolerance is \(tolerance); \(way)
            """
    }

    /// Two digits.
    private func short(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return "\(value)" }
        var (scale, exponent) = (value, 0)
        while scale >= 9.95, exponent < 400 { (scale, exponent) = (scale / 10, exponent + 1) }
        while scale < 0.995, exponent > -400 { (scale, exponent) = (scale * 10, exponent - 1) }
        return "\((scale * 10).rounded(.up) / 10)e\(exponent)"
    }
}
