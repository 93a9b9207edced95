internal import LinearAlgebra
internal import Networks

/// How local errors and rates become a weight update.
public enum WeightUpdate: Sendable, Hashable {
    /// `ΔWₙ = α/B Σ eₙ₊₁āₙᵀ`: the local gradient (the paper's IL-SGD).
    case local
    /// `ΔWₙ = (1/B Σ eₙ₊₁āₙᵀ)/(1/B Σ sₙ + ε)`: normalized least mean squares, batch mean over batch
    /// mean (the paper's IL-prox).
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
        let examples = Scalar(problem.batch.size)
        var result = Parameters<Scalar>(zerosFor: architecture)
        for n in result.layers.indices {
            let scale: Scalar
            var errors = state.errors[n]
            switch self {
            case .local: scale = problem.learningRate / examples
            case .normalized(let epsilon):
                let total = state.squaredNorms[n].reduce(0, +) + Scalar(epsilon) * examples
                guard total > 0 else { throw .zeroRates(layer: n, example: 0) }
                scale = 1 / total
            case .leastNorm:
                errors = try leastNormResponses(
                    errors, state.rates[n], hasBias: architecture.biases[n], layer: n)
                scale = 1
            }
            result.layers[n].assignOuterProduct(
                errors, state.rates[n], hasBias: architecture.biases[n], scale: scale)
        }
        return result
    }

    /// `EK⁺`, so that the update is `EK⁺Āᵀ`.
    private func leastNormResponses<Scalar: BLASScalar>(
        _ errors: Matrix<Scalar>, _ rates: Matrix<Scalar>, hasBias: Bool, layer: Int
    ) throws(RuleError) -> Matrix<Scalar> {
        let examples = errors.columns
        if examples == 1 {
            let s = rates.squaredNorm + (hasBias ? 1 : 0)
            guard s > 0 else {
                if errors.maximumMagnitude == 0 { return errors }
                throw .zeroRates(layer: layer, example: 0)
            }
            return (1 / s) * errors
        }
        var gram = Matrix<Double>(rows: examples, columns: examples)
        let wide = rates.converted(to: Double.self)
        gram.assignProduct(wide, .transposed, wide)
        if hasBias {
            for j in 0..<examples {
                for i in 0..<examples { gram[i, j] += 1 }
            }
        }
        do {
            let solved = try LeastNormSolution(gram, errors.converted(to: Double.self).transposed)
            return solved.solution.transposed.converted(to: Scalar.self)
        } catch {
            throw .unsolved("the least-norm update of layer \(layer): \(error)")
        }
    }
}
