internal import RealModule

/// One comparison of two measured numbers that a claim comes down to: `smaller < bound`, strictly, and by more
/// than the resolution.
public struct ClaimCondition: Sendable, Hashable {
    /// What must not be reached.
    public enum Bound: Sendable, Hashable {
        case measurement(String)
        case constant(Double)
    }

    /// Unique within its claim and stable: `il-prox distance`.
    public let name: String
    /// What it says, in words.
    public let words: String
    /// Conditions that measure the same of several rules stand beside each other in one table.
    public let group: String
    /// The heading of its column there.
    public let column: String
    /// The name of the measurement that must be smaller.
    public let smaller: String
    public let bound: Bound
    /// Differences up to this are ties: what rounding alone can make.
    public let resolution: Double
    /// The finding on record, which a run must reproduce.
    public let recorded: Finding
    /// Whether it stands in the table of findings, or among the rates by region only.
    public let isHeadline: Bool

    public init(
        _ name: String, words: String, group: String, column: String, smaller: String, bound: Bound,
        resolution: Double = 0, recorded: Finding, isHeadline: Bool = false
    ) {
        self.name = name
        self.words = words
        self.group = group
        self.column = column
        self.smaller = smaller
        self.bound = bound
        self.resolution = resolution
        self.recorded = recorded
        self.isHeadline = isHeadline
    }

    /// What must be smaller, and what it must be smaller than; nil where one of them was not measured.
    public func sides(_ measurements: [String: Double]) -> (left: Double, right: Double)? {
        guard let left = measurements[smaller] else { return nil }
        switch bound {
        case .constant(let value): return (left, value)
        case .measurement(let name): return measurements[name].map { (left, $0) }
        }
    }

    /// Whether it holds in a case; nil where one of its sides was not measured. What is not a number is below
    /// nothing.
    public func isHeld(_ measurements: [String: Double]) -> Bool? {
        sides(measurements).map { $0.left < $0.right - resolution }
    }

    /// Whether the case belongs to it and nobody knows if it holds: a rule had no update or did not converge, or the
    /// exact update was not found.
    public func isUndecided(_ measurements: [String: Double]) -> Bool {
        var names = [smaller]
        if case .measurement(let name) = bound { names.append(name) }
        let unknown = [Self.unsolved] + names.map(Self.undecided)
        return sides(measurements) == nil && unknown.contains { measurements[$0] != nil }
    }

    /// The mark of a case in which a measurement should have been made and could not be.
    static func undecided(_ measurement: String) -> String { "undecided: \(measurement)" }
    /// The mark of a case whose exact update was not found.
    static let unsolved = undecided("exact update")

    /// Above 1 for a clear counterexample, where `smaller > clearRatio · bound` by more than the resolution; 0 where
    /// a side was not measured.
    func margin(_ measurements: [String: Double], clearRatio: Double) -> Double {
        guard let (left, right) = sides(measurements) else { return 0 }
        if left.isNaN || right.isNaN { return .nan }
        let limit = clearRatio * right + resolution
        guard left > limit else { return limit > 0 && limit.isFinite ? max(0, left / limit) : 0 }
        return limit > 0 ? left / limit : .infinity
    }
}
