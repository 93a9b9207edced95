public import LinearAlgebra
internal import Networks
internal import Randomness

/// Activities and everything local that follows from them: predictions, errors, rates, squared
/// norms. A workspace that inference overwrites; a step allocates nothing of the size of a layer.
public struct InferenceState<Scalar: BLASScalar>: Sendable {
    /// `h₁ … h_N` at index `n − 1`; the output is `p_N + e_N`.
    public internal(set) var activities: [Matrix<Scalar>]
    /// `a₀ … a_{N−1}` at index `n`.
    public internal(set) var rates: [Matrix<Scalar>]
    /// `e₁ … e_N` at index `n − 1`.
    public internal(set) var errors: [Matrix<Scalar>]
    /// `sₙ` for each example, at index `n`.
    public internal(set) var squaredNorms: [[Scalar]]
    private var predictions: [Matrix<Scalar>]
    private var slopes: [Matrix<Scalar>]
    private var feedback: [Matrix<Scalar>]

    /// A state with the given hidden activities; `refresh` fills in the rest.
    init(_ problem: LearningProblem<Scalar>, hidden: [Matrix<Scalar>]) {
        self.init(problem, start: .feedforward)
        for n in hidden.indices { activities[n] = hidden[n] }
    }

    init(_ problem: LearningProblem<Scalar>, start: EulerInference.Start) {
        let architecture = problem.network.architecture
        let depth = architecture.depth
        let examples = problem.batch.size
        activities = architecture.widths.dropFirst().map { Matrix(rows: $0, columns: examples) }
        rates = [problem.batch.inputs] + activities.dropLast()
        predictions = activities
        errors = activities
        slopes = Array(activities.dropLast())
        feedback = slopes
        squaredNorms = Array(repeating: Array(repeating: 0, count: examples), count: depth)
        squaredNorms[0] = problem.batch.inputs.squaredColumnNorms(
            plus: architecture.biases[0] ? 1 : 0)
        problem.network.predict(layer: 0, rates: rates[0], into: &predictions[0])
        switch start {
        case .feedforward:
            for n in 1..<max(1, depth) {
                activities[n - 1] = predictions[n - 1]
                architecture.activation(ofLayer: n).evaluate(activities[n - 1], into: &rates[n])
                problem.network.predict(layer: n, rates: rates[n], into: &predictions[n])
            }
        case .random(let seed):
            var generator = RandomGenerator(seed: seed)
            for n in 1..<max(1, depth) {
                activities[n - 1] = Matrix(rows: architecture.widths[n], columns: examples) { _, _ in
                    Scalar(generator.nextNormal())
                }
            }
        }
    }

    /// Recomputes rates, predictions and errors from the hidden activities.
    mutating func refresh(_ problem: LearningProblem<Scalar>, output: OutputTreatment) {
        let architecture = problem.network.architecture
        let depth = architecture.depth
        for n in 1..<max(1, depth) {
            architecture.activation(ofLayer: n).evaluate(activities[n - 1], into: &rates[n])
            problem.network.predict(layer: n, rates: rates[n], into: &predictions[n])
            let bias: Scalar = architecture.biases[n] ? 1 : 0
            rates[n].assignSquaredColumnNorms(plus: bias, to: &squaredNorms[n])
            errors[n - 1].assignDifference(activities[n - 1], predictions[n - 1])
        }
        output.assignError(
            prediction: predictions[depth - 1], problem: problem,
            squaredNorms: squaredNorms[depth - 1], to: &errors[depth - 1])
        activities[depth - 1].assignSum(predictions[depth - 1], errors[depth - 1])
    }

    /// One Euler step of every hidden layer, from the errors of the last `refresh`.
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

    /// `feedback ← φ′ₙ ⊙ rₙ(Wₙᵀeₙ₊₁ + τ aₙ‖eₙ₊₁‖²/sₙ)`.
    private mutating func assignFeedback(
        layer n: Int, _ problem: LearningProblem<Scalar>, _ inference: EulerInference
    ) {
        let architecture = problem.network.architecture
        feedback[n - 1].assignProduct(
            problem.network.parameters.layers[n], .transposed, errors[n],
            width: architecture.widths[n])
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

extension Matrix {
    /// `self ← a − b`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func assignDifference(_ a: Matrix, _ b: Matrix) {
        combine(a, b) { $0 - $1 }
    }

    /// `self ← a + b`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func assignSum(_ a: Matrix, _ b: Matrix) {
        combine(a, b) { $0 + $1 }
    }

    @inline(__always)
    private mutating func combine(_ a: Matrix, _ b: Matrix, _ operation: (Scalar, Scalar) -> Scalar) {
        precondition(a.count == count && b.count == count, "\(a.shape) and \(b.shape) into \(shape)")
        let n = count
        withMutablePointer { target in
            a.withPointer { x in
                b.withPointer { y in
                    for i in 0..<n { target[i] = operation(x[i], y[i]) }
                }
            }
        }
    }

    func squaredColumnNorm(_ column: Int) -> Scalar {
        withPointer { Scalar._dot(rows, $0 + column * rows, $0 + column * rows) }
    }

    /// `norms[j] ← ‖column j‖² + constant`, in place.
    func assignSquaredColumnNorms(plus constant: Scalar, to norms: inout [Scalar]) {
        for j in 0..<columns { norms[j] = squaredColumnNorm(j) + constant }
    }

    /// Column `column` of `self` += `scale` × the same column of `other`.
    mutating func addColumn(_ column: Int, of other: Matrix, scaledBy scale: Scalar) {
        let height = rows
        withMutablePointer { target in
            other.withPointer { Scalar._axpy(height, scale, $0 + column * height, target + column * height) }
        }
    }
}
