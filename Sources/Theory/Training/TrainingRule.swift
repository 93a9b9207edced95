public import LearningRules

/// What trains: a rule, and the optimiser that turns its errors into changes of the weights. Every rule of the registry
/// trains, with every optimiser.
///
/// Users, stored runs and reports name it `bp` or `bp-adam`.
public struct TrainingRule: Sendable, Hashable {
    public var entry: RuleEntry
    public var optimizer: Optimizer

    public init(_ entry: RuleEntry, _ optimizer: Optimizer = .plain) {
        self.entry = entry
        self.optimizer = optimizer
    }

    /// The name used on the command line and in reports.
    public var name: String {
        optimizer == .plain ? entry.name : "\(entry.name)-\(optimizer.rawValue)"
    }

    public var usesAdam: Bool { optimizer == .adam }

    /// Whether the learning rate is about the size of a weight's change, whatever the gradient, and so a smaller number.
    public var scalesGradients: Bool { optimizer != .plain }

    /// The look of the rule in every chart; with an optimiser the same colour, and beside the plain rule another marker.
    package var chartStyle: Int { entry.chartStyle }
}

extension TrainingRule: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = try RuleRegistry.trained.trainingRule(named: try container.decode(String.self))
        } catch let error as RuleChoiceError {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: error.description)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

extension RuleRegistry {
    /// Every rule with every optimiser, rule by rule.
    public var trainingRules: [TrainingRule] {
        entries.flatMap { entry in Optimizer.allCases.map { TrainingRule(entry, $0) } }
    }

    /// The rule and optimiser of a name: that of a rule, or one followed by an optimiser, `il-adam` or `il+adam`.
    ///
    /// - Throws: `RuleChoiceError.unknownRule`.
    public func trainingRule(named name: String) throws(RuleChoiceError) -> TrainingRule {
        if let known = trainingRules.first(where: { $0.name == name }) { return known }
        for optimizer in Optimizer.allCases where optimizer != .plain {
            for suffix in ["-", "+"].map({ $0 + optimizer.rawValue }) where name.hasSuffix(suffix) {
                return TrainingRule(try entry(named: String(name.dropLast(suffix.count))), optimizer)
            }
        }
        return TrainingRule(try entry(named: name))
    }
}
