/// What turns the errors that a rule infers into changes of the weights: the second axis of training beside the rule.
public enum Optimizer: String, CaseIterable, Sendable, Hashable, Codable {
    /// The rule's own update.
    case plain
    /// Adam on the rule's own update for `α = 1`, taken for minus a gradient.
    case adam
}
