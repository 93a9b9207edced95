internal import LinearAlgebra
internal import Networks
internal import Randomness

/// Random starts for the activity-space descent, spread over the ball of T15.
///
/// Every global minimiser lies in `‖θ − θ_b‖² ≤ 2αL(θ_b)`. A start is made layer by layer, forwards:
/// the error of layer `n` is `Eₙ₊₁ = ρₙ·Z Āₙ/‖Z Āₙ‖_K`, with standard normal `Z` and the norm that
/// the least-norm update of T1 has, `‖E‖²_K = tr E Kₙ⁻¹ Eᵀ`. So the update that belongs to the start
/// has exactly the norm `(Σ ρₙ²)^½`, which is drawn so that its square is uniform up to the ball's.
struct StartDisplacement {
    let problem: ProximalProblem
    /// `2αL(θ_b)`.
    let squaredRadius: Double

    init(_ problem: ProximalProblem) {
        self.problem = problem
        squaredRadius = 2 * problem.learningRate * problem.lossBefore
    }

    /// Displacements from the feedforward pass, layer `n`; `nil` if a layer's rates
    /// are linearly dependent on the way, where no update reaches the start.
    func draw(using generator: inout RandomGenerator) -> PerLayer<Matrix<Double>>? {
        let network = problem.network
        let architecture = network.architecture
        let examples = problem.batch.size
        let before = problem.linearization(after: Parameters(zerosFor: architecture)).activities
        let shares = shares(architecture.depth, using: &generator)
        var rates = problem.batch.inputs
        var displacements = architecture.activities(examples: examples) as PerLayer<Matrix<Double>>
        for n in 0..<architecture.depth {
            let layer = architecture.weightLayers[n]
            var gram = GramFactor(order: examples)
            guard gram.factorize(rates, of: layer) else { return nil }
            let rows = architecture.widths[n + 1]
            var direction = Matrix<Double>(rows: rows, columns: architecture.columns(ofLayer: n))
            for j in 0..<direction.columns {
                for i in 0..<rows { direction[i, j] = generator.nextNormal() }
            }
            var error = Matrix<Double>(rows: rows, columns: examples)
            layer.predict(rates, weights: direction, into: &error)
            var response = error
            gram.applyInverse(fromRightTo: error, into: &response)
            let size = max(0, response.dot(error)).squareRoot()
            guard size > 0, size.isFinite else { return nil }
            error.scale(by: shares[n] / size)
            var activity = Matrix<Double>(rows: rows, columns: examples)
            network.predict(layer: n, rates: rates, into: &activity)
            activity.add(error)
            displacements[n + 1] = activity - before[n + 1]
            rates = activity
            architecture.activation(ofLayer: n + 1).evaluate(activity, into: &rates)
        }
        return displacements
    }

    /// `ρ₀ … ρ_{N−1}`: a random direction, its squared length uniform in `0 … squaredRadius`.
    private func shares(_ depth: Int, using generator: inout RandomGenerator) -> [Double] {
        let radius = (squaredRadius * generator.nextUniform()).squareRoot()
        let direction = (0..<depth).map { _ in generator.nextNormal() }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return direction.map { length > 0 ? radius * abs($0) / length : 0 }
    }
}
