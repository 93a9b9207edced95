package import LinearAlgebra
package import Networks

/// The exact energy over activities (T2, T3), times `α`:
///
/// `αE(h) = κ Σᵢ ℓ(h_N,ᵢ, yᵢ) + ½ Σₙ tr Eₙ₊₁ Kₙ⁻¹ Eₙ₊₁ᵀ`,  `κ = α/B`,  `Kₙ = mₙĀₙᵀĀₙ`,
///
/// with the weighted errors `Mₙ₊₁ = Eₙ₊₁Kₙ⁻¹` and the updated weights `Wₙ⁺ = Wₙ + mₙMₙ₊₁Āₙᵀ`, where layer `n` has the
/// learning rate `mₙα` and `mₙ = 1` with one `α` for all. A bias that is held is a constant of the prediction: then
/// `A` stands for `Ā`, in `K` and in the update. In the coordinates `Wₙ/√mₙ` and `√mₙĀₙ` every formula is the
/// plain one.
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

    /// The activities of the feedforward pass of `θ_b`.
    package let feedforward: PerLayer<Matrix<Double>>
    private let weights: [Matrix<Double>]
    private let layers: [any Layer]
    private let activations: [Activation]

    // What the last `evaluate` found.
    package private(set) var activities: PerLayer<Matrix<Double>>
    package private(set) var rates: PerLayer<Matrix<Double>>
    private var rateDifferences: PerLayer<Matrix<Double>>
    package private(set) var errors: PerLayer<Matrix<Double>>
    package private(set) var grams: [GramFactor]
    private let multiples: [Double]
    /// `1/(mₙ₋₁sₙ₋₁)` of layer `n = 1…N` for mini-batch 1, the entry of the inverse Gram matrix.
    package private(set) var precisions: PerLayer<Double>
    /// `Mₙ = EₙKₙ₋₁⁻¹`, so that the update of layer `n` is `mₙMₙ₊₁Āₙᵀ`.
    package private(set) var weightedErrors: PerLayer<Matrix<Double>>
    /// `mₙ₋₁MₙᵀMₙ`.
    package private(set) var weightedErrorGrams: PerLayer<Matrix<Double>>
    /// `Cₙ = Wₙ⁺ᵀMₙ₊₁` without the bias row, for `n = 1..<N`.
    package private(set) var feedback: PerLayer<Matrix<Double>>
    package private(set) var outputGradient: Matrix<Double>
    /// `q₁ … q_N` of the implicit residual.
    private var deviations: PerLayer<Matrix<Double>>

    /// - Parameter slack: `ε` of `E_ε`, which has `Kₙ + εI` for `Kₙ` (T18); `update()` is then the minimiser of `J_ε`
    ///   over the weights.
    /// - Throws: `SolveError.singularGram` if the rates of a layer are linearly dependent over the
    ///   batch at `θ_b`, where the energy in this form does not exist, or `heldWeights`; `notFinite` if activities
    ///   overflow there.
    package init(_ problem: ProximalProblem, slack: Double = 0) throws(SolveError) {
        self.problem = problem
        let architecture = problem.network.architecture
        if let layer = architecture.biases.indices.first(where: problem.held.holdsWeights) {
            throw .heldWeights(layer: layer)
        }
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
        layers = architecture.weightLayers
        activations = (0...architecture.depth).map(architecture.activation(ofLayer:))
        activities = start.activities
        rates = start.rates
        rateDifferences = start.rates
        errors = start.activities
        weightedErrors = start.activities
        feedback = start.activities.dropLast()
        outputGradient = start.logits
        deviations = start.activities
        let square = Matrix<Double>(rows: examples, columns: examples)
        weightedErrorGrams = PerLayer(architecture.layers) { _ in square }
        multiples = (0..<depth).map(problem.rates.multiple)
        grams = []
        precisions = PerLayer(architecture.layers) { _ in 0 }
        for n in 0..<depth {
            var gram = GramFactor(
                order: examples, multiple: problem.rates.multiple(ofLayer: n), slack: slack,
                holdsBias: problem.held.holdsBias(ofLayer: n))
            guard gram.factorize(rates[n], of: layers[n]) else {
                throw .singularGram(layer: n)
            }
            if examples == 1 { precisions[n + 1] = gram.inverse[0, 0] }
            grams.append(gram)
        }
    }

    package var architecture: Architecture { problem.network.architecture }

    /// `αE` at the given displacements, `+∞` where a Gram matrix is singular or a value overflows.
    package mutating func evaluate(at displacements: PerLayer<Matrix<Double>>) -> Double {
        var energy = 0.0
        for n in 0..<depth {
            activities[n + 1].assignSum(feedforward[n + 1], displacements[n + 1])
            errors[n + 1].copy(from: displacements[n + 1])
            if n > 0 {
                activations[n].evaluate(activities[n], into: &rates[n])
                activations[n].difference(
                    base: feedforward[n], displacement: displacements[n],
                    into: &rateDifferences[n])
                layers[n].propagate(
                    rateDifferences[n], weights: weights[n], scale: -1, keep: 1, into: &errors[n + 1])
                guard grams[n].factorize(rates[n], of: layers[n]) else { return .infinity }
                if examples == 1 { precisions[n + 1] = grams[n].inverse[0, 0] }
            }
            grams[n].applyInverse(fromRightTo: errors[n + 1], into: &weightedErrors[n + 1])
            energy += weightedErrors[n + 1].dot(errors[n + 1]) / 2
        }
        energy += lossWeight * problem.loss.total(
            activities[depth], targets: problem.batch.targets)
        return energy.isNaN ? .infinity : energy
    }

    /// Prepares `feedback`, `weightedErrorGrams` and the output gradient at the last evaluated point.
    package mutating func differentiate() {
        for n in architecture.hiddenLayers {
            weightedErrorGrams[n + 1].assignProduct(
                weightedErrors[n + 1], .transposed, weightedErrors[n + 1], scale: multiples[n])
            layers[n].pullBackToRates(
                weightedErrors[n + 1], weights: weights[n], keep: 0, into: &feedback[n])
            feedback[n].assignProduct(rates[n], weightedErrorGrams[n + 1], keep: 1)
        }
        problem.loss.gradient(
            activities[depth], targets: problem.batch.targets, into: &outputGradient)
    }

    /// `gradient ← ∂(αE)/∂hₙ = Mₙ − φ′ₙ ⊙ Cₙ`, and `M_N + κ∇ℓ` for the output.
    ///
    /// - Parameter slopes: `φ′` for `n = 1..<N`, with a choice made at kinks.
    package func gradient(slopes: PerLayer<Matrix<Double>>, into gradient: inout PerLayer<Matrix<Double>>) {
        for n in architecture.hiddenLayers {
            let count = feedback[n].count
            gradient[n].withMutablePointer { target in
                weightedErrors[n].withPointer { response in
                    feedback[n].withPointer { feedback in
                        slopes[n].withPointer { slope in
                            for k in 0..<count { target[k] = response[k] - slope[k] * feedback[k] }
                        }
                    }
                }
            }
        }
        gradient[depth].assignSum(
            weightedErrors[depth], outputGradient, scaledBy: lossWeight)
    }

    /// `ΔWₙ = mₙMₙ₊₁Āₙᵀ`, the update whose feedforward pass has the last evaluated activities (T7).
    package func update() -> Parameters<Double> {
        var result = Parameters<Double>(uninitializedFor: problem.network.architecture)
        for n in 0..<depth {
            layers[n].pullBackToWeights(
                weightedErrors[n + 1], rates[n], scale: multiples[n], keep: 0, into: &result.layers[n])
        }
        problem.held.clear(&result, in: problem.network.architecture)
        return result
    }

    /// The implicit residual of `update()`, from the activity gradient and without forming weights.
    ///
    /// With `qₙ = Mₙ + αδₙ/B` (δ the backpropagated errors at `Wⁿ⁺`) the residual of layer `n` is
    /// `mₙqₙ₊₁Āₙᵀ`, its square in the metric `tr qKqᵀ`, and `q_N = ∂_{h_N}(αE)`, `qₙ = ∂_{hₙ}(αE) + φ′ₙ ⊙ Wₙ⁺ᵀqₙ₊₁`.
    package mutating func residual(
        gradient: PerLayer<Matrix<Double>>, slopes: PerLayer<Matrix<Double>>
    ) -> Double {
        var residual = 0.0
        var size = 0.0
        deviations[depth].copy(from: gradient[depth])
        for n in stride(from: depth - 1, through: 0, by: -1) {
            residual += examples == 1
                ? deviations[n + 1].squaredNorm / precisions[n + 1]
                : grams[n].quadraticForm(deviations[n + 1])
            size += weightedErrors[n + 1].dot(errors[n + 1])
            if n > 0 { pullBackDeviation(from: n, gradient[n], slopes[n]) }
        }
        return residual == 0 ? 0 : (residual / size).squareRoot()
    }

    /// `qₙ` from `qₙ₊₁`.
    private mutating func pullBackDeviation(
        from n: Int, _ gradient: Matrix<Double>, _ slopes: Matrix<Double>
    ) {
        if examples == 1 {
            let scale = multiples[n] * weightedErrors[n + 1].dot(deviations[n + 1])
            deviations[n].assign(rates[n], scaledBy: scale)
        } else {
            var inner = Matrix<Double>(rows: examples, columns: examples)
            inner.assignProduct(weightedErrors[n + 1], .transposed, deviations[n + 1], scale: multiples[n])
            deviations[n].assignProduct(rates[n], inner)
        }
        layers[n].pullBackToRates(deviations[n + 1], weights: weights[n], keep: 1, into: &deviations[n])
        let count = gradient.count
        deviations[n].withMutablePointer { q in
            slopes.withPointer { slope in
                gradient.withPointer { gradient in
                    for k in 0..<count { q[k] = gradient[k] + slope[k] * q[k] }
                }
            }
        }
    }
}
