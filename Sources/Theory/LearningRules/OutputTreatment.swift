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
    /// `e_N = t − μ(p)` with `t = μ(p̂) + β(y − μ(p̂))` and `p̂` the prediction before inference: the output is clamped to
    /// a target on the way from the response to `y` (Pinchetti 2024).
    case nudgedTarget(strength: Double)
    /// The output is free: an activity with the error `e_N = h_N − p_N` that takes steps of inference like any other, with
    /// `β·ℓ(h_N)` added to the energy. At its equilibrium `e_N = −β∇ℓ(h_N)`.
    case free(strength: Double)
    /// `e_N = c/(1+c) · (y − μ(p))`: the paper's mixture of response and target.
    case mixedTarget
    /// `e_N = prox(p) − p`, where `prox(p) = argmin_h ℓ(h, y) + ‖h − p‖²/(2c)`: the output that T8 and T9
    /// speak of. It equals the mixture for the squared error.
    case proximalPoint

    /// What the output's response is compared with: `y`, or a target on the way there, `μ(p̂) + β(y − μ(p̂))` with `p̂` of
    /// the feedforward pass.
    func targets(of problem: LearningProblem<Double>) -> Matrix<Double> {
        guard case .nudgedTarget(let strength) = self else { return problem.batch.targets }
        var result = problem.batch.targets
        problem.loss.response(problem.network.logits(problem.batch.inputs), into: &result)
        result.scale(by: 1 - strength)
        result.add(problem.batch.targets, scaledBy: strength)
        return result
    }

    /// The share of the response in the output's target, for treatments that aim at a mixture of response and target.
    ///
    /// - Parameter step: `c`.
    func responseShare<Scalar: BLASScalar>(step c: Scalar) -> Scalar? {
        switch self {
        case .clamped: 0
        case .nudged(let strength), .nudgedTarget(let strength): Scalar(1 - strength)
        case .mixedTarget: 1 / (1 + c)
        case .proximalPoint, .free: nil
        }
    }

    /// `error ← e_N` for every example; for a nudged target that before inference, for a free output that
    /// at its equilibrium.
    ///
    /// - Parameter squaredNorms: `s_{N−1}` of each example, as `c` takes it.
    func assignError<Scalar: BLASScalar>(
        prediction: Matrix<Scalar>, problem: LearningProblem<Scalar>, squaredNorms: [Scalar],
        to error: inout Matrix<Scalar>
    ) {
        switch self {
        case .clamped, .nudged, .nudgedTarget, .mixedTarget:
            problem.loss.gradient(prediction, targets: problem.batch.targets, into: &error)
            error.scaleColumns { example in
                switch self {
                case .nudged(let strength), .nudgedTarget(let strength): return -Scalar(strength)
                case .mixedTarget:
                    let c = problem.learningRate * squaredNorms[example]
                    return -c / (1 + c)
                case .clamped, .proximalPoint, .free: return -1
                }
            }
        case .proximalPoint, .free:
            for example in 0..<prediction.columns {
                let p = prediction.column(example).map(Double.init)
                let y = problem.batch.targets.column(example).map(Double.init)
                let c: Double
                if case .free(let strength) = self {
                    c = strength
                } else {
                    c = Double(problem.learningRate) * Double(squaredNorms[example])
                }
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
