/// Mean and variance of numbers that come one after the other and are not kept.
///
/// Welford's recurrence, which does not cancel: B. P. Welford, *Technometrics* 4 (1962).
public struct RunningMoments: Sendable, Hashable {
    /// How many numbers came.
    public private(set) var count: Int
    /// Their mean, 0 before the first.
    public private(set) var mean: Double
    /// `Σ(x − mean)²`.
    public private(set) var squaredDeviations: Double

    /// The moments of no numbers, or of those counted before.
    public init(count: Int = 0, mean: Double = 0, squaredDeviations: Double = 0) {
        self.count = count
        self.mean = mean
        self.squaredDeviations = squaredDeviations
    }

    /// Takes one more number.
    public mutating func record(_ value: Double) {
        count += 1
        let deviation = value - mean
        mean += deviation / Double(count)
        squaredDeviations += deviation * (value - mean)
    }

    /// The unbiased variance; 0 below two numbers.
    public var variance: Double { count > 1 ? squaredDeviations / Double(count - 1) : 0 }
}
