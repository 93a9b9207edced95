/// Numbers of which only bounds are known.
extension NumberFormat {
    /// The digits that are proved of a number between `lower` and `upper`.
    ///
    /// As many of the format's digits as both bounds agree on once they are rounded: rounding keeps order, so every number
    /// between them has the same. Where they agree on none, both bounds are shown, rounded outward; `≤ 3.0e-9` where
    /// the lower one is 0.
    public func provedString(lower: Double, upper: Double) -> String {
        guard lower.isFinite, upper.isFinite, lower <= upper else { return "unknown" }
        var digits = 4
        if case .significant(let wanted) = self { digits = min(max(wanted, 1), 4) }
        for count in stride(from: digits, through: 1, by: -1) {
            let format = NumberFormat.significant(count)
            let text = format.string(lower)
            if text == format.string(upper) { return text }
        }
        if lower == 0 { return "≤ \(Self.outward(upper, away: 1.1))" }
        return "[\(Self.outward(lower, away: lower < 0 ? 1.1 : 0.9)), \(Self.outward(upper, away: upper < 0 ? 0.9 : 1.1))]"
    }

    /// Two digits of a number that lies beyond the given one: a tenth further is more than rounding can take back.
    private static func outward(_ value: Double, away factor: Double) -> String {
        NumberFormat.significant(2).string(value * factor)
    }
}
