public import LinearAlgebra
package import Networks
internal import Randomness

/// Activities and everything local that follows from them: predictions, errors, rates, squared
/// norms. A workspace that inference overwrites; a step allocates nothing of the size of a layer.
///
/// One-shot rules make a state for each update, training begins the same state anew for each
/// mini-batch.
public struct InferenceState<Scalar: BLASScalar>: Sendable {
    /// `h₁ … h_N` at index `n − 1`; the output is `p_N + e_N`.
    public internal(set) var activities: [Matrix<Scalar>]
    /// `a₀ … a_{N−1}` at index `n`.
    public internal(set) var rates: [Matrix<Scalar>]
    /// `e₁ … e_N` at index `n − 1`.
    public internal(set) var errors: [Matrix<Scalar>]
    /// `sₙ` for each example, at index `n`.
    public internal(set) var squaredNorms: [[Scalar]]
    /// `L(θ_b)`, the mean loss of the feedforward pass that inference began with; NaN after a random
    /// start, which makes no such pass.
    public internal(set) var lossAtStart: Scalar = .nan
    private var predictions: [Matrix<Scalar>]
    private var slopes: [Matrix<Scalar>]
    private var feedback: [Matrix<Scalar>]
    /// `Wₙᵀ` without its bias at index `n − 1`, for mini-batches of several examples: BLAS multiplies
    /// a transposed first factor somewhat more slowly. Empty for a single one.
    private var transposedWeights: [Matrix<Scalar>]

    /// Room for mini-batches of `examples`; `begin` fills it.
    package init(architecture: Architecture, examples: Int) {
        activities = architecture.widths.dropFirst().map { Matrix(rows: $0, columns: examples) }
        rates = architecture.widths.dropLast().map { Matrix(rows: $0, columns: examples) }
        predictions = activities
        errors = activities
        slopes = Array(activities.dropLast())
        feedback = slopes
        transposedWeights = examples == 1
            ? []
            : zip(architecture.widths.dropFirst(), architecture.widths.dropFirst(2)).map {
                Matrix(rows: $0, columns: $1)
            }
        squaredNorms = Array(
            repeating: Array(repeating: 0, count: examples), count: architecture.depth)
    }

    /// The state of the given hidden activities.
    init(
        _ problem: LearningProblem<Scalar>, hidden: [Matrix<Scalar>], output: OutputTreatment
    ) {
        self.init(architecture: problem.network.architecture, examples: problem.batch.size)
        assignInputs(problem)
        for n in hidden.indices { activities[n] = hidden[n] }
        refresh(problem, output: output)
    }

