public import Graphs
public import LinearAlgebra
public import Networks

/// A rule that turns a graph, a mini-batch and a learning rate into one update of all tensors.
public protocol GraphRule: Sendable {
    /// The name used on the command line and in reports.
    var name: String { get }
    /// The constants that it takes.
    var settings: Set<RuleSetting> { get }

    /// The same rule with those of its constants that are set.
    func with(_ constants: RuleSettings) -> Self

    /// What the rule makes of a problem.
    ///
    /// - Throws: `RuleError` if the rule is not defined for the problem.
    func step(_ problem: GraphProblem) throws(RuleError) -> GraphStep
}

/// What a rule on graphs makes of one mini-batch: a direction and how far to go along it.
public struct GraphStep: Sendable {
    /// The rule's update for `α = 1` at the activities that it inferred: minus the gradient that an optimiser is given.
    public var direction: Parameters<Double>
    /// `α`, or 1 for a rule whose update is normalized: there `α` is in the output's target only.
    public var length: Double
    /// `L(w_b)`, the mini-batch loss of the feedforward pass.
    public var lossBefore: Double

    public init(direction: Parameters<Double>, length: Double, lossBefore: Double) {
        self.direction = direction
        self.length = length
        self.lossBefore = lossBefore
    }

    /// `Δ`, to be added to the parameters.
    public var update: Parameters<Double> { length * direction }
}

extension GraphRule {
    /// The update of the problem by this rule.
    ///
    /// - Throws: as `step`.
    public func update(_ problem: GraphProblem) throws(RuleError) -> Parameters<Double> { try step(problem).update }

    public var settings: Set<RuleSetting> { [] }

    public func with(_ constants: RuleSettings) -> Self { self }
}

/// `bp` on graphs: `Δ = −α∇L`.
public struct GraphBackpropagation: GraphRule {
    public let name = "bp"

    public init() {}

    public func step(_ problem: GraphProblem) -> GraphStep {
        let pass = problem.pass(after: problem.network.architecture.zero)
        return GraphStep(
            direction: -1 * pass.gradient(), length: problem.learningRate, lossBefore: problem.meanLoss(pass))
    }
}

/// The rules of graphs that users can name.
public enum GraphRules {
    /// Those that are compared unless others are asked for.
    public static let compared: [any GraphRule] = [
        GraphBackpropagation(), GraphInferenceLearning.standard(), GraphInferenceLearning.proximal(),
        GraphInferenceLearning.publishedConvolution(), GraphFeedbackControl(),
    ]

    public static let all: [any GraphRule] = compared + [
        GraphNormalizedBackpropagation(), GraphInferenceLearning.proximalFast(), GraphInferenceLearning.fixedPredictions(),
    ]

    /// The rule of a name; `nil` if graphs have none of that name.
    public static func named(_ name: String) -> (any GraphRule)? { all.first { $0.name == name } }
}
