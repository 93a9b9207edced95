/// The rules of `docs/theory.md` §4 that train, by the names that users type.
public enum TrainingRule: String, CaseIterable, Sendable, Hashable, Codable {
    case backpropagation = "bp"
    case backpropagationAdam = "bp-adam"
    case normalizedBackpropagation = "bp-prox"
    case inferenceLearning = "il"
    case inferenceLearningAdam = "il-adam"
    case proximalInferenceLearning = "il-prox"
    case proximalInferenceLearningFast = "il-prox-fast"
    case proximalInferenceLearningAdam = "il-prox-adam"
    case exactInferenceLearning = "il-exact"
    case implicit = "implicit"

    /// The name used on the command line and in reports.
    public var name: String { rawValue }

    /// Whether Adam turns the rule's local gradients into weight updates.
    public var usesAdam: Bool {
        switch self {
        case .backpropagationAdam, .inferenceLearningAdam, .proximalInferenceLearningAdam: true
        case .backpropagation, .normalizedBackpropagation, .inferenceLearning,
            .proximalInferenceLearning, .proximalInferenceLearningFast, .exactInferenceLearning,
            .implicit:
            false
        }
    }
}

/// The precision in which weights are kept and inference runs. Solvers of exact updates always work
/// in double precision.
public enum TrainingPrecision: String, CaseIterable, Sendable, Hashable, Codable {
    case single
    case double
}
