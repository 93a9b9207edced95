internal import LinearAlgebra
internal import Networks
internal import Randomness
internal import RealModule

/// The Markov chain of `GibbsSampling`, begun at the feedforward pass.
struct GibbsChain {
    private(set) var weights: Parameters<Double>
    private let problem: LearningProblem<Double>
    /// `s`.
    private let noise: Double
    /// `T`.
    private let temperature: Double
    private var generator: RandomGenerator
    /// `x₀ … x_{N−1}`.
    private var rates: PerLayer<Matrix<Double>>
    /// `z₁ … z_N`.
    private var preactivations: PerLayer<Matrix<Double>>

    init(_ problem: LearningProblem<Double>, noise: Double, temperature: Double, seed: UInt64) {
        self.problem = problem
        self.noise = noise
        self.temperature = temperature
        generator = RandomGenerator(seed: seed)
        weights = problem.network.parameters
        var state = InferenceState<Double>(architecture: problem.network.architecture, examples: problem.batch.size)
        state.begin(problem, at: .feedforward, output: .nudged(strength: 0))
        rates = state.rates
        preactivations = state.activities
    }

    /// Draws every rate, pre-activation and weight once.
    mutating func sweep() throws(LinearAlgebraError) {
        for n in problem.network.architecture.hiddenLayers {
            try drawRates(layer: n)
            drawPreactivations(layer: n)
        }
        drawOutputs()
        for n in weights.layers.indices { try drawWeights(layer: n) }
    }

    private mutating func normal(_ rows: Int, _ columns: Int, variance: Double) -> Matrix<Double> {
        let deviation = variance.squareRoot()
        return Matrix(rows: rows, columns: columns) { _, _ in deviation * generator.nextNormal() }
    }

    /// `x̄ₙ`.
    private func regressors(_ n: Int) -> Matrix<Double> {
        problem.network.architecture.weightLayers[n].regressors(rates[n])
    }

    /// `Wₙx̄ₙ`.
    private func prediction(_ n: Int, _ weights: Matrix<Double>) -> Matrix<Double> {
        var result = preactivations[n + 1]
        result.assignProduct(weights, regressors(n))
        return result
    }

    /// `Wₙ` given its rates and the pre-activations above: a draw of the prior, corrected by its misfit of a draw of the
    /// noise, `W ← W′ + (Z − W′X̄ − η)(X̄ᵀX̄ + (s/α)I)⁻¹X̄ᵀ`.
    private mutating func drawWeights(layer n: Int) throws(LinearAlgebraError) {
        let before = problem.network.parameters.layers[n]
        let inputs = regressors(n)
        let alpha = problem.learningRate
        var drawn = before + normal(before.rows, before.columns, variance: alpha * temperature)
        let misfit = preactivations[n + 1] - prediction(n, drawn)
            - normal(before.rows, inputs.columns, variance: noise * temperature)
        var gram = Matrix<Double>(rows: inputs.columns, columns: inputs.columns)
        gram.assignProduct(inputs, .transposed, inputs)
        for i in 0..<gram.rows { gram[i, i] += noise / alpha }
        let solved = try CholeskyFactorization(gram).solve(misfit.transposed)
        drawn.assignProduct(solved, .transposed, inputs, .transposed, keep: 1)
        weights.layers[n] = drawn
    }

    /// `xₙ` given its pre-activations and those above, in the same way:
    /// `x ← x′ + Wᵀ(WWᵀ + I)⁻¹(z − b − Wx′ − η)`, both noises being equal.
    private mutating func drawRates(layer n: Int) throws(LinearAlgebraError) {
        let (height, width) = (weights.layers[n].rows, problem.network.architecture.widths[n])
        let linear = Matrix<Double>(rows: height, columns: width) { weights.layers[n][$0, $1] }
        let columns = preactivations[n].columns
        problem.network.architecture.activation(ofLayer: n).evaluate(preactivations[n], into: &rates[n])
        rates[n].add(normal(width, columns, variance: noise * temperature))
        let misfit = preactivations[n + 1] - prediction(n, weights.layers[n])
            - normal(height, columns, variance: noise * temperature)
        var system = Matrix<Double>(rows: height, columns: height)
        system.assignProduct(linear, .none, linear, .transposed)
        for i in 0..<height { system[i, i] += 1 }
        rates[n].assignProduct(linear, .transposed, try CholeskyFactorization(system).solve(misfit), keep: 1)
    }

    /// `zₙ` given its prediction and its rates, unit by unit.
    private mutating func drawPreactivations(layer n: Int) {
        let predicted = prediction(n - 1, weights.layers[n - 1])
        let (activation, noise) = (problem.network.architecture.activation(ofLayer: n), noise)
        for j in 0..<predicted.columns {
            for i in 0..<predicted.rows {
                let (p, x) = (predicted[i, j], rates[n][i, j])
                preactivations[n][i, j] = slice(preactivations[n][i, j]) { z in
                    let (misfit, rateMisfit) = (z - p, x - Self.rate(z, activation))
                    return (misfit * misfit + rateMisfit * rateMisfit) / (2 * noise)
                }
            }
        }
    }

    private static func rate(_ z: Double, _ activation: Activation) -> Double {
        var rate = 0.0
        withUnsafePointer(to: z) { activation.evaluate($0, count: 1, into: &rate) }
        return rate
    }

    /// `z_N` given its prediction and the targets, unit by unit.
    private mutating func drawOutputs() {
        let top = problem.network.architecture.depth
        let predicted = prediction(top - 1, weights.layers[top - 1])
        let (targets, loss, noise) = (problem.batch.targets, problem.loss, noise)
        let share = 1 / Double(predicted.columns)
        for j in 0..<predicted.columns {
            var output = Matrix(column: preactivations[top].column(j))
            let target = Matrix(column: targets.column(j))
            for i in 0..<predicted.rows {
                output[i, 0] = slice(output[i, 0]) { z in
                    var point = output
                    point[i, 0] = z
                    let misfit = z - predicted[i, j]
                    return misfit * misfit / (2 * noise) + share * loss.total(point, targets: target)
                }
                preactivations[top][i, j] = output[i, 0]
            }
        }
    }

    /// A draw that leaves `exp(−U/T)` in place: a level below the present density, an interval stepped out to it, and
    /// points of the interval until one is above (R. Neal, Annals of Statistics 31, 2003).
    private mutating func slice(_ present: Double, _ potential: (Double) -> Double) -> Double {
        let level = potential(present) - temperature * Double.log(1 - generator.nextUniform())
        // Where a diverging chain has lost its density, there is nothing to draw from.
        guard level.isFinite else { return present }
        let width = 2 * (noise * temperature).squareRoot()
        var lower = present - width * generator.nextUniform()
        var upper = lower + width
        while potential(lower) < level { lower -= width }
        while potential(upper) < level { upper += width }
        while true {
            let point = lower + (upper - lower) * generator.nextUniform()
            if potential(point) <= level { return point }
            if point == present { return present }
            if point < present { lower = point } else { upper = point }
        }
    }
}
