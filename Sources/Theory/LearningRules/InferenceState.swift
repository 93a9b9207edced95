public import LinearAlgebra
public import Networks
internal import Randomness

/// Activities and everything local that follows from them: predictions, errors, rates, squared
/// norms. A workspace that inference overwrites; a step allocates nothing of the size of a layer.
///
/// One-shot rules make a state for each update, training begins the same state anew for each
/// mini-batch.
public struct InferenceState<Scalar: BLASScalar>: Sendable {
    /// `h₁ … h_N`; the output is `p_N + e_N`.
    public internal(set) var activities: PerLayer<Matrix<Scalar>>
    /// `a₀ … a_{N−1}`.
    public internal(set) var rates: PerLayer<Matrix<Scalar>>
    /// `e₁ … e_N`.
    public internal(set) var errors: PerLayer<Matrix<Scalar>>
    /// `s₀ … s_{N−1}`, each for every example.
    public internal(set) var squaredNorms: PerLayer<[Scalar]>
    /// `L(θ_b)`, the mean loss of the feedforward pass that inference began with; NaN after a random
    /// start, which makes no such pass.
    public internal(set) var lossAtStart: Scalar = .nan
    var predictions: PerLayer<Matrix<Scalar>>
    var slopes: PerLayer<Matrix<Scalar>>
    var feedback: PerLayer<Matrix<Scalar>>
    /// `y − μ` of the response in a target that is kept, or room for the gradient at a free output.
    var keptResidual: Matrix<Scalar>
    /// `Wₙ` without its bias and its transpose for `n = 1..<N`, where BLAS multiplies them fastest with
    /// mini-batches of several examples. Empty for a single one, and unless all layers are dense.
    private var weights: PerLayer<AlignedMatrix<Scalar>>
    private var transposedWeights: PerLayer<AlignedMatrix<Scalar>>
    /// `Wₙ` for `n = 1..<N` where a single example makes many steps; see `InferenceState+OnePass.swift`.
    var packed: PerLayer<PackedLayer<Scalar>> = PerLayer(from: 1, [])
    /// From how many steps on it saves time to pack them.
    let stepsWorthPacking: Int

    /// What a state is made for.
    package enum Use: Sendable {
        /// A single inference.
        case once
        /// One inference after the other, in the same room.
        case repeatedly
    }

