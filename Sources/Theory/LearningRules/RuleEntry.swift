/// All that the program knows of a rule: its name, the constants that it takes, how it is drawn and how it is made.
///
/// A rule stands in one file with its entry, a static property of this type, and `RuleRegistry.builtIn` lists the
/// entry. Tables, comparisons, charts, audits and training find everything else here: no other file names the rule.
///
///     extension RuleEntry {
///         public static let backpropagation = RuleEntry(
///             name: "bp", summary: "explicit SGD, −α∇L", chartStyle: 0) { _ in Backpropagation() }
///     }
///
/// Two entries are equal if their names are.
public struct RuleEntry: Sendable {
    /// How far the rule's update is from the exact one for small `α`, by a theorem: `‖Δ − Δ_imp‖ = O(α^order)`.
    public struct Deviation: Sendable, Hashable {
        public let order: Int
        /// The theorem that says so.
        public let theorem: String

        public init(order: Int, theorem: String) {
            self.order = order
            self.theorem = theorem
        }
    }

    /// The name that users type and reports print.
    public let name: String
    /// One line for help texts.
    public let summary: String
    /// The constants that the rule takes.
    public let settings: Set<RuleSetting>
    /// Which of the palette's colours and marks the rule has in every chart.
    public let chartStyle: Int
    /// Whether error tables show the rule when no rules are chosen.
    public let isCompared: Bool
    /// The constants that have another default when Adam turns the rule's errors into updates.
    public let constantsWithAdam: RuleSettings
    /// The quirks of the published code that the rule has, unless it is told otherwise.
    public let quirks: Set<PublishedQuirk>
    public let deviation: Deviation?
    /// The work that the rule is from, as its author and year; `nil` for explicit and implicit SGD and for this project's.
    public let paper: String?
    private let make: @Sendable (RuleSettings) -> any LearningRule

    /// - Parameters:
    ///   - name: as users type it; no commas or spaces.
    ///   - summary: one line for help texts.
    ///   - settings: the constants that the rule takes.
    ///   - chartStyle: its place in the palette.
    ///   - isCompared: whether error tables show it when no rules are chosen.
    ///   - constantsWithAdam: defaults that are others with Adam.
    ///   - quirks: those of the published code that the rule has.
    ///   - deviation: what is proved of its distance from the exact update.
    ///   - paper: the work that the rule is from, such as `Alonso 2022`.
    ///   - make: the rule with the given constants; those that it does not take are at their defaults.
    public init(
        name: String, summary: String, settings: Set<RuleSetting> = [], chartStyle: Int,
        isCompared: Bool = false, constantsWithAdam: RuleSettings = RuleSettings(),
        quirks: Set<PublishedQuirk> = [], deviation: Deviation? = nil, paper: String? = nil,
        make: @escaping @Sendable (RuleSettings) -> any LearningRule
    ) {
        self.name = name
        self.summary = summary
        self.settings = settings
        self.chartStyle = chartStyle
        self.isCompared = isCompared
        self.constantsWithAdam = constantsWithAdam
        self.quirks = quirks
        self.deviation = deviation
        self.paper = paper
        self.make = make
    }

    /// The rule's quirks that are in force with these constants.
    public func quirks(in settings: RuleSettings) -> Set<PublishedQuirk> {
        (settings.quirks.map(quirks.intersection) ?? quirks).subtracting(settings.removedQuirks ?? [])
    }

    /// The rule with those of the constants that it takes.
    ///
    /// - Parameter settings: constants, of this and of other rules; see `RuleRegistry.check(_:of:)`.
    /// - Parameter optimizer: what turns the rule's errors into updates.
    public func rule(
        _ settings: RuleSettings = RuleSettings(), optimizer: Optimizer = .plain
    ) -> any LearningRule {
        var taken = settings.keeping(self.settings)
        if optimizer == .adam { taken.fill(from: constantsWithAdam) }
        taken.quirks = quirks(in: taken)
        return make(taken)
    }
}

extension RuleEntry: Hashable, CustomStringConvertible {
    public static func == (a: RuleEntry, b: RuleEntry) -> Bool { a.name == b.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    public var description: String { name }
}
