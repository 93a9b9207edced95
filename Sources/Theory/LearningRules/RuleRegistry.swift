/// The rules that users can name.
public struct RuleRegistry: Sendable {
    /// The rules of the theory: a further rule is a line here.
    public static let builtIn = RuleRegistry([
        .backpropagation, .normalizedBackpropagation, .inferenceLearning,
        .proximalInferenceLearning, .proximalInferenceLearningFast, .inferenceLearningEquilibrium,
        .proximalInferenceLearningEquilibrium, .exactInferenceLearningEuler,
        .exactInferenceLearning, .implicit,
    ] + RuleSet.asPublished.entries + [
        .binomialBackpropagation, .layerwiseImplicit, .normMatchedImplicit, .outputOnly, .slackImplicit,
        .zeroDivergence, .fixedPredictions, .sequentialInference, .incrementalInference, .nudgedInference,
        .nudgedTargetInference, .differenceTargetPropagation, .gibbsSampling, .feedbackControl, .beliefPropagation,
    ])

    /// In the order of tables and help texts.
    public let entries: [RuleEntry]

    /// - Precondition: all names are different.
    public init(_ entries: [RuleEntry]) {
        precondition(Set(entries).count == entries.count, "two rules of one name")
        self.entries = entries
    }

    /// The rules that error tables show when none are chosen.
    public var compared: [RuleEntry] { entries.filter(\.isCompared) }

    /// The rule of a name.
    ///
    /// - Throws: `RuleChoiceError.unknownRule`.
    public func entry(named name: String) throws(RuleChoiceError) -> RuleEntry {
        if let entry = entries.first(where: { $0.name == name }) { return entry }
        throw .unknownRule(name, known: entries.map(\.name))
    }

    /// Checks that every constant that is not at its default is taken by a rule. In a list of rules a constant goes to
    /// those that take it.
    ///
    /// - Throws: `RuleChoiceError.settingNotTaken` for the first constant that would change nothing.
    public func check(_ settings: RuleSettings, of rules: [RuleEntry]) throws(RuleChoiceError) {
        for setting in settings.chosen where !rules.contains(where: { $0.settings.contains(setting) }) {
            throw .settingNotTaken(
                setting, rules: rules.map(\.name),
                takers: entries.filter { $0.settings.contains(setting) }.map(\.name))
        }
        for quirk in PublishedQuirk.allCases where settings.quirks?.contains(quirk) == true {
            guard !rules.contains(where: { $0.quirks.contains(quirk) }) else { continue }
            throw .quirkNotKnown(
                quirk, rules: rules.map(\.name),
                knowers: entries.filter { $0.quirks.contains(quirk) }.map(\.name))
        }
    }
}

extension RuleEntry {
    /// The rule that a row or curve is named after, if it is one.
    package static func named(_ label: String) -> RuleEntry? {
        RuleRegistry.builtIn.entries.first { $0.name == label }
    }
}

/// Why a choice of rules and constants makes no sense.
public enum RuleChoiceError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownRule(String, known: [String])
    /// None of the chosen rules takes the constant; `takers` do.
    case settingNotTaken(RuleSetting, rules: [String], takers: [String])
    /// None of the chosen rules has the quirk in any form; `knowers` do.
    case quirkNotKnown(PublishedQuirk, rules: [String], knowers: [String])

    public var description: String {
        switch self {
        case .unknownRule(let name, let known):
            let nearest = known.map { (name: $0, distance: $0.editDistance(to: name)) }
                .min { $0.distance < $1.distance }
            let hint = nearest.flatMap { 3 * $0.distance <= name.count ? "; did you mean '\($0.name)'" : nil }
            return "there is no rule '\(name)'\(hint ?? ""); expected some of \(known.joined(separator: ", "))"
        case .settingNotTaken(let setting, let rules, let takers):
            return "\(setting.rawValue) is not a constant of \(rules.joined(separator: ", ")), and would change "
                + "nothing; it belongs to \(takers.joined(separator: ", "))"
        case .quirkNotKnown(let quirk, let rules, let knowers):
            return "quirks: \(quirk.rawValue) is none of \(rules.joined(separator: ", ")); it belongs to "
                + knowers.joined(separator: ", ")
        }
    }
}

extension String {
    /// Levenshtein's distance: the least number of characters to insert, delete or replace.
    fileprivate func editDistance(to other: String) -> Int {
        let target = Array(other)
        var row = Array(0...target.count)
        for (i, character) in enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in target.indices {
                let replaced = diagonal + (character == target[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, diagonal + 1, row[j] + 1)
            }
        }
        return row[target.count]
    }
}
