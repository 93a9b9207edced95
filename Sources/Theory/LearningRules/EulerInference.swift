internal import LinearAlgebra
internal import Networks
internal import Randomness

/// Inference by Euler steps on the activities of the hidden layers.
///
/// One step changes every hidden layer at once by
///
/// `hₙ ← hₙ + γ(φ′ₙ ⊙ rₙ(Wₙᵀeₙ₊₁ + τ aₙ‖eₙ₊₁‖²/sₙ) − λ eₙ) − κ hₙ`
///
/// with step `γ`, leak `λ` (1 or 0), decay `κ`, and for each example `rₙ = 1` for unit precisions or
/// `sₙ₋₁/sₙ` for the precisions `1/(αsₙ)` of the exact energy; `τ = 1` adds the term of T8 (feedback
/// through the weights that the coming update would produce).
///
/// A step costs two products with every hidden weight matrix, for which a single example reads it once (`PackedLayer`).
/// The first layer's prediction does not change and is computed once.
public struct EulerInference: Sendable, Hashable {
    /// The precisions of the prediction errors.
    public enum Precision: String, Sendable, Hashable, Codable {
        /// All 1, as in the paper's code.
        case unit
        /// `1/(αsₙ)`, those of the exact energy (T2), recomputed as the rates change.
        case normalized
    }

    /// The weights through which errors are fed back.
    public enum Feedback: Sendable, Hashable {
        /// `Wᵇ`, the weights before the step.
        case frozen
        /// `Wᵇ + eāᵀ/s`, what the coming update would produce (T8). Needs normalized precisions.
        case updated
    }

    /// Where inference begins.
    public enum Start: Sendable, Hashable, Codable {
        /// At the feedforward pass.
        case feedforward
        /// At standard normal hidden activities, drawn with this seed.
        case random(seed: UInt64)

        /// The start in one iteration of a training: other random activities in each.
        fileprivate func inIteration(_ iteration: Int) -> Start {
            guard case .random(let seed) = self else { return self }
            var generator = RandomGenerator(seed: seed, stream: UInt64(iteration))
            return .random(seed: generator.nextBits())
        }
    }

    /// What a layer does first, and so what an activity is.
    public enum LayerOrder: Sendable, Hashable {
        /// `h = W φ(h_below)`: activities are pre-activations, as in the paper's equations.
        case activationFirst
        /// `h = φ(W h_below)`: activities are rates, as in the paper's code for standard inference learning. The
        /// step is `hₙ ← hₙ + γ(Wₙᵀ(φ′ₙ₊₁ ⊙ eₙ₊₁) − λeₙ) − κhₙ`; precisions are 1.
        case linearFirst
    }

    /// In what order the layers move, and which predictions their errors are of.
    public enum Scheme: Sendable, Hashable {
        /// All layers at once, from the errors before the step.
        case simultaneous
        /// All at once, with predictions and slopes as at the feedforward pass (the fixed-prediction assumption of
        /// Whittington and Bogacz 2017): `eₙ ← (1 − γλ)eₙ + γφ′ₙ ⊙ Wₙᵀeₙ₊₁`. Precisions are 1, and rates do not move.
        case fixedPredictions
        /// From the top down, each layer after the error above it was recomputed, with the step `γ/(1 + t)` in sweep
        /// `t = 0, 1, …` (Alonso 2023).
        case reverseSweep
    }

    public var steps: Int
    public var stepSize: Double
    public var precision: Precision
    public var feedback: Feedback
    /// The weight `λ` of a layer's own error, which draws it back to its prediction.
    public var leak: Double
    /// `κ`, the share of an activity that decays at every step.
    public var decay: Double
    public var output: OutputTreatment
    public var start: Start
    public var order: LayerOrder
    public var scheme: Scheme
    public var conventions: PassConventions

    public init(
        steps: Int, stepSize: Double, precision: Precision, feedback: Feedback = .frozen,
        leak: Double = 1, decay: Double = 0, output: OutputTreatment, start: Start = .feedforward,
        order: LayerOrder = .activationFirst, scheme: Scheme = .simultaneous, conventions: PassConventions = PassConventions()
    ) {
        self.steps = steps
        self.stepSize = stepSize
        self.precision = precision
        self.feedback = feedback
        self.leak = leak
        self.decay = decay
        self.output = output
        self.start = start
        self.order = order
        self.scheme = scheme
        self.conventions = conventions
    }

    /// Runs the steps from the start and leaves `state` as after the last one.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    func run<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>, in state: inout InferenceState<Scalar>
    ) {
        switch order {
        case .activationFirst:
            state.begin(problem, at: start, output: output, conventions)
            switch scheme {
            case .simultaneous:
                if steps >= state.stepsWorthPacking && state.packWeights(problem) {
                    state.advanceInOnePass(problem, by: self)
                } else {
                    for _ in 0..<steps { state.advance(problem, by: self) }
                }
            case .fixedPredictions: state.advanceErrors(problem, by: self)
            case .reverseSweep: for t in 0..<steps { state.sweep(problem, by: self, number: t) }
            }
        case .linearFirst:
            state.beginLinearFirst(problem, self)
            for _ in 0..<steps { state.advanceLinearFirst(problem, by: self) }
        }
    }
}

extension EulerInference {
    /// Inference in one iteration of a training: a random start is another in each.
    func inIteration(_ iteration: Int) -> EulerInference {
        var result = self
        result.start = start.inIteration(iteration)
        return result
    }
}
