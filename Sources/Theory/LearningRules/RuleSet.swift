/// The paper's five rules in one form: by its equations, or by the code published with it.
public struct RuleSet: Sendable {
    /// What users type for the whole set.
    public let name: String
    public let backpropagation: RuleEntry
    public let normalizedBackpropagation: RuleEntry
    public let inferenceLearning: RuleEntry
    public let proximal: RuleEntry
    public let proximalFast: RuleEntry

    public static let asDerived = RuleSet(
        name: "as-derived", backpropagation: .backpropagation, normalizedBackpropagation: .normalizedBackpropagation,
        inferenceLearning: .inferenceLearning, proximal: .proximalInferenceLearning,
        proximalFast: .proximalInferenceLearningFast)

    public static let asPublished = RuleSet(
        name: "as-published", backpropagation: .publishedBackpropagation,
        normalizedBackpropagation: .publishedNormalizedBackpropagation,
        inferenceLearning: .publishedInferenceLearning, proximal: .publishedProximalInferenceLearning,
        proximalFast: .publishedProximalInferenceLearningFast)

    public static let all = [asDerived, asPublished]

    /// In the order of tables.
    public var entries: [RuleEntry] {
        [backpropagation, normalizedBackpropagation, inferenceLearning, proximal, proximalFast]
    }

    /// The set of a name, if there is one.
    public static func named(_ name: String) -> RuleSet? { all.first { $0.name == name } }

    /// The rule of this set in the place that `rule` has in its own; `nil` for rules that are in no set.
    public func counterpart(of rule: RuleEntry) -> RuleEntry? {
        Self.all.lazy.compactMap { $0.entries.firstIndex(of: rule) }.first.map { entries[$0] }
    }
}
