package import LinearAlgebra
package import Networks

/// How local errors and rates become a weight update.
public enum WeightUpdate: Sendable, Hashable {
    /// `ΔWₙ = α/B Σ eₙ₊₁āₙᵀ`: the local gradient (the paper's IL-SGD).
    case local
    /// `ΔWₙ = (1/B Σ eₙ₊₁āₙᵀ)/(1/B Σ sₙ + ε)`: normalized least mean squares, the averaged update divided
    /// by the averaged `sₙ + ε` (the paper's IL-prox).
    case normalized(epsilon: Double)
    /// `ΔWₙ = Eₙ₊₁Kₙ⁺Āₙᵀ`: the least-norm update that reaches all inferred activities (T1, T3);
    /// `eₙ₊₁āₙᵀ/sₙ` for mini-batch 1.
    case leastNorm

    /// The update that the state's errors and rates ask for.
    ///
    /// - Throws: `RuleError.zeroRates` where a normalized update would divide by zero.
    func update<Scalar: BLASScalar>(
        _ state: InferenceState<Scalar>, _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> Parameters<Scalar> {
        let architecture = problem.network.architecture
        var result = Parameters<Scalar>(uninitializedFor: architecture)
        for n in result.layers.indices {
            let factors = try factors(
                ofLayer: n, state, architecture, learningRate: problem.learningRate)
            architecture.weightLayers[n].pullBackToWeights(
                factors.errors, state.rates[n], scale: factors.scale, keep: 0, into: &result.layers[n])
        }
        return result
    }

    /// Adds the update to the weights of `problem` in place, a single example's as a rank-one change
    /// that is never formed, and returns its squared norm.
    ///
    /// - Parameter buffer: of the weights' shapes; overwritten for larger mini-batches.
    /// - Throws: as `update`; layers before the one that failed have then moved.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func apply<Scalar: BLASScalar>(
        _ state: InferenceState<Scalar>, to problem: inout LearningProblem<Scalar>,
        buffer: inout Parameters<Scalar>
    ) throws(RuleError) -> Scalar {
        var squaredNorm: Scalar = 0
        for n in buffer.layers.indices {
            let layer = problem.network.architecture.weightLayers[n]
            let factors = try factors(
                ofLayer: n, state, problem.network.architecture,
                learningRate: problem.learningRate)
            if problem.batch.size == 1 {
                layer.pullBackToWeights(
                    factors.errors, state.rates[n], scale: factors.scale, keep: 1,
                    into: &problem.network.parameters.layers[n])
                squaredNorm += factors.scale * factors.scale
                    * factors.errors.squaredNorm * state.squaredNorms[n][0]
            } else {
                layer.pullBackToWeights(
                    factors.errors, state.rates[n], scale: factors.scale, keep: 0,
                    into: &buffer.layers[n])
                squaredNorm += buffer.layers[n].squaredNorm
                problem.network.parameters.layers[n].add(buffer.layers[n])
            }
        }
        return squaredNorm
    }

    /// Writes the update for `α = 1` into `direction`: minus the gradient that Adam is given.
    ///
    /// - Throws: as `update`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func assignDirection<Scalar: BLASScalar>(
        _ state: InferenceState<Scalar>, _ architecture: Architecture,
        to direction: inout Parameters<Scalar>
    ) throws(RuleError) {
        for n in direction.layers.indices {
            let factors = try factors(ofLayer: n, state, architecture, learningRate: 1)
            architecture.weightLayers[n].pullBackToWeights(
                factors.errors, state.rates[n], scale: factors.scale, keep: 0, into: &direction.layers[n])
        }
    }

    /// The update of layer `n` is `scale · EĀᵀ`.
    private func factors<Scalar: BLASScalar>(
        ofLayer n: Int, _ state: InferenceState<Scalar>, _ architecture: Architecture,
        learningRate: Scalar
    ) throws(RuleError) -> (errors: Matrix<Scalar>, scale: Scalar) {
        let examples = Scalar(state.errors[n + 1].columns)
        switch self {
        case .local: return (state.errors[n + 1], learningRate / examples)
        case .normalized(let epsilon):
            let total = state.squaredNorms[n].reduce(0, +) + Scalar(epsilon) * examples
            // NaN passes: it is for the caller to see that the network has diverged.
            guard !(total <= 0) else { throw .zeroRates(layer: n, example: 0) }
            return (state.errors[n + 1], 1 / total)
        case .leastNorm:
            let responses = try leastNormResponses(
                state.errors[n + 1], state.rates[n], of: architecture.weightLayers[n], layer: n)
            return (responses, 1)
        }
    }

    /// `EK⁺`, so that the update is `EK⁺Āᵀ`.
    private func leastNormResponses<Scalar: BLASScalar>(
        _ errors: Matrix<Scalar>, _ rates: Matrix<Scalar>, of kind: any Layer, layer: Int
    ) throws(RuleError) -> Matrix<Scalar> {
        let examples = errors.columns
        if examples == 1 {
            let s = rates.squaredNorm + (kind.hasBias ? 1 : 0)
            // As above.
            guard !(s <= 0) else {
                if errors.maximumMagnitude == 0 { return errors }
                throw .zeroRates(layer: layer, example: 0)
            }
            return (1 / s) * errors
        }
        var gram = Matrix<Double>(rows: examples, columns: examples)
        let regressors = kind.regressors(rates.converted(to: Double.self))
        gram.assignProduct(regressors, .transposed, regressors)
        do {
            let solved = try LeastNormSolution(gram, errors.converted(to: Double.self).transposed)
            return solved.solution.transposed.converted(to: Scalar.self)
        } catch {
            throw .unsolved("the least-norm update of layer \(layer): \(error)")
        }
    }
}