    /// Puts hidden activities at their start and computes all that follows from them.
    ///
    /// - Precondition: the state has room for exactly the problem's mini-batch.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func begin(
        _ problem: LearningProblem<Scalar>, at start: EulerInference.Start, output: OutputTreatment
    ) {
        assignInputs(problem)
        let architecture = problem.network.architecture
        switch start {
        case .feedforward:
            for n in 1..<max(1, architecture.depth) {
                activities[n - 1].copy(from: predictions[n - 1])
                errors[n - 1].scale(by: 0)
                predictFurther(layer: n, problem)
            }
            let top = architecture.depth - 1
            lossAtStart = problem.loss.total(predictions[top], targets: problem.batch.targets)
                / Scalar(problem.batch.size)
            assignOutput(problem, output)
        case .random(let seed):
            var generator = RandomGenerator(seed: seed)
            for n in 1..<max(1, architecture.depth) {
                let count = activities[n - 1].count
                activities[n - 1].withMutablePointer { h in
                    for i in 0..<count { h[i] = Scalar(generator.nextNormal()) }
                }
            }
            lossAtStart = .nan
            refresh(problem, output: output)
        }
    }

    /// The inputs, and the first layer's prediction, which inference does not change.
    private mutating func assignInputs(_ problem: LearningProblem<Scalar>) {
        rates[0].copy(from: problem.batch.inputs)
        rates[0].assignSquaredColumnNorms(
            plus: problem.network.architecture.biases[0] ? 1 : 0, to: &squaredNorms[0])
        problem.network.predict(layer: 0, rates: rates[0], into: &predictions[0])
        for n in transposedWeights.indices {
            transposedWeights[n].assignTranspose(
                of: problem.network.parameters.layers[n + 1])
        }
    }

    /// `feedback ← Wₙᵀeₙ₊₁`, without the bias.
    private mutating func assignFedBackErrors(layer n: Int, _ problem: LearningProblem<Scalar>) {
        if transposedWeights.isEmpty {
            feedback[n - 1].assignProduct(
                problem.network.parameters.layers[n], .transposed, errors[n],
                width: problem.network.architecture.widths[n])
        } else {
            feedback[n - 1].assignProduct(transposedWeights[n - 1], errors[n])
        }
    }

    /// Recomputes rates, predictions and errors from the hidden activities.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func refresh(_ problem: LearningProblem<Scalar>, output: OutputTreatment) {
        for n in 1..<max(1, problem.network.architecture.depth) {
            predictFurther(layer: n, problem)
            errors[n - 1].assignDifference(activities[n - 1], predictions[n - 1])
        }
        assignOutput(problem, output)
    }

    /// The rates of hidden layer `n`, their squared norms, and the prediction they make.
    private mutating func predictFurther(layer n: Int, _ problem: LearningProblem<Scalar>) {
        let architecture = problem.network.architecture
        architecture.activation(ofLayer: n).evaluate(activities[n - 1], into: &rates[n])
        problem.network.predict(layer: n, rates: rates[n], into: &predictions[n])
        rates[n].assignSquaredColumnNorms(plus: architecture.biases[n] ? 1 : 0, to: &squaredNorms[n])
    }

    private mutating func assignOutput(
        _ problem: LearningProblem<Scalar>, _ output: OutputTreatment
    ) {
        let top = problem.network.architecture.depth - 1
        output.assignError(
            prediction: predictions[top], problem: problem, squaredNorms: squaredNorms[top],
            to: &errors[top])
        activities[top].assignSum(predictions[top], errors[top])
    }

    /// One Euler step of every hidden layer, from the errors of the last `refresh`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func advance(_ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        let step = Scalar(inference.stepSize)
        for n in 1..<max(1, problem.network.architecture.depth) {
            assignFeedback(layer: n, problem, inference)
            if inference.decay != 0 { activities[n - 1].scale(by: Scalar(1 - inference.decay)) }
            activities[n - 1].add(feedback[n - 1], scaledBy: step)
            if inference.leak != 0 {
                activities[n - 1].add(errors[n - 1], scaledBy: -step * Scalar(inference.leak))
            }
        }
    }

    /// Backpropagates the output's error through the feedforward pass: `eₙ ← φ′ₙ ⊙ Wₙᵀeₙ₊₁`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func backpropagate(_ problem: LearningProblem<Scalar>) {
        let architecture = problem.network.architecture
        for n in stride(from: architecture.depth - 1, to: 0, by: -1) {
            assignFedBackErrors(layer: n, problem)
            architecture.activation(ofLayer: n).slope(activities[n - 1], into: &slopes[n - 1])
            feedback[n - 1].multiply(elementwise: slopes[n - 1])
            swap(&errors[n - 1], &feedback[n - 1])
        }
    }

    /// `feedback ← φ′ₙ ⊙ rₙ(Wₙᵀeₙ₊₁ + τ aₙ‖eₙ₊₁‖²/sₙ)`.
    private mutating func assignFeedback(
        layer n: Int, _ problem: LearningProblem<Scalar>, _ inference: EulerInference
    ) {
        let architecture = problem.network.architecture
        assignFedBackErrors(layer: n, problem)
        if inference.feedback == .updated {
            for example in 0..<problem.batch.size {
                let scale = errors[n].squaredColumnNorm(example) / squaredNorms[n][example]
                feedback[n - 1].addColumn(example, of: rates[n], scaledBy: scale)
            }
        }
        architecture.activation(ofLayer: n).slope(activities[n - 1], into: &slopes[n - 1])
        feedback[n - 1].multiply(elementwise: slopes[n - 1])
        if inference.precision == .normalized {
            let (before, after) = (squaredNorms[n - 1], squaredNorms[n])
            feedback[n - 1].scaleColumns { before[$0] / after[$0] }
        }
    }
}