    /// Room for mini-batches of `examples`; `begin` fills it.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package init(architecture: Architecture, examples: Int, use: Use = .once) {
        stepsWorthPacking = Self.stepsWorthPacking(use)
        let widths = architecture.widths
        activities = architecture.activities(examples: examples)
        rates = PerLayer(0..<architecture.depth) { Matrix(rows: widths[$0], columns: examples) }
        predictions = activities
        errors = activities
        slopes = activities.dropLast()
        feedback = slopes
        keptResidual = Matrix(rows: architecture.outputWidth, columns: examples)
        let copied = examples > 1 && architecture.isDense ? architecture.hiddenLayers : 1..<1
        weights = PerLayer(copied) { AlignedMatrix(rows: widths[$0 + 1], columns: widths[$0]) }
        transposedWeights = PerLayer(copied) { AlignedMatrix(rows: widths[$0], columns: widths[$0 + 1]) }
        squaredNorms = PerLayer(0..<architecture.depth) { _ in Array(repeating: 0, count: examples) }
    }

    /// The state of the given hidden activities.
    init(
        _ problem: LearningProblem<Scalar>, hidden: PerLayer<Matrix<Scalar>>, output: OutputTreatment
    ) {
        self.init(architecture: problem.network.architecture, examples: problem.batch.size)
        begin(problem, at: .feedforward, output: output)
        activities[hidden.indices] = hidden
        for n in hidden.indices { assignRates(layer: n, problem) }
        assignErrors(problem, output: output, PassConventions(), isFirst: false)
        guard case .free = output else { return }
        let top = problem.network.architecture.depth
        output.assignError(
            prediction: predictions[top], problem: problem, squaredNorms: squaredNorms[top - 1], to: &errors[top])
        activities[top].assignSum(predictions[top], errors[top])
    }

    /// Puts hidden activities at their start and computes all that follows from them.
    ///
    /// - Precondition: the state has room for exactly the problem's mini-batch.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func begin(
        _ problem: LearningProblem<Scalar>, at start: EulerInference.Start, output: OutputTreatment,
        _ conventions: PassConventions = PassConventions()
    ) {
        assignInputs(problem, conventions)
        let architecture = problem.network.architecture
        switch start {
        case .feedforward:
            for n in architecture.hiddenLayers {
                activities[n].copy(from: predictions[n])
                errors[n].scale(by: 0)
                assignRates(layer: n, problem)
                predict(layer: n, problem)
            }
            recordLoss(problem)
            assignOutput(problem, output, conventions, isFirst: true)
        case .random(let seed):
            drawActivities(seed: seed)
            refresh(problem, output: output, conventions)
        }
    }

    /// `L(θ_b)` from the predictions of a feedforward pass.
    mutating func recordLoss(_ problem: LearningProblem<Scalar>) {
        let logits = predictions[problem.network.architecture.depth]
        lossAtStart = problem.loss.total(logits, targets: problem.batch.targets) / Scalar(problem.batch.size)
    }

    /// Standard normal hidden activities, from which no loss can be told.
    mutating func drawActivities(seed: UInt64) {
        var generator = RandomGenerator(seed: seed)
        for n in slopes.indices {
            let count = activities[n].count
            activities[n].withMutablePointer { h in
                for i in 0..<count { h[i] = Scalar(generator.nextNormal()) }
            }
        }
        lossAtStart = .nan
    }

    /// The inputs, and the first layer's prediction, which inference does not change.
    mutating func assignInputs(
        _ problem: LearningProblem<Scalar>, _ conventions: PassConventions = PassConventions()
    ) {
        if conventions.activatesInputs, let activation = problem.network.architecture.hiddenActivations.first {
            activation.evaluate(problem.batch.inputs, into: &rates[0])
        } else {
            rates[0].copy(from: problem.batch.inputs)
        }
        rates[0].assignSquaredColumnNorms(
            plus: problem.biasShare(ofLayer: 0), to: &squaredNorms[0])
        adoptWeights(problem)
    }

    /// Follows a change of the weights: the first layer's prediction, and the copies for BLAS.
    mutating func adoptWeights(_ problem: LearningProblem<Scalar>) {
        problem.network.predict(layer: 0, rates: rates[0], into: &predictions[1])
        for n in weights.indices {
            weights[n].assign(problem.network.parameters.layers[n])
            transposedWeights[n].assignTranspose(of: problem.network.parameters.layers[n])
        }
    }

    /// `pₙ₊₁ ← Wₙāₙ` for a hidden layer `n`.
    mutating func predict(layer n: Int, _ problem: LearningProblem<Scalar>) {
        guard !weights.isEmpty else {
            return problem.network.predict(layer: n, rates: rates[n], into: &predictions[n + 1])
        }
        let layer = problem.network.architecture.weightLayers[n]
        if layer.hasBias {
            predictions[n + 1].assignColumns(
                of: problem.network.parameters.layers[n], column: layer.inputWidth)
        }
        predictions[n + 1].assignProduct(weights[n], rates[n], keep: layer.hasBias ? 1 : 0)
    }

    /// `feedback ← Wₙᵀeₙ₊₁`, without the bias.
    mutating func assignFedBackErrors(layer n: Int, _ problem: LearningProblem<Scalar>) {
        if weights.isEmpty {
            problem.network.architecture.weightLayers[n].pullBackToRates(
                errors[n + 1], weights: problem.network.parameters.layers[n], keep: 0, into: &feedback[n])
        } else {
            feedback[n].assignProduct(transposedWeights[n], errors[n + 1])
        }
    }

    /// Recomputes rates, predictions and errors from the hidden activities.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func refresh(
        _ problem: LearningProblem<Scalar>, output: OutputTreatment,
        _ conventions: PassConventions = PassConventions()
    ) {
        for n in problem.network.architecture.hiddenLayers { assignRates(layer: n, problem) }
        assignErrors(problem, output: output, conventions, isFirst: true)
    }

    /// Recomputes predictions and errors from the rates.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func assignErrors(
        _ problem: LearningProblem<Scalar>, output: OutputTreatment, _ conventions: PassConventions, isFirst: Bool
    ) {
        for n in problem.network.architecture.hiddenLayers {
            predict(layer: n, problem)
            errors[n].assignDifference(activities[n], predictions[n])
        }
        assignOutput(problem, output, conventions, isFirst: isFirst)
    }

    /// The rates of hidden layer `n` and their squared norms.
    private mutating func assignRates(layer n: Int, _ problem: LearningProblem<Scalar>) {
        let architecture = problem.network.architecture
        architecture.activation(ofLayer: n).evaluate(activities[n], into: &rates[n])
        rates[n].assignSquaredColumnNorms(plus: problem.biasShare(ofLayer: n), to: &squaredNorms[n])
    }

    /// One Euler step of every hidden layer, and all that follows from it.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func advance(_ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        moveActivities(problem, by: inference)
        assignErrors(problem, output: inference.output, inference.conventions, isFirst: false)
    }

    /// One Euler step of all activities and their rates. Errors and predictions stay those from before.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func moveActivities(_ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        moveOutput(problem, by: inference)
        // From the top, because a layer's step takes the norms of the layer below from before.
        for n in problem.network.architecture.hiddenLayers.reversed() { move(layer: n, problem, by: inference) }
    }

    /// One Euler step of the activities and rates of hidden layer `n`, from the errors that there are.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func move(layer n: Int, _ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        let architecture = problem.network.architecture
        assignFedBackErrors(layer: n, problem)
        if n == architecture.depth - 1 && inference.conventions.outputFeedback != 1 {
            feedback[n].scale(by: Scalar(inference.conventions.outputFeedback))
        }
        if inference.feedback == .updated { addUpdatedFeedback(layer: n) }
        let step = EulerStep<Scalar>(
            inference, architecture.activation(ofLayer: n), bias: problem.biasShare(ofLayer: n))
        let below = squaredNorms[n - 1]
        step.move(
            &activities[n], rates: &rates[n], squaredNorms: &squaredNorms[n],
            feedback: feedback[n], errors: errors[n], squaredNormsBelow: below,
            slopes: &slopes[n])
    }

    /// Backpropagates the output's error through the feedforward pass: `eₙ ← φ′ₙ ⊙ Wₙᵀeₙ₊₁`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func backpropagate(_ problem: LearningProblem<Scalar>) {
        let architecture = problem.network.architecture
        for n in architecture.hiddenLayers.reversed() {
            assignFedBackErrors(layer: n, problem)
            architecture.activation(ofLayer: n).slope(activities[n], into: &slopes[n])
            feedback[n].multiply(elementwise: slopes[n])
            swap(&errors[n], &feedback[n])
        }
    }

    /// Begins again at the feedforward pass, with the output error that there is.
    mutating func returnToFeedforward(_ problem: LearningProblem<Scalar>, output: OutputTreatment) {
        let top = errors.endIndex - 1
        let error = errors[top]
        begin(problem, at: .feedforward, output: output)
        errors[top] = error
    }

    /// `eₙ ← c_{N−n}eₙ` for every layer, and with normalized precisions `eₙ ← eₙ·sₙ₋₁/s_{N−1}` besides.
    mutating func weighErrors(by factors: LayerFactors, _ precision: EulerInference.Precision) {
        let top = errors.endIndex - 1
        for n in errors.indices {
            let share = Scalar(factors.share(below: top - n))
            let (own, last) = (squaredNorms[n - 1], squaredNorms[top - 1])
            errors[n].scaleColumns { precision == .normalized ? share * own[$0] / last[$0] : share }
        }
    }

    /// `feedback ← feedback + aₙ‖eₙ₊₁‖²/sₙ` for each example.
    private mutating func addUpdatedFeedback(layer n: Int) {
        for example in 0..<errors[n + 1].columns {
            let scale = errors[n + 1].squaredColumnNorm(example) / squaredNorms[n][example]
            feedback[n].addColumn(example, of: rates[n], scaledBy: scale)
        }
    }
}
