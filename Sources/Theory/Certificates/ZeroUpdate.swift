internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// A proof that the implicit update is zero to rounding, whatever update was found.
///
/// Where `P_α(θ) ≤ P_α(θ_b)`, so at every minimiser, `‖θ − θ_b‖² ≤ 2αL(θ_b)` (T4), `α` the largest learning rate. A
/// loss that is tiny leaves no room for an update. It is *zero to rounding* where this bound is at most `2⁻⁵³‖Wₙ‖` for every layer whose weights are not
/// all zero (a layer of zeros has no scale of its own: there the bound says only how small the update is); or where the
/// targets equal the outputs within the rounding of one pass, so that not one digit of the gradient is known, and the
/// bound is within the tolerance of those weights. That is an answer and no failure.
public struct ZeroUpdate: Sendable {
    /// A proved bound of `‖θ − θ_b‖` for all `θ` at which `P_α` is not above its value at `θ_b`.
    public let bound: Double
    /// The least `‖Wₙ‖` of the weights before, layers of zeros left out.
    public let leastWeights: Double

    /// `nil` where this is not so. One feedforward pass.
    init?(_ problem: ProximalProblem, tolerance: Double) {
        let weights = problem.network.parameters.layers
        guard let least = weights.map(\.norm).filter({ $0 > 0 }).min() else { return nil }
        let logits = CertifyingPass.forward(problem, weights.map(BallMatrix.init(exactly:)))
            .activities[weights.count - 1]
        let targets = problem.batch.targets
        let loss = problem.loss.totalEnclosure(logits, targets: targets) / Interval(Double(problem.batch.size))
        let square = Interval(2) * Interval(problem.rates.largest) * Interval(max(0, loss.upper))
        bound = square.squareRoot.upper
        leastWeights = least
        let gradient = problem.loss.gradientEnclosure(logits, targets: targets)
        let hasNoDigit = (0..<gradient.columns).allSatisfy { example in
            (0..<gradient.rows).allSatisfy { gradient[$0, example].contains(0) }
        }
        guard bound <= 0x1p-53 * least || hasNoDigit && bound <= tolerance * least else { return nil }
    }
}

extension ZeroUpdate: CustomStringConvertible {
    public var description: String {
        """
        the update is zero to rounding: every update that does not raise the objective has ‖Δ‖ ≤ \(bound), and the \
        weights of every layer that are not all zero have a norm of at least \(leastWeights)
        """
    }
}
