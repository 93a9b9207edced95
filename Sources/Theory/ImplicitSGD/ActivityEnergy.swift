package import LinearAlgebra
package import Networks

/// The exact energy over activities (T2, T3), times `α`:
///
/// `αE(h) = κ Σᵢ ℓ(h_N,ᵢ, yᵢ) + ½ Σₙ tr Eₙ₊₁ Kₙ⁻¹ Eₙ₊₁ᵀ`,  `κ = α/B`,  `Kₙ = ĀₙᵀĀₙ`,
///
/// with `Mₙ = Eₙ₊₁Kₙ⁻¹` and the updated weights `Wₙ⁺ = Wₙ + MₙĀₙᵀ`.
///
/// The variables are *displacements* `uₙ = hₙ − hₙ(θ_b)` from the feedforward pass, and errors are
/// `Eₙ₊₁ = uₙ₊₁ − Wₙ(aₙ − aₙ(θ_b))`: however small an update is, its digits survive.
///
/// One evaluation costs `2B` operations for every hidden-layer weight; the first layer's prediction
/// does not depend on the variables. This is a workspace: `evaluate` fills it, the rest reads it.
package struct ActivityEnergy: LayeredEnergy {
    package let problem: ProximalProblem
    package let widths: [Int]
    package let depth: Int
    package let examples: Int
    /// `κ = α/B`.
    package let lossWeight: Double

    /// The feedforward pass of `θ_b`: activities at index `n − 1`, rates at index `n`.
    package let feedforward: [Matrix<Double>]
    private let weights: [Matrix<Double>]
    private let activations: [Activation]
    private let biases: [Bool]

    // What the last `evaluate` found. Layers 1…N at index n − 1; rates and Gram factors at index n.
    package private(set) var activities: [Matrix<Double>]
    package private(set) var rates: [Matrix<Double>]
    private var rateDifferences: [Matrix<Double>]
    package private(set) var errors: [Matrix<Double>]
    package private(set) var grams: [GramFactor]
    /// `1/sₙ` for mini-batch 1, the entry of the inverse Gram matrix.
    package private(set) var precisions: [Double]
    /// `Mₙ = Eₙ₊₁Kₙ⁻¹`, so that the update of layer `n` is `MₙĀₙᵀ`.
    package private(set) var responses: [Matrix<Double>]
    package private(set) var squaredResponses: [Matrix<Double>]
    /// `Cₙ = Wₙ⁺ᵀMₙ` without the bias row, for `n = 1..<N` at index `n − 1`.
    package private(set) var feedback: [Matrix<Double>]
    package private(set) var outputGradient: Matrix<Double>
    /// `qₙ₊₁` of the implicit residual, at index `n`.
    private var deviations: [Matrix<Double>]

    /// - Throws: `SolveError.singularGram` if the rates of a layer are linearly dependent over the
    ///   batch at `θ_b`, where the energy in this form does not exist; `notFinite` if activities
    ///   overflow there.
    package init(_ problem: ProximalProblem) throws(SolveError) {
        self.problem = problem
        let architecture = problem.network.architecture
        widths = architecture.widths
        depth = architecture.depth
        examples = problem.batch.size
        lossWeight = problem.learningRate / Double(problem.batch.size)
        let start = Linearization(network: problem.network, batch: problem.batch, loss: problem.loss)
        guard start.activities.allSatisfy({ $0.isFinite() }) else {
            throw .notFinite(what: "the feedforward pass")
        }
        feedforward = start.activities
        weights = problem.network.parameters.layers
        activations = (0...architecture.depth).map(architecture.activation(ofLayer:))
        biases = architecture.biases
        activities = start.activities
        rates = start.rates
        rateDifferences = start.rates
        errors = start.activities
        responses = start.activities
        feedback = Array(start.activities.dropLast())
        outputGradient = start.activities[depth - 1]
        deviations = start.activities
        let square = Matrix<Double>(rows: examples, columns: examples)
        squaredResponses = Array(repeating: square, count: depth)
        grams = []
        precisions = Array(repeating: 0, count: depth)
        for n in 0..<depth {
            var gram = GramFactor(examples: examples)
            guard gram.factorize(rates[n], hasBias: architecture.biases[n]) else {
                throw .singularGram(layer: n)
            }
            if examples == 1 { precisions[n] = gram.inverse[0, 0] }
            grams.append(gram)
        }
    }

    package var architecture: Architecture { problem.network.architecture }
    package var hiddenLayers: Int { depth - 1 }

    /// `αE` at the given displacements, `+∞` where a Gram matrix is singular or a value overflows.
    package mutating func evaluate(at displacements: [Matrix<Double>]) -> Double {
        var energy = 0.0
        for n in 0..<depth {
            activities[n].assignSum(feedforward[n], displacements[n])
            errors[n].copy(from: displacements[n])
            if n > 0 {
                activations[n].evaluate(activities[n - 1], into: &rates[n])
                activations[n].difference(
                    base: feedforward[n - 1], displacement: displacements[n - 1],
                    into: &rateDifferences[n])
                errors[n].assignProduct(
                    weights[n], rateDifferences[n], width: widths[n], scale: -1, keep: 1)
                guard grams[n].factorize(rates[n], hasBias: biases[n]) else { return .infinity }
                if examples == 1 { precisions[n] = grams[n].inverse[0, 0] }
            }
            grams[n].applyInverse(fromRightTo: errors[n], into: &responses[n])
            energy += responses[n].dot(errors[n]) / 2
        }
        energy += lossWeight * problem.loss.total(
            activities[depth - 1], targets: problem.batch.targets)
        return energy.isNaN ? .infinity : energy
    }

    /// Prepares `feedback`, `squaredResponses` and the output gradient at the last evaluated point.
    package mutating func differentiate() {
        for n in 1..<max(1, depth) {
            squaredResponses[n].assignProduct(responses[n], .transposed, responses[n])
            feedback[n - 1].assignProduct(
                weights[n], .transposed, responses[n], width: widths[n])
            feedback[n - 1].assignProduct(rates[n], squaredResponses[n], keep: 1)
        }
        problem.loss.gradient(
            activities[depth - 1], targets: problem.batch.targets, into: &outputGradient)
    }

    /// `gradient ← ∂(αE)/∂hₙ = Mₙ₋₁ − φ′ₙ ⊙ Cₙ`, and `M_{N−1} + κ∇ℓ` for the output.
    ///
    /// - Parameter slopes: `φ′` for `n = 1..<N` at index `n − 1`, with a choice made at kinks.
    package func gradient(slopes: [Matrix<Double>], into gradient: inout [Matrix<Double>]) {
        for n in 1..<max(1, depth) {
            let count = feedback[n - 1].count
            gradient[n - 1].withMutablePointer { target in
                responses[n - 1].withPointer { response in
                    feedback[n - 1].withPointer { feedback in
                        slopes[n - 1].withPointer { slope in
                            for k in 0..<count { target[k] = response[k] - slope[k] * feedback[k] }
                        }
                    }
                }
            }
        }
        gradient[depth - 1].assignSum(
            responses[depth - 1], outputGradient, scaledBy: lossWeight)
    }

    /// `ΔWₙ = MₙĀₙᵀ`, the update whose feedforward pass has the last evaluated activities (T7).
    package func update() -> Parameters<Double> {
        var result = Parameters<Double>(uninitializedFor: problem.network.architecture)
        for n in 0..<depth {
            result.layers[n].assignOuterProduct(
                responses[n], rates[n], hasBias: problem.network.architecture.biases[n], scale: 1)
        }
        return result
    }

    /// The implicit residual of `update()`, from the activity gradient and without forming weights.
    ///
    /// With `qₙ = Mₙ₋₁ + αδₙ/B` (δ the backpropagated errors at `Wⁿ⁺`) the residual of layer `n` is
    /// `qₙ₊₁Āₙᵀ`, and `q_N = ∂_{h_N}(αE)`, `qₙ = ∂_{hₙ}(αE) + φ′ₙ ⊙ Wₙ⁺ᵀqₙ₊₁`.
    package mutating func residual(
        gradient: [Matrix<Double>], slopes: [Matrix<Double>]
    ) -> Double {
        var residual = 0.0
        var size = 0.0
        deviations[depth - 1].copy(from: gradient[depth - 1])
        for n in stride(from: depth - 1, through: 0, by: -1) {
            residual += examples == 1
                ? deviations[n].squaredNorm / precisions[n] : grams[n].quadraticForm(deviations[n])
            size += responses[n].dot(errors[n])
            if n > 0 { pullBackDeviation(from: n, gradient[n - 1], slopes[n - 1]) }
        }
        return residual == 0 ? 0 : (residual / size).squareRoot()
    }

    /// `qₙ` from `qₙ₊₁`.
    private mutating func pullBackDeviation(
        from n: Int, _ gradient: Matrix<Double>, _ slopes: Matrix<Double>
    ) {
        if examples == 1 {
            let scale = responses[n].dot(deviations[n])
            deviations[n - 1].assign(rates[n], scaledBy: scale)
        } else {
            var inner = Matrix<Double>(rows: examples, columns: examples)
            inner.assignProduct(responses[n], .transposed, deviations[n])
            deviations[n - 1].assignProduct(rates[n], inner)
        }
        deviations[n - 1].assignProduct(
            weights[n], .transposed, deviations[n], width: widths[n], keep: 1)
        let count = gradient.count
        deviations[n - 1].withMutablePointer { q in
            slopes.withPointer { slope in
                gradient.withPointer { gradient in
                    for k in 0..<count { q[k] = gradient[k] + slope[k] * q[k] }
                }
            }
        }
    }
}
