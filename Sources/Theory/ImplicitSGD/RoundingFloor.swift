internal import LinearAlgebra
package import Networks

extension ProximalProblem {
    /// Whether rounding alone can be why `Δ + α∇L(θ)` is not zero: it is no longer than a few times its own change when
    /// every weight changes by half a unit in the last place at random.
    ///
    /// A feedforward pass errs by as much as such weights would make it err, since each product in it is rounded; so
    /// the change is what double precision leaves of the residual, about `ε·α·ρ·‖θ‖` with `ρ` the curvature of `L`.
    /// Where all weights of a layer are zero they do not change, and the rounding of the sum over the mini-batch is left.
    /// Two passes forwards and back.
    package func isRounding(
        _ update: Parameters<Double>, kinkedUnits: [KinkedUnit], _ linearization: Linearization<Double>
    ) -> Bool {
        let gradient = linearization.gradient()
        let deviation = (update + learningRate * gradient).norm
        if deviation <= learningRate * linearization.gradientRounding { return true }
        var change = update.scatteredDirection
        for n in change.layers.indices {
            change.layers[n].multiply(elementwise: linearization.network.parameters.layers[n])
        }
        return [Double.ulpOfOne, -.ulpOfOne].contains { size in
            let moved = self.linearization(after: update + size * change, kinkedUnits: kinkedUnits)
            return deviation <= Self.roundingAllowance * learningRate * (moved.gradient() - gradient).norm
        }
    }

    /// The sample is one random change of the weights; the errors of both passes and of the worst change add up to
    /// a few times that.
    private static let roundingAllowance = 16.0
}

extension Linearization<Double> {
    /// What rounding to the last place makes of the sums `1/B Σᵢ δᵢāᵢᵀ` of the gradient, `ε/B·‖(Σᵢ ‖δₙ₊₁,ᵢ‖‖āₙ,ᵢ‖)ₙ‖`: no
    /// more of it is known, however much its terms cancel.
    package var gradientRounding: Double {
        var squares = 0.0
        for n in 0..<network.architecture.depth {
            let one = network.architecture.biases[n] ? 1.0 : 0
            let terms = (0..<batch.size).reduce(0.0) { sum, example in
                sum + Matrix(column: errors[n + 1].column(example)).norm
                    * (Matrix(column: rates[n].column(example)).squaredNorm + one).squareRoot()
            }
            squares += terms * terms
        }
        return Double.ulpOfOne / Double(batch.size) * squares.squareRoot()
    }
}
