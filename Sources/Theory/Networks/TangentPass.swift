package import LinearAlgebra

/// Derivatives of the two passes at one point: of the activities along a direction of weights, their transpose,
/// and products with the Hessian of the mean loss.
///
/// A workspace: products allocate nothing. The point is a `Pass` that has run backward.
package struct TangentPass<Scalar: BLASScalar>: Sendable {
    /// `ḣ₁ … ḣ_N` along the last direction.
    package private(set) var activities: PerLayer<Matrix<Scalar>>
    /// `ȧ₁ … ȧ_{N−1}`.
    private var rates: PerLayer<Matrix<Scalar>>
    /// `δ̇ₙ`, or what is pulled back.
    private var errors: PerLayer<Matrix<Scalar>>

    /// Room for the tangents of `pass`.
    package init(_ pass: Pass<Scalar>) {
        activities = pass.activities
        rates = pass.activities.dropLast()
        errors = pass.activities
    }

    /// `ḣₙ₊₁ ← Vₙāₙ + Wₙ(φ′ₙ ⊙ ḣₙ)`, the derivatives of all activities along `direction`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func linearize(_ pass: Pass<Scalar>, along direction: Parameters<Scalar>) {
        for n in direction.layers.indices {
            let layer = pass.architecture.weightLayers[n]
            layer.predictChange(pass.rates[n], along: direction.layers[n], into: &activities[n + 1])
            if n == 0 { continue }
            rates[n].assign(pass.slopes[n], timesElementwise: activities[n])
            layer.propagate(
                rates[n], weights: pass.weights.layers[n], scale: 1, keep: 1, into: &activities[n + 1])
        }
    }

    /// `result ← Σ (∂hₙ/∂θ)ᵀ uₙ` for weights `uₙ` on the activities.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func pullBack(
        _ seeds: PerLayer<Matrix<Scalar>>, through pass: Pass<Scalar>,
        into result: inout Parameters<Scalar>
    ) {
        let depth = pass.architecture.depth
        errors[depth].assign(seeds[depth], scaledBy: 1)
        for n in result.layers.indices.reversed() {
            let layer = pass.architecture.weightLayers[n]
            layer.pullBackToWeights(
                errors[n + 1], pass.rates[n], scale: 1, keep: 0, into: &result.layers[n])
            if n == 0 { break }
            layer.pullBackToRates(
                errors[n + 1], weights: pass.weights.layers[n], keep: 0, into: &errors[n])
            errors[n].multiply(elementwise: pass.slopes[n])
            errors[n].add(seeds[n])
        }
    }

    /// `result ← ∇²L v`, by differentiating the two passes in the direction `v` (Pearlmutter 1994); leaves
    /// `linearize(along: v)`.
    ///
    /// Backward, `δ̇ₙ = φ′ₙ ⊙ (Vₙᵀδₙ₊₁ + Wₙᵀδ̇ₙ₊₁) + bₙ ⊙ ḣₙ`; layer `n` of the product is
    /// `1/B (δ̇ₙ₊₁āₙᵀ + δₙ₊₁ȧₙᵀ)`. About four times the cost of a feedforward pass.
    ///
    /// - Parameter bends: `bₙ = φ″ₙ ⊙ ∂ℓ/∂aₙ` of the hidden layers.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func hessianProduct(
        _ direction: Parameters<Scalar>, at pass: Pass<Scalar>, bends: PerLayer<Matrix<Scalar>>,
        _ loss: Loss, targets: Matrix<Scalar>, into result: inout Parameters<Scalar>
    ) {
        let depth = pass.architecture.depth
        let scale = 1 / Scalar(targets.columns)
        linearize(pass, along: direction)
        loss.hessianProduct(
            pass.logits, targets: targets, direction: activities[depth], into: &errors[depth])
        for n in result.layers.indices.reversed() {
            let layer = pass.architecture.weightLayers[n]
            layer.pullBackToWeights(
                errors[n + 1], pass.rates[n], scale: scale, keep: 0, into: &result.layers[n])
            if n == 0 { break }
            layer.pullBackToWeights(
                pass.errors[n + 1], along: rates[n], scale: scale, into: &result.layers[n])
            layer.pullBackToRates(
                pass.errors[n + 1], along: direction.layers[n], keep: 0, into: &errors[n])
            layer.pullBackToRates(
                errors[n + 1], weights: pass.weights.layers[n], keep: 1, into: &errors[n])
            errors[n].multiply(elementwise: pass.slopes[n])
            errors[n].add(bends[n], timesElementwise: activities[n])
        }
    }
}
