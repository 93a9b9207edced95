public import LearningRules

/// A rule that a user chose, with its constants and the conventions of the published code that are in force in it.
public struct ChosenRule: Sendable {
    public let entry: RuleEntry
    public let rule: any LearningRule
    /// In the order of `PublishedQuirk`; none for a rule as derived.
    public let conventions: [PublishedQuirk]

    public var name: String { rule.name }

    public init(_ entry: RuleEntry, _ settings: RuleSettings = RuleSettings()) {
        self.entry = entry
        rule = entry.rule(settings)
        let inForce = entry.quirks(in: settings)
        conventions = PublishedQuirk.allCases.filter(inForce.contains)
    }

    /// The same rule with other sets of its conventions, those with the fewest first: all sets that leave out or keep
    /// at most `reach` of them.
    ///
    /// - Parameter settings: the rule's constants; its quirks are replaced.
    static func variants(of entry: RuleEntry, _ settings: RuleSettings, reach: Int = 2) -> [ChosenRule] {
        let all = PublishedQuirk.allCases.filter(entry.quirks.contains)
        let own = entry.quirks(in: settings)
        return (0..<(1 << all.count)).filter { choice in
            let kept = choice.nonzeroBitCount
            return min(kept, all.count - kept) <= reach
        }
        .map { choice in Set(all.indices.filter { choice >> $0 & 1 == 1 }.map { all[$0] }) }
        .filter { $0 != own }
        .sorted { $0.count < $1.count }
        .map { quirks in
            var varied = settings
            (varied.quirks, varied.removedQuirks) = (quirks, nil)
            return ChosenRule(entry, varied)
        }
    }
}
