internal import RealModule

/// The share of backpropagation's error that a rule takes at each layer, by its distance from the output.
public enum LayerFactors: Sendable, Hashable, Codable {
    /// `cₖ = P[Bin(T, γ) ≥ k]` at `k` layers below the output: what `T` Euler steps of size `γ` bring there (T22).
    case binomial(steps: Int, stepSize: Double)
    /// `c₀, c₁, …` from the output down; layers beyond the last one have 0.
    case given([Double])

    /// The output layer alone.
    public static let outputOnly = LayerFactors.given([1])

    /// `cₖ`.
    public func share(below k: Int) -> Double {
        switch self {
        case .binomial(let steps, let stepSize): Self.tail(steps, stepSize, atLeast: k)
        case .given(let shares): k < shares.count ? shares[k] : 0
        }
    }

    /// `P[Bin(T, γ) ≥ k] = Σ_{j ≥ k} (T over j) γʲ(1 − γ)^(T−j)`, also for a `γ` that is no probability. `O(T)`.
    private static func tail(_ trials: Int, _ size: Double, atLeast k: Int) -> Double {
        guard k <= trials else { return 0 }
        // The sum over the smaller part, so that nothing cancels and nothing that matters underflows.
        let isTail = Double(k) > Double(trials) * size
        let terms = isTail ? k..<(trials + 1) : 0..<k
        let sum = terms.reduce(0) { $0 + term(trials, $1, size) }
        return isTail ? sum : 1 - sum
    }

    /// `(T over j) γʲ(1 − γ)^(T−j)`, multiplied so that nothing overflows.
    private static func term(_ trials: Int, _ j: Int, _ size: Double) -> Double {
        var result = Double.pow(1 - size, trials - j)
        for i in 0..<j { result *= Double(trials - i) / Double(i + 1) * size }
        return result
    }
}
