/// The median and the quartiles of a sample, by linear interpolation between order statistics
/// (type 7 of Hyndman and Fan, the default of R and NumPy).
public struct Quartiles: Sendable, Hashable {
    public let lower: Double
    public let median: Double
    public let upper: Double

    /// `nil` for an empty sample. Values that are not numbers sort last.
    public init?(_ sample: [Double]) {
        guard !sample.isEmpty else { return nil }
        let sorted = sample.sorted { $1.isNaN ? !$0.isNaN : $0 < $1 }
        func quantile(_ p: Double) -> Double {
            let position = p * Double(sorted.count - 1)
            let index = Int(position)
            let fraction = position - Double(index)
            guard fraction > 0 else { return sorted[index] }
            return sorted[index] + fraction * (sorted[index + 1] - sorted[index])
        }
        lower = quantile(0.25)
        median = quantile(0.5)
        upper = quantile(0.75)
    }
}
