/// What turns the errors that a rule infers into changes of the weights: the second axis of training beside the rule.
public enum Optimizer: String, CaseIterable, Sendable, Hashable, Codable {
    /// The rule's own update.
    case plain
    /// Adam on the rule's own update for `α = 1`, taken for minus a gradient.
    case adam
    /// Matrix update equalization (`MatrixEqualization`) on the same.
    case mq

    /// The work that the optimiser is from, as its author and year.
    public var paper: String? {
        switch self {
        case .plain: nil
        case .adam: "Kingma 2015"
        case .mq: "Alonso 2023"
        }
    }
}
