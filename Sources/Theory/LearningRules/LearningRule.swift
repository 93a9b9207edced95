public import LinearAlgebra
public import Networks

/// A rule that turns a network, a mini-batch and a learning rate into one weight update (`docs/theory.md` §4).
///
/// Rules are values: their constants are properties with the paper's values as defaults, and an
/// update depends on nothing but its arguments and those constants.
public protocol LearningRule: Sendable {
    /// The name used on the command line and in reports.
    var name: String { get }

    /// The update of `problem` by this rule.
    ///
    /// - Throws: `RuleError` if the rule is not defined for the problem.
    func step<Scalar: BLASScalar>(_ problem: LearningProblem<Scalar>) throws(RuleError)
        -> LearningStep<Scalar>

    /// The rule in one iteration of a training, counted from 0: one that draws random numbers draws others in each. By
    /// default the rule itself.
    func inIteration(_ iteration: Int) -> Self
}

extension LearningRule {
    public func inIteration(_ iteration: Int) -> Self { self }
}

/// What a rule is given: a network, a mini-batch that fits it, a loss and a learning rate, and what must not move.
public struct LearningProblem<Scalar: BLASScalar>: Sendable {
    public var network: Network<Scalar>
    public var batch: Batch<Scalar>
    public var loss: Loss
    public var learningRate: Scalar
    /// Parameters that no rule moves. Exact updates are then those of the problem in which they are constants. Other rules
    /// leave a held bias's 1 out of `sₙ`; held weights change nothing in their inference.
    public var held: HeldParameters

    public init(
        network: Network<Scalar>, batch: Batch<Scalar>, loss: Loss, learningRate: Scalar, held: HeldParameters = .none
    ) {
        self.network = network
        self.batch = batch
        self.loss = loss
        self.learningRate = learningRate
        self.held = held
    }
}

/// What a rule returns.
public struct LearningStep<Scalar: BLASScalar>: Sendable {
    /// `Δ`, to be added to the weights.
    public var update: Parameters<Scalar>
    /// The inferred activities `ĥ₁ … ĥ_N`, for rules that infer them.
    public var activities: PerLayer<Matrix<Scalar>>?
    /// How far inference came, for rules that run it to an equilibrium.
    public var equilibrium: EquilibriumStatus?

    public init(
        update: Parameters<Scalar>, activities: PerLayer<Matrix<Scalar>>? = nil,
        equilibrium: EquilibriumStatus? = nil
    ) {
        self.update = update
        self.activities = activities
        self.equilibrium = equilibrium
    }
}

/// The end of an inference that was run to its equilibrium. *Stopped* is not *converged*.
public struct EquilibriumStatus: Sendable, Hashable {
    public let isConverged: Bool
    /// The norm of the inference field relative to the norm of its two opposing parts.
    public let residual: Double
    public let tolerance: Double
    public let iterations: Int

    public init(isConverged: Bool, residual: Double, tolerance: Double, iterations: Int) {
        self.isConverged = isConverged
        self.residual = residual
        self.tolerance = tolerance
        self.iterations = iterations
    }
}

/// Why a rule has no update for a problem.
public enum RuleError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rates of a layer without a bias that moves are all zero for an example: a normalized update divides by
    /// their squared norm.
    case zeroRates(layer: Int, example: Int)
    /// The rule solves in double precision and was given something that it cannot solve.
    case unsolved(String)

    public var description: String {
        switch self {
        case .zeroRates(let layer, let example):
            """
            all rates of layer \(layer) are zero for example \(example) and the layer has no bias that moves: \
            the normalized update divides by their squared norm
            """
        case .unsolved(let reason): reason
        }
    }
}
