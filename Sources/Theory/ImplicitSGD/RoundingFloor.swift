internal import LinearAlgebra
package import Networks

extension ProximalProblem {
    /// What rounding leaves of the implicit residual: its change, relative to `‖Δ‖`, when every weight changes by half a unit
    /// in the last place at random; the larger of the changes to two opposite sides.
    ///
    /// A feedforward pass errs by as much as such weights would make it err, since each product in it is rounded; so no
    /// doubles near these have a residual that is known to be less than about this, `ε·α·ρ·‖θ‖/‖Δ‖` with `ρ` the curvature of
    /// `L`. Where all weights of a layer are zero they do not change, and the rounding of the sum over the mini-batch is left.
    /// Infinite if the update is zero and anything is lost. Two passes forwards and back.
    package func roundingFloor(
        of update: Parameters<Double>, kinkedUnits: [KinkedUnit], _ linearization: Linearization<Double>
    ) -> Double {
        let floor = roundingLength(update, kinkedUnits, linearization)
        return floor == 0 ? 0 : floor / metricNorm(update)
    }

    /// Whether rounding alone can be why `Δ + α∇L(θ)` is not zero: it is no longer than a few times its rounding floor.
    package func isRounding(
        _ update: Parameters<Double>, kinkedUnits: [KinkedUnit], _ linearization: Linearization<Double>
    ) -> Bool {
        let deviation = metricNorm(self.deviation(of: update, gradient: linearization.gradient()))
        return deviation <= Self.roundingAllowance * roundingLength(update, kinkedUnits, linearization)
    }

    /// The floor times `‖Δ‖`.
    private func roundingLength(
        _ update: Parameters<Double>, _ kinkedUnits: [KinkedUnit], _ linearization: Linearization<Double>
    ) -> Double {
        let gradient = linearization.gradient()
        var change = update.scatteredDirection
        for n in change.layers.indices {
            change.layers[n].multiply(elementwise: linearization.network.parameters.layers[n])
        }
        let changes = [Double.ulpOfOne, -.ulpOfOne].map { size in
            let moved = self.linearization(after: update + size * change, kinkedUnits: kinkedUnits)
            var difference = moved.gradient() - gradient
            held.clear(&difference, in: network.architecture)
            if rates.isUniform { return difference.norm }
            let zero = Parameters<Double>(zerosFor: network.architecture)
            return metricNorm(deviation(of: zero, gradient: difference)) / learningRate
        }
        // Unlike the sample the rounding of the sums is bounded as it is, without the allowance.
        let sums = (rates.largest / learningRate).squareRoot() * linearization.gradientRounding(held)
        return learningRate * changes.reduce(sums / Self.roundingAllowance, max)
    }

    /// The sample is one random change of the weights; the errors of both passes and of the worst change add up to
    /// a few times that.
    private static let roundingAllowance = 16.0
}

extension Linearization<Double> {
    /// What rounding to the last place makes of the sums `1/B Σᵢ δᵢāᵢᵀ` of the gradient, `ε/B·‖(Σᵢ ‖δₙ₊₁,ᵢ‖‖āₙ,ᵢ‖)ₙ‖`: no
    /// more of it is known, however much its terms cancel. Held parameters have no part in it.
    package func gradientRounding(_ held: HeldParameters = .none) -> Double {
        var squares = 0.0
        for n in 0..<network.architecture.depth {
            let one = network.architecture.biases[n] && !held.holdsBias(ofLayer: n) ? 1.0 : 0
            let part = held.holdsWeights(ofLayer: n) ? 0.0 : 1
            let terms = (0..<batch.size).reduce(0.0) { sum, example in
                sum + Matrix(column: errors[n + 1].column(example)).norm
                    * (part * Matrix(column: rates[n].column(example)).squaredNorm + one).squareRoot()
            }
            squares += terms * terms
        }
        return Double.ulpOfOne / Double(batch.size) * squares.squareRoot()
    }
}
