internal import LinearAlgebra
package import Networks
package import Randomness

/// Random starts for a descent, spread over the ball of T15.
///
/// Every global minimiser lies in `‖θ − θ_b‖² ≤ 2αL(θ_b)`, `α` the largest learning rate, and like every stationary point it moves each layer only
/// within the span of the rates that the layer sees. A start is made layer by layer, forwards:
/// (of what is not held) `ΔWₙ = ρₙ·Z Π/‖Z Π‖` with standard normal `Z` and the projection `Π` onto the span of the rates at the layers
/// moved so far. Its norm is exactly `(Σ ρₙ²)^½`, drawn so that its square is uniform up to the ball's.
package struct StartDisplacement {
    package let problem: ProximalProblem
    /// `2αL(θ_b)`.
    package let squaredRadius: Double

    package init(_ problem: ProximalProblem) {
        self.problem = problem
        squaredRadius = 2 * problem.rates.largest * problem.lossBefore
    }

    /// An update `Δ`. A layer whose rates are all zero does not move.
    package func draw(using generator: inout RandomGenerator) -> Parameters<Double> {
        let architecture = problem.network.architecture
        let shares = shares(architecture.depth, using: &generator)
        var update = Parameters<Double>(zerosFor: architecture)
        var rates = problem.batch.inputs
        for n in 0..<architecture.depth {
            let (regressors, moving) = problem.regressors(ofLayer: n, rates)
            let span = regressors.orthonormalBasis()
            let rows = architecture.widths[n + 1]
            var direction = Matrix<Double>(rows: rows, columns: architecture.columns(ofLayer: n))
            for j in 0..<direction.columns {
                for i in 0..<rows { direction[i, j] = generator.nextNormal() }
            }
            var coordinates = Matrix<Double>(rows: rows, columns: span.columns)
            coordinates.assignProduct(direction.columns(moving), span)
            let size = coordinates.norm
            if size > 0, size.isFinite {
                coordinates.scale(by: shares[n] / size)
                var change = Matrix<Double>(rows: rows, columns: moving.count)
                change.assignProduct(coordinates, .none, span, .transposed)
                for (j, column) in moving.enumerated() {
                    for i in 0..<rows { update.layers[n][i, column] = change[i, j] }
                }
            }
            var activity = Matrix<Double>(rows: rows, columns: problem.batch.size)
            architecture.weightLayers[n].predict(
                rates, weights: problem.network.parameters.layers[n] + update.layers[n], into: &activity)
            rates = activity
            architecture.activation(ofLayer: n + 1).evaluate(activity, into: &rates)
        }
        return update
    }

    /// `ρ₀ … ρ_{N−1}`: a random direction, its squared length uniform in `0 … squaredRadius`.
    private func shares(_ depth: Int, using generator: inout RandomGenerator) -> [Double] {
        let radius = (squaredRadius * generator.nextUniform()).squareRoot()
        let direction = (0..<depth).map { _ in generator.nextNormal() }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return direction.map { length > 0 ? radius * abs($0) / length : 0 }
    }
}
