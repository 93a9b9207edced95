/// How many cases carry each label.
public struct LabelTally: Sendable, Equatable {
    /// The number of cases of each label.
    public private(set) var counts: [String: Int] = [:]
    /// The number of cases counted, with or without labels.
    public private(set) var total = 0

    package init() {}

    package mutating func add(_ labels: some Sequence<String>) {
        total += 1
        for label in labels { counts[label, default: 0] += 1 }
    }

    /// The number of cases with this label.
    public func count(_ label: String) -> Int {
        counts[label] ?? 0
    }

    /// The percentage of cases with this label; 0 if no case was counted.
    public func percentage(_ label: String) -> Double {
        total == 0 ? 0 : 100 * Double(count(label)) / Double(total)
    }

    /// The labels in alphabetical order, with count and percentage.
    public var rows: [(label: String, count: Int, percentage: Double)] {
        counts.keys.sorted().map { ($0, count($0), percentage($0)) }
    }
}
