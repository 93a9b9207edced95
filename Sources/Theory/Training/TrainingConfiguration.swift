public import FoundationEssentials
public import Graphs
internal import ImplicitSGD
internal import JSON
public import LearningRules
public import Networks

/// Everything that the result of a training run depends on, apart from the data themselves and the
/// program: two runs of equal configurations on the same data give the same bits (for a fixed
/// number of BLAS threads and kind of processor).
public struct TrainingConfiguration: Sendable, Hashable, Codable {
    /// `d₀ … d_N`; of a graph those of its input and its output.
    public var widths: [Int]
    /// Of the hidden layers of a chain; the nodes of a graph have their own.
    public var activation: Activation
    /// Whether every layer of a chain has a bias.
    public var bias: Bool
    /// The network, where it is a graph; `nil` for the chain of `widths`.
    public private(set) var graph: GraphArchitecture?
    public var initialization: Initialization
    public var loss: Loss
    public var rule: TrainingRule
    /// The rules' constants; the defaults are the paper's. A random start of inference draws new
    /// activities in every iteration, all determined by its seed.
    public var constants: RuleSettings
    /// The constants of Adam, for the rules that use it.
    public var adam: AdamConstants
    /// The bound on the implicit residual of exact updates: those of `implicit` and `il-exact`, and
    /// those that other rules are compared with.
    public var solverTolerance: Double
    /// `α`; with Adam the size of its step, and also the `α` of the output's proximal step, unless the constants have
    /// another (`RuleSettings.targetRate`).
    public var learningRate: Double
    /// `B`, the examples of a mini-batch.
    public var batchSize: Int
    /// The number of weight updates.
    public var iterations: Int
    /// Determines the initial weights and the order of the examples.
    public var seed: UInt64
    public var precision: TrainingPrecision
    /// The name of the data set, for reports and result stores.
    public var dataSet: String
    /// How many training examples are used; `nil` for all. The data must have as many.
    public var trainingExamples: Int?
    /// How many test examples are used; `nil` for all. The data must have as many.
    public var testExamples: Int?
    /// A measurement is made after every so many iterations, and after the last.
    public var evaluateEvery: Int
    /// Every so many iterations the update is compared with the exact implicit update of the same
    /// mini-batch at the same weights, from the first iteration on; 0 for never.
    public var compareEvery: Int
    /// After every so many updates the norm of the change of the weights alone, without the biases, is recorded, as the
    /// published code does; `nil` for never.
    public var weightNormEvery: Int?
    // Runs that were stored before these were known keep their key.
    private var heldParameters: HeldParameters?
    private var partialBatches: Bool?
    private var representation: Bool?

    /// Parameters that stay at their initial values.
    public var held: HeldParameters {
        get { heldParameters ?? .none }
        set { heldParameters = newValue.isEmpty ? nil : newValue }
    }

    /// Whether the examples that do not fill a mini-batch at the end of an epoch are one by themselves.
    public var usesPartialBatches: Bool {
        get { partialBatches ?? false }
        set { partialBatches = newValue ? true : nil }
    }

    /// Whether each measurement has a `Representation` too.
    public var measuresRepresentation: Bool {
        get { representation ?? false }
        set { representation = newValue ? true : nil }
    }

    public init(
        widths: [Int] = [784, 256, 256, 10], activation: Activation = .relu, bias: Bool = true,
        initialization: Initialization = .uniform, loss: Loss = .softmaxCrossEntropy,
        rule: TrainingRule, constants: RuleSettings = RuleSettings(),
        adam: AdamConstants = AdamConstants(), solverTolerance: Double = 1e-10,
        learningRate: Double, batchSize: Int = 1, iterations: Int, seed: UInt64 = 1,
        precision: TrainingPrecision = .single, dataSet: String, trainingExamples: Int? = nil,
        testExamples: Int? = nil, evaluateEvery: Int = 1000, compareEvery: Int = 0
    ) {
        self.widths = widths
        self.activation = activation
        self.bias = bias
        self.initialization = initialization
        self.loss = loss
        self.rule = rule
        self.constants = constants
        self.adam = adam
        self.solverTolerance = solverTolerance
        self.learningRate = learningRate
        self.batchSize = batchSize
        self.iterations = iterations
        self.seed = seed
        self.precision = precision
        self.dataSet = dataSet
        self.trainingExamples = trainingExamples
        self.testExamples = testExamples
        self.evaluateEvery = evaluateEvery
        self.compareEvery = compareEvery
    }

    /// The same training of a graph, in double precision.
    public func training(_ graph: GraphArchitecture) -> TrainingConfiguration {
        var result = self
        result.graph = graph
        result.widths = [graph.inputShape.count, graph.outputWidth]
        result.activation = .identity
        result.bias = true
        result.precision = .double
        return result
    }

