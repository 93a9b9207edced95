internal import ImplicitSGD
internal import Networks

/// The mean curvature `H̄Δ = ∫₀¹ ∇²L(θ_b + tΔ)Δ dt` along a segment, by five Gauss points in each of `m` panels.
///
/// The weights of the rule are positive with sum 1, so `‖H̄Δ‖ ≤ max ‖H(θᵢ)Δ‖` over its points holds for the
/// rule's value exactly, and that maximum is at most `ρ‖Δ‖`. The rule's error falls as `m⁻¹⁰`: the
/// difference of the values for `m` and `2m` panels overestimates it about a thousandfold once resolved.
struct SegmentCurvature {
    private(set) var mean: Parameters<Double>
    /// `max ‖H(θᵢ)Δ‖` over the points.
    private(set) var largest = 0.0
    /// The difference from half as many panels.
    private(set) var error = Double.infinity

    private static let nodes = [-0.9061798459386640, -0.5384693101056831, 0, 0.5384693101056831, 0.9061798459386640]
    private static let weights = [0.2369268850561891, 0.4786286704993665, 0.5688888888888889, 0.4786286704993665, 0.2369268850561891]

    init(_ problem: ProximalProblem, _ update: Parameters<Double>, relativeError: Double) {
        mean = Parameters(zerosFor: problem.network.architecture)
        var panels = 1
        while panels <= 64 {
            let before = mean
            mean = Parameters(zerosFor: problem.network.architecture)
            for panel in 0..<panels {
                for (node, weight) in zip(Self.nodes, Self.weights) {
                    let t = (Double(panel) + (1 + node) / 2) / Double(panels)
                    let product = problem.linearization(after: t * update).hessianVectorProduct(update)
                    largest = max(largest, product.norm)
                    mean.add(product, scaledBy: weight / 2 / Double(panels))
                }
            }
            error = (mean - before).norm
            if panels > 1, error <= relativeError * mean.norm { return }
            panels *= 2
        }
    }
}
