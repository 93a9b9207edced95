public import LinearAlgebra

extension Linearization<Double> {
    /// `∇²L(θ) v`, by differentiating the two passes in the direction `v` (Pearlmutter 1994).
    ///
    /// Forward `ḣₙ₊₁ = Vₙāₙ + Wₙ(φ′ₙ ⊙ ḣₙ)`; backward, with `cₙ = Wₙᵀδₙ₊₁`,
    /// `δ̇ₙ = φ′ₙ ⊙ (Vₙᵀδₙ₊₁ + Wₙᵀδ̇ₙ₊₁) + φ″ₙ ⊙ ḣₙ ⊙ cₙ`; the product's layer `n` is
    /// `1/B (δ̇ₙ₊₁āₙᵀ + δₙ₊₁(φ′ₙ⊙ḣₙ)ᵀ)`. About four times the cost of a feedforward pass.
    /// At kinks it is the Hessian of the network that is linear there with the given slopes.
    public func hessianVectorProduct(_ direction: Parameters<Double>) -> Parameters<Double> {
        let architecture = network.architecture
        let depth = architecture.depth
        let examples = batch.size
        // The tangents; the input, which has none, is never read.
        var rateTangents = rates
        var activityTangents = activities
        for n in 0..<depth {
            direction.layers[n].predict(
                rates[n], hasBias: architecture.biases[n], into: &activityTangents[n + 1])
            if n > 0 {
                activityTangents[n + 1].assignProduct(
                    network.parameters.layers[n], rateTangents[n], width: architecture.widths[n],
                    keep: 1)
            }
            if n + 1 < depth {
                rateTangents[n + 1] = activityTangents[n + 1]
                rateTangents[n + 1].multiply(elementwise: slopes[n + 1])
            }
        }
        var result = Parameters<Double>(zerosFor: architecture)
        var tangent = Matrix<Double>(rows: architecture.outputWidth, columns: examples)
        loss.hessianProduct(
            logits, targets: batch.targets, direction: activityTangents[depth], into: &tangent)
        for n in stride(from: depth - 1, through: 0, by: -1) {
            let hasBias = architecture.biases[n]
            result.layers[n].assignOuterProduct(
                tangent, rates[n], hasBias: hasBias, scale: 1 / Double(examples))
            if n == 0 { break }
            addWithoutBias(errors[n + 1], rateTangents[n], to: &result.layers[n])
            var next = Matrix<Double>(rows: architecture.widths[n], columns: examples)
            next.assignProduct(direction.layers[n], .transposed, errors[n + 1], width: architecture.widths[n])
            next.assignProduct(network.parameters.layers[n], .transposed, tangent, width: architecture.widths[n],
                keep: 1)
            next.multiply(elementwise: slopes[n])
            addCurvatureTerm(layer: n, activityTangents[n], to: &next)
            tangent = next
        }
        return result
    }

    /// `weights ← weights + 1/B · E Ṙᵀ` on the columns before the bias, whose rate is constant.
    private func addWithoutBias(
        _ errors: Matrix<Double>, _ rateTangent: Matrix<Double>, to weights: inout Matrix<Double>
    ) {
        let (height, width, examples) = (weights.rows, rateTangent.rows, errors.columns)
        weights.withMutablePointer { target in
            errors.withPointer { e in
                rateTangent.withPointer { r in
                    Double._gemm(
                        .none, .transposed, height, width, examples, 1 / Double(examples), e,
                        height, r, width, 1, target, height)
                }
            }
        }
    }

    /// `next ← next + φ″ₙ ⊙ ḣₙ ⊙ (Wₙᵀδₙ₊₁)`, skipped where φ″ vanishes everywhere.
    private func addCurvatureTerm(
        layer n: Int, _ activityTangent: Matrix<Double>, to next: inout Matrix<Double>
    ) {
        let activation = network.architecture.activation(ofLayer: n)
        if activation == .identity || activation.kink != nil { return }
        var curvature = activityTangent
        activation.curvature(activities[n], into: &curvature)
        curvature.multiply(elementwise: activityTangent)
        var feedback = activityTangent
        feedback.assignProduct(
            network.parameters.layers[n], .transposed, errors[n + 1],
            width: network.architecture.widths[n])
        curvature.multiply(elementwise: feedback)
        next.add(curvature)
    }
}