    /// The canonical form that keys results: JSON with sorted keys, without the optional values that
    /// are not set. Equal configurations give equal bytes, different ones different bytes.
    ///
    /// - Throws: `TrainingError.configuration` if a number is not finite.
    public func canonicalJSON() throws(TrainingError) -> Data {
        do {
            return try CanonicalJSON.finiteData(self)
        } catch {
            throw .configuration(field: "constants", reason: "a number is not finite")
        }
    }
}

extension TrainingConfiguration {
    /// The rule with its constants.
    var learningRule: any LearningRule {
        var settings = constants
        settings.solverTolerance = constants.solverTolerance ?? solverTolerance
        return rule.entry.rule(settings, optimizer: rule.optimizer)
    }

    /// The network's shape.
    ///
    /// - Throws: `TrainingError.network`.
    func architecture() throws(TrainingError) -> Architecture {
        do {
            return try Architecture(widths: widths, activation: activation, bias: bias)
        } catch {
            throw .network(error)
        }
    }

    /// - Throws: `TrainingError.configuration` for the first field that is out of its range.
    func validate() throws(TrainingError) {
        func require(
            _ condition: Bool, _ field: String, _ reason: String
        ) throws(TrainingError) {
            guard condition else { throw .configuration(field: field, reason: reason) }
        }
        try require(
            learningRate > 0 && learningRate.isFinite, "learningRate",
            "\(learningRate) is not positive and finite")
        try require(
            precision == .double || (Float(learningRate) > 0 && Float(learningRate).isFinite),
            "learningRate", "\(learningRate) is out of the range of single precision")
        try require(batchSize >= 1, "batchSize", "\(batchSize) is below 1")
        try require(iterations >= 0, "iterations", "\(iterations) is negative")
        try require(evaluateEvery >= 1, "evaluateEvery", "\(evaluateEvery) is below 1")
        try require(compareEvery >= 0, "compareEvery", "\(compareEvery) is negative")
        try require((weightNormEvery ?? 1) >= 1, "weightNormEvery", "\(weightNormEvery ?? 0) is below 1")
        if let graph { try validate(graph) } else { try validateChain() }
        try require(
            solverTolerance > 0 && solverTolerance < 1, "solverTolerance",
            "\(solverTolerance) is not between 0 and 1")
        try require(
            (0..<1).contains(adam.meanDecay) && (0..<1).contains(adam.squareDecay), "adam",
            "decays \(adam.meanDecay) and \(adam.squareDecay) must be at least 0 and below 1")
        try require(
            adam.epsilon > 0 && adam.epsilon.isFinite, "adam",
            "epsilon \(adam.epsilon) is not positive and finite")
        try require(
            (constants.steps ?? 0) >= 0, "constants", "a negative number of inference steps")
        try require(
            (constants.stepSize ?? 0).isFinite && (constants.epsilon ?? 0).isFinite
                && constants.decay.isFinite, "constants", "a number is not finite")
        try require((constants.epsilon ?? 0) >= 0, "constants", "a negative epsilon")
        for (value, what) in [
            (constants.targetRate, "target rate"), (constants.solverTolerance, "solver tolerance"),
        ] {
            guard let value else { continue }
            try require(value > 0 && value.isFinite, "constants", "a \(what) that is not positive and finite")
        }
    }
}

extension TrainingConfiguration {
    private func validateChain() throws(TrainingError) {
        guard rule.entry.isOfChains else {
            throw .configuration(field: "rule", reason: "there is no rule '\(rule.entry.name)' for chains; it is for graphs")
        }
        do {
            try held.validate(for: try Architecture(widths: widths, activation: activation, bias: bias))
        } catch {
            throw .network(error)
        }
    }

    /// What a graph cannot be trained with is refused, so that no setting is one without effect.
    private func validate(_ graph: GraphArchitecture) throws(TrainingError) {
        let known = GraphRules.all.map(\.name).joined(separator: ", ")
        for (field, isRefused, reason) in [
            ("rule", !rule.entry.isOfGraphs, "there is no rule '\(rule.entry.name)' for graphs; expected some of \(known)"),
            ("rule", rule.optimizer == .mq, "graphs are trained by a rule's own update or with Adam, not with mq"),
            ("widths", widths != [graph.inputShape.count, graph.outputWidth], "they are not those of the graph"),
            ("precision", precision != .double, "graphs are trained in double precision"),
            ("held", !held.isEmpty, "no parameter of a graph can be held"),
            ("measuresRepresentation", measuresRepresentation, "it is measured for chains"),
        ] where isRefused { throw .configuration(field: field, reason: reason) }
    }
}
