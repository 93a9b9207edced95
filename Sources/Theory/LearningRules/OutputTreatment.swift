internal import LinearAlgebra
internal import Networks

/// What takes the place of the output layer's prediction error during inference.
///
/// With `p` the output's local prediction, `μ(p)` its mean response and `c = αs_{N−1}`:
public enum OutputTreatment: Sendable, Hashable, Codable {
    /// `e_N = −∇ℓ(p) = y − μ(p)`: the output is clamped to the target and the loss gradient at the
    /// prediction is its error (the paper's IL-SGD).
    case clamped
    /// `e_N = −β∇ℓ(p)`: the loss weighs `β` in the energy (T14).
    case nudged(strength: Double)
    /// `e_N = c/(1+c) · (y − μ(p))`: the paper's mixture of response and target.
    case mixedTarget
    /// `e_N = prox(p) − p`, where `prox(p) = argmin_h ℓ(h, y) + ‖h − p‖²/(2c)`: the output that T8 and T9
    /// speak of. It equals the mixture for the squared error.
    case proximalPoint

    /// The share of the response in the output's target, for treatments that aim at a mixture of response and target.
    ///
    /// - Parameter step: `c`.
    func responseShare<Scalar: BLASScalar>(step c: Scalar) -> Scalar? {
        switch self {
        case .clamped: 0
        case .nudged(let strength): Scalar(1 - strength)
        case .mixedTarget: 1 / (1 + c)
        case .proximalPoint: nil
        }
    }

    /// `error ← e_N` for every example.
    ///
    /// - Parameter squaredNorms: `s_{N−1}` of each example, as `c` takes it.
    func assignError<Scalar: BLASScalar>(
        prediction: Matrix<Scalar>, problem: LearningProblem<Scalar>, squaredNorms: [Scalar],
        to error: inout Matrix<Scalar>
    ) {
        switch self {
        case .clamped, .nudged, .mixedTarget:
            problem.loss.gradient(prediction, targets: problem.batch.targets, into: &error)
            error.scaleColumns { example in
                switch self {
                case .nudged(let strength): return -Scalar(strength)
                case .mixedTarget:
                    let c = problem.learningRate * squaredNorms[example]
                    return -c / (1 + c)
                case .clamped, .proximalPoint: return -1
                }
            }
        case .proximalPoint:
            for example in 0..<prediction.columns {
                let p = prediction.column(example).map(Double.init)
                let y = problem.batch.targets.column(example).map(Double.init)
                let c = Double(problem.learningRate) * Double(squaredNorms[example])
                // −c∇ℓ at the proximal point equals prox(p) − p and does not cancel for small c.
                let point = problem.loss.proximalPoint(logits: p, target: y, step: c)
                var gradient = Matrix<Double>(rows: point.count, columns: 1)
                problem.loss.gradient(
                    Matrix(column: point), targets: Matrix(column: y), into: &gradient)
                for i in point.indices {
                    error[i, example] = Scalar(
                        c <= 1 ? -c * gradient[i, 0] : point[i] - p[i])
                }
            }
        }
    }
}
