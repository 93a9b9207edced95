internal import RealModule
internal import Statistics

/// The order of a quantity in α: the least-squares slope of `log value` over `log α`, with its
/// confidence interval.
///
/// `slope ± t·s` where `s² = Σr²/((n−2)Σ(x−x̄)²)` from the residuals `r`, and `t` is Student's quantile
/// for 99 % and `n − 2` degrees of freedom. The residuals of such a fit are not noise but the next
/// order of the expansion, which bends the line; the interval widens with the bend, so a fit that does
/// not resolve the order says so instead of pretending.
public struct LogLogSlope: Sendable, Hashable {
    public let slope: Double
    /// Half the width of the 99 % confidence interval.
    public let halfWidth: Double

    /// Nil unless there are at least five points, all positive and finite, at distinct α's.
    public init?(_ steps: [Double], _ values: [Double]) {
        let n = steps.count
        guard n >= 5, values.count == n, (steps + values).allSatisfy({ $0 > 0 && $0.isFinite }) else {
            return nil
        }
        let x = steps.map { Double.log($0) }
        let y = values.map { Double.log($0) }
        let (meanX, meanY) = (x.reduce(0, +) / Double(n), y.reduce(0, +) / Double(n))
        let spread = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        guard spread > 0 else { return nil }
        let slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / spread
        let residuals = zip(x, y).reduce(0) { sum, point in
            let residual = point.1 - meanY - slope * (point.0 - meanX)
            return sum + residual * residual
        }
        self.slope = slope
        halfWidth = SeedSample.studentQuantile(confidence: 0.99, freedom: n - 2)
            * (residuals / (Double(n - 2) * spread)).squareRoot()
    }

    /// How far `order` lies outside of the interval, with `resolution` allowed on top: at most 1 if
    /// the measured order agrees.
    public func margin(order: Double, resolution: Double) -> Double {
        abs(slope - order) / (halfWidth + resolution)
    }
}
