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
    /// `Wₙ` without its bias and its transpose at index `n − 1`, where BLAS multiplies them fastest
    /// with mini-batches of several examples. Empty for a single one.
    private var weights: [AlignedMatrix<Scalar>]
    private var transposedWeights: [AlignedMatrix<Scalar>]

    /// Room for mini-batches of `examples`; `begin` fills it.
    package init(architecture: Architecture, examples: Int) {
        activities = architecture.widths.dropFirst().map { Matrix(rows: $0, columns: examples) }
        rates = architecture.widths.dropLast().map { Matrix(rows: $0, columns: examples) }
        predictions = activities
        errors = activities
        slopes = Array(activities.dropLast())
        feedback = slopes
        let shapes = examples == 1
            ? [] : Array(zip(architecture.widths.dropFirst(), architecture.widths.dropFirst(2)))
        weights = shapes.map { AlignedMatrix(rows: $1, columns: $0) }
        transposedWeights = shapes.map { AlignedMatrix(rows: $0, columns: $1) }
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
                assignRates(layer: n, problem)
                predict(layer: n, problem)
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
        for n in weights.indices {
            weights[n].assign(problem.network.parameters.layers[n + 1])
            transposedWeights[n].assignTranspose(of: problem.network.parameters.layers[n + 1])
        }
    }

    /// `pₙ₊₁ ← Wₙāₙ` for a hidden layer `n`.
    private mutating func predict(layer n: Int, _ problem: LearningProblem<Scalar>) {
        guard !weights.isEmpty else {
            return problem.network.predict(layer: n, rates: rates[n], into: &predictions[n])
        }
        let hasBias = problem.network.architecture.biases[n]
        if hasBias {
            let parameters = problem.network.parameters.layers[n]
            predictions[n].assignColumns(of: parameters, column: parameters.columns - 1)
        }
        predictions[n].assignProduct(weights[n - 1], rates[n], keep: hasBias ? 1 : 0)
    }

    /// `feedback ← Wₙᵀeₙ₊₁`, without the bias.
    private mutating func assignFedBackErrors(layer n: Int, _ problem: LearningProblem<Scalar>) {
        if weights.isEmpty {
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
        for n in 1..<max(1, problem.network.architecture.depth) { assignRates(layer: n, problem) }
        assignErrors(problem, output: output)
    }

    /// Recomputes predictions and errors from the rates.
    private mutating func assignErrors(
        _ problem: LearningProblem<Scalar>, output: OutputTreatment
    ) {
        for n in 1..<max(1, problem.network.architecture.depth) {
            predict(layer: n, problem)
            errors[n - 1].assignDifference(activities[n - 1], predictions[n - 1])
        }
        assignOutput(problem, output)
    }

    /// The rates of hidden layer `n` and their squared norms.
    private mutating func assignRates(layer n: Int, _ problem: LearningProblem<Scalar>) {
        let architecture = problem.network.architecture
        architecture.activation(ofLayer: n).evaluate(activities[n - 1], into: &rates[n])
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

    /// One Euler step of every hidden layer, and all that follows from it.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func advance(_ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        let architecture = problem.network.architecture
        // From the top, because a layer's step takes the norms of the layer below from before.
        for n in stride(from: architecture.depth - 1, to: 0, by: -1) {
            assignFedBackErrors(layer: n, problem)
            if inference.feedback == .updated { addUpdatedFeedback(layer: n) }
            let step = EulerStep<Scalar>(
                inference, architecture.activation(ofLayer: n), hasBias: architecture.biases[n])
            let below = squaredNorms[n - 1]
            step.move(
                &activities[n - 1], rates: &rates[n], squaredNorms: &squaredNorms[n],
                feedback: &feedback[n - 1], errors: errors[n - 1], squaredNormsBelow: below,
                slopes: &slopes[n - 1])
        }
        assignErrors(problem, output: inference.output)
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

    /// `feedback ← feedback + aₙ‖eₙ₊₁‖²/sₙ` for each example.
    private mutating func addUpdatedFeedback(layer n: Int) {
        for example in 0..<errors[n].columns {
            let scale = errors[n].squaredColumnNorm(example) / squaredNorms[n][example]
            feedback[n - 1].addColumn(example, of: rates[n], scaledBy: scale)
        }
    }
}
