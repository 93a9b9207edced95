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

    /// - Throws: `RuleError` if the rule is not defined for the problem.
    func update(_ problem: GraphProblem) throws(RuleError) -> Parameters<Double>
}

extension GraphRule {
    public var settings: Set<RuleSetting> { [] }

    public func with(_ constants: RuleSettings) -> Self { self }
}

/// `bp` on graphs: `Δ = −α∇L`.
public struct GraphBackpropagation: GraphRule {
    public let name = "bp"

    public init() {}

    public func update(_ problem: GraphProblem) throws(RuleError) -> Parameters<Double> {
        -problem.learningRate * problem.gradient(after: 0 * problem.network.parameters)
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
