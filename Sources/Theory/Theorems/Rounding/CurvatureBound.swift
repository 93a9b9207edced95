internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// A bound on how negative the curvature of `L` can be anywhere in a ball around `θ_b`, found without sampling.
///
/// Let `V` be a direction of unit norm, `vₙ = ‖Vₙ‖_F`, and dots its derivatives. From
/// `ḣₙ₊₁ = Vₙāₙ + Wₙ(φ′ ⊙ ḣₙ)` and `ḧₙ₊₁ = 2Vₙ(φ′ ⊙ ḣₙ) + Wₙ(φ″ ⊙ ḣₙ² + φ′ ⊙ ḧₙ)`,
///
/// `V·∇²ℓ·V = ḣ_N·(∂²ℓ/∂h²)ḣ_N + ∇ℓ·ḧ_N ≥ −‖∇ℓ‖‖ḧ_N‖`,
///
/// as the first term is nonnegative for a convex loss. With `‖āₙ‖ ≤ Aₙ`, `‖Wₙ‖₂ ≤ ωₙ` on the ball and
/// `|φ′| ≤ λ₁`, `|φ″| ≤ λ₂`, Cauchy and Schwarz give `‖ḣₙ‖ ≤ κₙ v_{<n}` and `‖ḧₙ‖ ≤ ηₙ v_{<n}²`
/// where `v_{<n}² = Σ_{m<n} v_m²` and
///
/// - `κ₁ = A₀`, `κₙ₊₁² = Aₙ² + (ωₙλ₁κₙ)²`;
/// - `η₁ = 0`, `ηₙ₊₁` the larger eigenvalue of `[[0, b], [b, c]]`, `b = λ₁κₙ`, `c = ωₙ(λ₂κₙ² + λ₁ηₙ)`,
///   since `2vₙb v_{<n} + c v_{<n}²` is that quadratic form.
///
/// On the ball of radius `R`: `ωₙ = ‖Wₙᵇ‖₂ + R`, `Aₙ = ‖āₙᵇ‖ + λ₁κₙR` (κ bounds the derivative of `hₙ` along any
/// segment of the ball) and `‖∇ℓ‖ ≤ ‖∇ℓᵇ‖ + sup‖∂²ℓ/∂h²‖ κ_N R`, or the loss's own bound if that is smaller. The
/// mean over the examples bounds `L`.
struct CurvatureBound: Sendable {
    /// `b ≥ 0` with `∇²L ⪰ −b I` on the ball.
    let negativeCurvature: Double
    /// `κ_N²` of the example where it is largest: a bound on `‖∂h_N/∂θ‖²` on the ball.
    let outputSensitivity: Double

    /// Which part of the derivation is left out: how the bound could be wrong.
    enum Flaw: Sendable {
        /// `ḧₙ₊₁` without the cross term's factor 2.
        case singleCrossTerm
        /// Only the Gauss–Newton part, which has no negative curvature.
        case gaussNewtonOnly
    }

    /// The bound on the ball of this radius; `nil` where an activation has a kink and more than one layer moves.
    init?(_ problem: ProximalProblem, radius: Double, flaw: Flaw? = nil) {
        let network = problem.network
        let architecture = network.architecture
        let zero = Parameters<Double>(zerosFor: architecture)
        let start = problem.linearization(after: zero)
        let norms = (0..<architecture.depth).map {
            Self.spectralNorm(network.parameters.layers[$0], width: architecture.widths[$0])
        }
        var (sum, sensitivity) = (0.0, 0.0)
        for example in 0..<problem.batch.size {
            var (speed, acceleration) = (0.0, 0.0)
            for n in 0..<architecture.depth {
                let bias: Double = architecture.biases[n] ? 1 : 0
                let activation = architecture.activation(ofLayer: n)
                guard let curvature = activation.curvatureBound else { return nil }
                let slope = activation.lipschitzConstant
                let base = Self.norm(start.rates[n].column(example))
                let rate = base + slope * speed * radius
                let weight = norms[n] + radius
                let cross = (flaw == .singleCrossTerm ? 0.5 : 1) * slope * speed
                let own = weight * (curvature * speed * speed + slope * acceleration)
                acceleration = own / 2 + (own * own / 4 + cross * cross).squareRoot()
                speed = (rate * rate + bias + (weight * slope * speed) * (weight * slope * speed)).squareRoot()
            }
            sensitivity = max(sensitivity, speed * speed)
            let gradient = Self.norm(start.errors[architecture.depth].column(example))
            let reached = gradient + problem.loss.curvatureBound * speed * radius
            let bound = min(reached, problem.loss.gradientBound(outputs: architecture.outputWidth))
            sum += bound * acceleration
        }
        if flaw == .gaussNewtonOnly { sum = 0 }
        outputSensitivity = sensitivity * (1 + 1e-9)
        // The sums above are of positive numbers: rounding is far below this factor.
        negativeCurvature = sum / Double(problem.batch.size) * (1 + 1e-9)
    }

    /// `‖W‖₂` of the leading `width` columns, from the largest eigenvalue of `WᵀW`, rounded up.
    private static func spectralNorm(_ weights: Matrix<Double>, width: Int) -> Double {
        let square = weights.columns(0..<width)
        guard let gram = try? Matrix.product(square, .transposed, square),
            let eigen = try? SymmetricEigendecomposition(gram)
        else { return square.norm }
        return min(square.norm, max(0, eigen.values.last ?? 0).squareRoot()) * (1 + 1e-9)
    }

    private static func norm(_ column: [Double]) -> Double {
        Matrix(column: column).norm
    }
}

extension ProximalProblem {
    /// `√(2αL(θ_b))`, the radius of the ball of T15 that contains every global minimiser.
    var minimiserRadius: Double { (2 * learningRate * lossBefore).squareRoot() }

    /// `1 − αb` if it is positive: then `P_α` is strongly convex on the ball of T15, with modulus `(1 − αb)/α`.
    func convexityCertificate(flaw: CurvatureBound.Flaw? = nil) -> Double? {
        guard let bound = CurvatureBound(self, radius: minimiserRadius, flaw: flaw) else { return nil }
        let remainder = 1 - learningRate * bound.negativeCurvature
        return remainder > 0 ? remainder : nil
    }

    /// The largest learning rate whose uniqueness the bound certifies, to 1 %: `α b(α)` increases with `α`.
    /// `nil` without a certificate for any; at most `limit`.
    func largestCertifiedLearningRate(limit: Double) -> Double? {
        func isCertified(_ rate: Double) -> Bool {
            guard let problem = try? with(learningRate: rate) else { return false }
            return problem.convexityCertificate() != nil
        }
        if isCertified(limit) { return limit }
        var (low, high) = (1e-12, limit)
        guard isCertified(low) else { return nil }
        while high > 1.01 * low {
            let middle = (low * high).squareRoot()
            if isCertified(middle) { low = middle } else { high = middle }
        }
        return low
    }
}
