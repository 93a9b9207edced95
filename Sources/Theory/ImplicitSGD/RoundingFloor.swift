internal import LinearAlgebra
package import Networks

extension ProximalProblem {
    /// Whether rounding alone can be why `Δ + α∇L(θ)` is not zero: it is no longer than a few times its own change when
    /// every weight changes by half a unit in the last place at random.
    ///
    /// A feedforward pass errs by as much as such weights would make it err, since each product in it is rounded; so
    /// the change is what double precision leaves of the residual, about `ε·α·ρ·‖θ‖` with `ρ` the curvature of `L`.
    /// Two passes forwards and back.
    package func isRounding(
        _ update: Parameters<Double>, kinkedUnits: [KinkedUnit], _ linearization: Linearization<Double>
    ) -> Bool {
        let gradient = linearization.gradient()
        let deviation = (update + learningRate * gradient).norm
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
