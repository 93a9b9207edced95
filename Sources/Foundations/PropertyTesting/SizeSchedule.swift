/// Which size each case of a run has: it grows from `first` to `last` over `period` cases and starts again.
///
/// Small cases come first, since they fail fastest and are easiest to read. The schedule does not depend on how many
/// cases a run has, so case 37 of a run of 100 is also case 37 of a run of 10,000.
public struct SizeSchedule: Sendable, Hashable {
    /// All sizes: percentages of the full extent.
    public static let sizes = 0...100

    public let first: Int
    public let last: Int
    public let period: Int

    /// A schedule from `first` to `last`, both brought into ``sizes``. A `period` below 1 counts as 1; with a period
    /// of 1 each case has the size `last`.
    public init(from first: Int = 1, to last: Int = 100, period: Int = 100) {
        self.first = first.clamped(to: Self.sizes)
        self.last = last.clamped(to: Self.sizes)
        self.period = max(1, period)
    }

    /// The same size for each case.
    public static func constant(_ size: Int) -> SizeSchedule {
        SizeSchedule(from: size, to: size, period: 1)
    }

    /// The size of case `index`.
    public func size(ofCase index: Int) -> Int {
        guard period > 1 else { return last }
        let remainder = index % period
        let step = remainder < 0 ? remainder + period : remainder
        guard step < period - 1 else { return last }
        // Linear, rounded down. In doubles, since a period may be large enough for the product to overflow.
        return first + Int((Double(last - first) * Double(step) / Double(period - 1)).rounded(.down))
    }
}
