package import ImplicitSGD
internal import Intervals
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
/// mean over the examples bounds `L`. All of it is computed in interval arithmetic, so that it is a proof.
package struct CurvatureBound: Sendable {
    /// `b ≥ 0` with `∇²L ⪰ −b I` on the ball.
    package let negativeCurvature: Double
    /// `κ_N²` of the example where it is largest: a bound on `‖∂h_N/∂θ‖²` on the ball.
    package let outputSensitivity: Double

    /// Which part of the derivation is left out: how the bound could be wrong.
    package enum Flaw: Sendable {
        /// `ḧₙ₊₁` without the cross term's factor 2.
        case singleCrossTerm
        /// Only the Gauss–Newton part, which has no negative curvature.
        case gaussNewtonOnly
    }

    /// The bound on the ball of this radius; `nil` where an activation has a kink and more than one layer moves.
    package init?(_ problem: ProximalProblem, radius: Double, flaw: Flaw? = nil) {
        let architecture = problem.network.architecture
        let (weights, ball) = (problem.network.parameters.layers, Interval(radius))
        let (activities, rates) = CertifyingPass.forward(problem, weights.map(BallMatrix.init(exactly:)))
        let outputs = problem.loss.gradientEnclosure(activities[architecture.depth - 1], targets: problem.batch.targets)
        let norms = weights.indices.map { Self.spectralNorm(weights[$0].columns(0..<architecture.widths[$0])) + ball }
        var (sum, sensitivity) = (Interval.zero, Interval.zero)
        for example in 0..<problem.batch.size {
            var (speed, acceleration) = (Interval.zero, Interval.zero)
            for n in 0..<architecture.depth {
                let activation = architecture.activation(ofLayer: n)
                guard let curvature = activation.curvatureBound.map({ Interval($0) }) else { return nil }
                let slope = Interval(activation.lipschitzConstant)
                let rate = Self.norm(rates[n], example) + slope * speed * ball
                let cross = Interval(flaw == .singleCrossTerm ? 0.5 : 1) * slope * speed
                let own = norms[n] * (curvature * speed.squared + slope * acceleration)
                acceleration = own / Interval(2) + (own.squared / Interval(4) + cross.squared).squareRoot
                let bias = Interval(architecture.biases[n] ? 1 : 0)
                speed = (rate.squared + bias + (norms[n] * slope * speed).squared).squareRoot
            }
            sensitivity = Interval(max(sensitivity.upper, speed.squared.upper))
            let reached = Self.norm(outputs, example) + Interval(problem.loss.curvatureBound) * speed * ball
            let bound = min(reached.upper, problem.loss.gradientBound(outputs: architecture.outputWidth).nextUp)
            sum = sum + Interval(bound) * acceleration
        }
        outputSensitivity = sensitivity.upper
        negativeCurvature = flaw == .gaussNewtonOnly ? 0 : (sum / Interval(Double(problem.batch.size))).upper
    }

    /// At least `‖W‖₂`: the Frobenius norm, or the root of a proved bound of the largest eigenvalue of `WᵀW`.
    private static func spectralNorm(_ weights: Matrix<Double>) -> Interval {
        let norm = Interval.norm(of: [weights])
        guard weights.columns <= largestSpectrum else { return norm }
        let exact = BallMatrix(exactly: weights)
        let gram = BallMatrix.product(exact, .transposed, exact)
        let negative = (0..<gram.rows).map { i in (0...i).map { j in -gram[i, j] } }
        let largest = Interval(-LeastEigenvalue.lowerBound(negative)).squareRoot
        return largest.upper < norm.upper ? largest : norm
    }

    /// Wider layers have the Frobenius norm, since a proof of the eigenvalue costs the cube of the width in intervals.
    private static let largestSpectrum = 64

    private static func norm(_ matrix: BallMatrix, _ column: Int) -> Interval {
        (0..<matrix.rows).reduce(Interval.zero) { $0 + matrix[$1, column].squared }.squareRoot
    }
}

extension ProximalProblem {
    /// At least `√(2αL(θ_b))`, the radius of the ball of T15 that contains every global minimiser.
    package var minimiserRadius: Double {
        let zero = Parameters<Double>(zerosFor: network.architecture)
        let loss = objectiveEnclosure(after: zero).upper
        return (Interval(2) * Interval(rates.largest) * Interval(loss)).squareRoot.upper
    }

    /// A proved lower bound of `1 − αb` if it is positive: then `P_α` is strongly convex on the ball of T15, with modulus
    /// `(1 − αb)/α`.
    package func convexityCertificate(flaw: CurvatureBound.Flaw? = nil) -> Double? {
        guard let bound = CurvatureBound(self, radius: minimiserRadius, flaw: flaw) else { return nil }
        let remainder = (Interval(1) - Interval(rates.largest) * Interval(bound.negativeCurvature)).lower
        return remainder > 0 ? remainder : nil
    }

    /// The largest learning rate whose uniqueness the bound certifies, to 1 %: `α b(α)` increases with `α`.
    /// `nil` without a certificate for any; at most `limit`.
    package func largestCertifiedLearningRate(limit: Double) -> Double? {
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
