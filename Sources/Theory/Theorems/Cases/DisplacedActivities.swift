internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

/// Arbitrary activities `h` of a case, the weights `W(h)` that reach them, and how far rounding lets the
/// feedforward pass at those weights be from `h`.
struct DisplacedActivities {
    let energy: ActivityEnergy
    /// `W(h) − W_b`, by the production.
    let update: Parameters<Double>
    let weights: Parameters<Double>
    /// A bound on the norm of the error of `h₁ … h_N` after a feedforward pass.
    private(set) var errors = PerLayer<Double>(from: 1, [])
    /// The same of the prediction errors `E₁ … E_N`, which do not propagate.
    private(set) var localErrors = PerLayer<Double>(from: 1, [])

    /// Activities at a random distance of the feedforward pass, relative to it log-uniform over 10⁻³…10.
    ///
    /// - Throws: `Discard` where a Gram matrix is singular.
    init(_ networkCase: NetworkCase, update change: (ActivityEnergy) -> Parameters<Double>) throws {
        guard var energy = try? ActivityEnergy(networkCase.problem) else {
            throw Discard("rates linearly dependent over the mini-batch")
        }
        var random = networkCase.randomGenerator(stream: 4)
        let relative = Double.exp((4 * random.nextUniform() - 3) * Double.log(10))
        let displacements = energy.feedforward.mapValues { activity in
            let size = relative * max(activity.norm, 1e-3) / Double(activity.count).squareRoot()
            return Matrix<Double>(rows: activity.rows, columns: activity.columns) { _, _ in
                size * random.nextNormal()
            }
        }
        guard energy.evaluate(at: displacements).isFinite else {
            throw Discard("rates linearly dependent over the mini-batch")
        }
        self.energy = energy
        update = change(energy)
        weights = networkCase.problem.network.parameters + update
        let trueUpdate = networkCase.problem.network.parameters + energy.update()
        let rounding = ActivityEnergyRounding(energy, weights: trueUpdate)
        localErrors = rounding.localErrors
        var propagated = 0.0
        for n in 0..<networkCase.architecture.depth {
            let gram = energy.grams[n]
            let condition = gram.matrix.norm * gram.inverse.norm
            let examples = Double(networkCase.problem.batch.size)
            let solve =
                4 * (Double(trueUpdate.layers[n].columns) + examples) * unitRoundoff * condition
                * energy.weightedErrors[n + 1].norm * gram.matrix.norm
            let activation = networkCase.architecture.activation(ofLayer: n)
            propagated =
                2 * localErrors[n + 1] + solve
                + trueUpdate.layers[n].norm * activation.lipschitzConstant * propagated
            errors.append(propagated)
        }
    }
}
