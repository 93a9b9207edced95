public import Certificates
public import ImplicitSGD
public import Intervals
public import LinearAlgebra
public import Networks

/// The measures of ``UpdateComparison`` with bounds of every rounding, against an exact update that is proved to exist.
///
/// With `C ± r` the enclosure of `Δ_imp`, norms are `‖C‖ ± ‖r‖` and `Δ·Δ_imp` is `Δ·C` up to `‖Δ‖‖r‖` and
/// `γ‖Δ‖‖C‖` for the rounding of the sum. `Δ` is taken as the numbers that it consists of.
public struct ProvedComparison: Sendable {
    /// `‖Δ − Δ_imp‖/‖Δ_imp‖`.
    public let relativeDistance: Interval
    /// `Δ·Δ_imp/(‖Δ‖‖Δ_imp‖)`.
    public let cosine: Interval
    /// `‖Δ‖/‖Δ_imp‖`.
    public let normRatio: Interval
    /// `(P(θ_b+Δ) − P(θ⁺))/(P(θ_b) − P(θ⁺))`; the whole line where the exact step's gain is not proved positive.
    public let proximalGap: Interval

    /// - Parameter update: `Δ`.
    /// - Parameter enclosure: of the exact update.
    /// - Parameter problem: the case that both are of.
    public init(of update: Parameters<Double>, to enclosure: ActivityEnclosure, in problem: ProximalProblem) {
        let exact = Interval.norm(of: enclosure.update)
        let own = Interval.norm(of: update.layers)
        let difference = zip(update.layers, enclosure.update).map { BallMatrix(exactly: $0) - $1 }
        relativeDistance = Interval.norm(of: difference) / exact
        normRatio = own / exact
        let centers = enclosure.update.map(\.center)
        let product = zip(update.layers, centers).reduce(0.0) { $0 + $1.0.dot($1.1) }
        let count = update.layers.reduce(0) { $0 + $1.count } + update.layers.count
        let rounding = Interval(Double(count) * 0x1p-53 * 1.01) * own * Interval.norm(of: centers)
            + Interval(Double(count) * .leastNonzeroMagnitude)
        let spread = own * Interval.norm(of: enclosure.update.map(\.radius))
        let bound = (rounding + spread).upper
        let ratio = (Interval(product) + Interval(lower: -bound, upper: bound)) / (own * exact)
        cosine = Interval(lower: max(-1, min(1, ratio.lower)), upper: min(1, max(-1, ratio.upper)))
        let gain = problem.objectiveEnclosure(after: Parameters(zerosFor: problem.network.architecture)) - enclosure.objective
        let excess = problem.objectiveEnclosure(after: update) - enclosure.objective
        proximalGap = excess / gain
    }
}
