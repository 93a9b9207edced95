/// The learning rates of a proximal problem: one `α` for all weights, or one for each layer.
///
/// `αₙ = α·mₙ` with a multiple `mₙ` for each layer. The weights are then measured in the metric
/// `‖Δ‖² = Σ ‖Δₙ‖²/mₙ`, in which `P = L + ‖Δ‖²/(2α)`. With one `α` all multiples are 1 and nothing else changes, not even
/// in the last bit (T17, docs/theory.md §8).
public struct LearningRates: Sendable, Hashable {
    /// `α`.
    public let common: Double
    /// `m₀ … m_{N−1}`; empty where all are 1, for a network of any depth.
    private let multiples: [Double]
    /// For how many layers rates were given; `nil` where one `α` serves any number.
    public let count: Int?

    /// One `α` for all weights.
    ///
    /// - Throws: `ProblemError.learningRate` unless `0 < α < ∞`.
    public init(_ common: Double) throws(ProblemError) {
        try self.init(common, multiples: [])
    }

    /// `αₙ = α·mₙ`, the layer of the inputs first.
    ///
    /// - Throws: `ProblemError.learningRate` for an `α` or an `αₙ` that is not positive and finite.
    public init(_ common: Double, multiples: [Double]) throws(ProblemError) {
        for rate in [common] + multiples.map({ common * $0 }) {
            guard rate > 0, rate.isFinite else { throw .learningRate(rate) }
        }
        self.common = common
        count = multiples.isEmpty ? nil : multiples.count
        self.multiples = multiples.allSatisfy { $0 == 1 } ? [] : multiples
    }

    /// Whether all weights have the same learning rate.
    public var isUniform: Bool { multiples.isEmpty }

    /// `mₙ`.
    public func multiple(ofLayer n: Int) -> Double { isUniform ? 1 : multiples[n] }

    /// `αₙ`.
    public subscript(n: Int) -> Double { isUniform ? common : common * multiples[n] }

    /// The largest of them: `‖Δ‖² ≤ 2·largest·L(θ_b)` without a metric (T15).
    public var largest: Double { common * (multiples.max() ?? 1) }

    /// The same multiples of another `α`.
    ///
    /// - Throws: as `init`.
    public func with(common: Double) throws(ProblemError) -> LearningRates {
        try LearningRates(
            common, multiples: count.map { isUniform ? Array(repeating: 1, count: $0) : multiples } ?? [])
    }
}
