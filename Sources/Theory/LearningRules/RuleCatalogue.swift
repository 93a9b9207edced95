/// The rules of `docs/theory.md` §4 that make single steps, by the names that users type.
public enum RuleName: String, CaseIterable, Sendable, Hashable {
    case backpropagation = "bp"
    case normalizedBackpropagation = "bp-prox"
    case inferenceLearning = "il"
    case proximalInferenceLearning = "il-prox"
    case proximalInferenceLearningFast = "il-prox-fast"
    case inferenceLearningEquilibrium = "il-equilibrium"
    case proximalInferenceLearningEquilibrium = "il-prox-equilibrium"
    case exactInferenceLearningEuler = "il-exact-euler"
    case exactInferenceLearning = "il-exact"
    case implicit = "implicit"

    /// The rows of the error tables.
    public static let compared: [RuleName] = [
        .backpropagation, .normalizedBackpropagation, .inferenceLearning,
        .proximalInferenceLearning, .proximalInferenceLearningFast, .inferenceLearningEquilibrium,
        .proximalInferenceLearningEquilibrium, .exactInferenceLearning,
    ]

    /// One line for help texts.
    public var summary: String {
        switch self {
        case .backpropagation: "explicit SGD, −α∇L"
        case .normalizedBackpropagation: "backpropagation with IL-prox's output error and normalization"
        case .inferenceLearning: "the paper's IL-SGD: 25 Euler steps, unit precisions, clamped output"
        case .proximalInferenceLearning: "25 Euler steps, mixed output target, NLMS"
        case .proximalInferenceLearningFast: "12 Euler steps without leak, else as il-prox"
        case .inferenceLearningEquilibrium: "il with inference run to its equilibrium"
        case .proximalInferenceLearningEquilibrium: "il-prox at its equilibrium, true proximal output (T9)"
        case .exactInferenceLearningEuler: "T8 by 200 Euler steps"
        case .exactInferenceLearning: "T8 run to its equilibrium by the activity-space solver"
        case .implicit: "the exact implicit-SGD update, any solver"
        }
    }

    /// The rule with the constants of `settings`.
    public func rule(_ settings: RuleSettings = RuleSettings()) -> any LearningRule {
        switch self {
        case .backpropagation: return Backpropagation()
        case .normalizedBackpropagation:
            return NormalizedBackpropagation(output: settings.output, epsilon: settings.epsilon ?? 1)
        case .inferenceLearning:
            return settings.applied(to: .standard())
        case .proximalInferenceLearning:
            return settings.appliedWithNormalization(to: .proximal())
        case .proximalInferenceLearningFast:
            return settings.appliedWithNormalization(to: .proximalFast())
        case .inferenceLearningEquilibrium:
            var rule = EquilibriumInferenceLearning.standard()
            rule.tolerance = settings.equilibriumTolerance
            return rule
        case .proximalInferenceLearningEquilibrium:
            var rule = EquilibriumInferenceLearning.proximal(epsilon: settings.epsilon ?? 0)
            rule.tolerance = settings.equilibriumTolerance
            return rule
        case .exactInferenceLearningEuler:
            var rule = InferenceLearning.exact()
            rule.inference.steps = settings.steps ?? rule.inference.steps
            rule.inference.stepSize = settings.stepSize ?? rule.inference.stepSize
            return rule
        case .exactInferenceLearning: return ImplicitGradientDescent.throughActivities()
        case .implicit: return ImplicitGradientDescent()
        }
    }
}

/// The constants of rules that a user may set; `nil` and the defaults are the paper's.
public struct RuleSettings: Sendable, Hashable, Codable {
    /// Inference steps of the rules that make a fixed number of them.
    public var steps: Int?
    /// The Euler step size.
    public var stepSize: Double?
    /// The precisions of `il-prox` and `il-prox-fast`.
    public var precision: EulerInference.Precision
    /// The output of `bp-prox`, `il-prox` and `il-prox-fast`.
    public var output: OutputTreatment
    /// The output of `il`: clamped, or nudged.
    public var standardOutput: OutputTreatment
    /// `ε` of the normalized updates; by default 1, as in the paper's code, and 0 at equilibria, as
    /// in T9.
    public var epsilon: Double?
    public var decay: Double
    public var start: EulerInference.Start
    /// The bound on the residual of inference for the equilibrium rules.
    public var equilibriumTolerance: Double

    public init(
        steps: Int? = nil, stepSize: Double? = nil,
        precision: EulerInference.Precision = .normalized,
        output: OutputTreatment = .mixedTarget, standardOutput: OutputTreatment = .clamped,
        epsilon: Double? = nil, decay: Double = 0, start: EulerInference.Start = .feedforward,
        equilibriumTolerance: Double = 1e-10
    ) {
        self.steps = steps
        self.stepSize = stepSize
        self.precision = precision
        self.output = output
        self.standardOutput = standardOutput
        self.epsilon = epsilon
        self.decay = decay
        self.start = start
        self.equilibriumTolerance = equilibriumTolerance
    }

    /// `rule` with these steps, start and decay.
    package func applied(to rule: InferenceLearning) -> InferenceLearning {
        var result = rule
        result.inference.steps = steps ?? rule.inference.steps
        result.inference.stepSize = stepSize ?? rule.inference.stepSize
        result.inference.start = start
        result.inference.decay = decay
        if rule.inference.output == .clamped { result.inference.output = standardOutput }
        return result
    }

    /// As `applied(to:)`, with these precisions, output and `ε` as well.
    package func appliedWithNormalization(to rule: InferenceLearning) -> InferenceLearning {
        var result = applied(to: rule)
        result.inference.precision = precision
        result.inference.output = output
        if let epsilon { result.weightUpdate = .normalized(epsilon: epsilon) }
        return result
    }
}
