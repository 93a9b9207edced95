package import LinearAlgebra
package import Networks

/// How local errors and rates become a weight update.
public struct WeightUpdate: Sendable, Hashable {
    public enum Form: Sendable, Hashable {
        /// `ΔWₙ = α/B Σ eₙ₊₁āₙᵀ`: the local gradient (the paper's IL-SGD).
        case local
        /// `ΔWₙ = (1/B Σ eₙ₊₁āₙᵀ)/(1/B Σ sₙ + ε)`: normalized least mean squares, the averaged update
        /// divided by the averaged `sₙ + ε` (the paper's IL-prox).
        case normalized(epsilon: Double)
        /// `ΔWₙ = Eₙ₊₁Kₙ⁺Āₙᵀ`: the least-norm update that reaches all inferred activities (T1, T3);
        /// `eₙ₊₁āₙᵀ/sₙ` for mini-batch 1.
        case leastNorm
        /// `ΔWₙ = Eₙ₊₁(Kₙ + (B/α)I)⁻¹Āₙᵀ`: the posterior mean of weights with prior variance `α` and noise `B` (T29), the
        /// implicit step on the layer's local loss.
        case posteriorMean
    }

    public var form: Form
    /// Whether biases move; if not, a least-norm update is that of the weights alone.
    public var movesBiases = true
    /// Whether `sₙ` of the normalization counts the bias's 1.
    public var normCountsBias = true

    public init(_ form: Form) { self.form = form }

    public static let local = WeightUpdate(.local)
    public static let leastNorm = WeightUpdate(.leastNorm)
    public static func normalized(epsilon: Double) -> WeightUpdate { WeightUpdate(.normalized(epsilon: epsilon)) }

    /// The update that the state's errors and rates ask for.
    ///
    /// - Throws: `RuleError.zeroRates` where a normalized update would divide by zero.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    func update<Scalar: BLASScalar>(
        _ state: InferenceState<Scalar>, _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> Parameters<Scalar> {
        let architecture = problem.network.architecture
        var result = Parameters<Scalar>(uninitializedFor: architecture)
        for n in result.layers.indices {
            let factors = try factors(
                ofLayer: n, state, architecture, learningRate: problem.learningRate, problem.held)
            write(factors, state.rates[n], architecture.weightLayers[n], to: &result.layers[n])
        }
        problem.held.clear(&result, in: architecture)
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
        let architecture = problem.network.architecture
        for n in buffer.layers.indices {
            let layer = architecture.weightLayers[n]
            let isHeld = !problem.held.isEmpty && problem.held.holdsPart(ofLayer: n, in: architecture)
            let factors = try factors(
                ofLayer: n, state, architecture, learningRate: problem.learningRate, problem.held)
            if problem.batch.size == 1 && !isHeld {
                add(factors, state.rates[n], layer, to: &problem.network.parameters.layers[n])
                squaredNorm += factors.scale * factors.scale * factors.errors.squaredNorm
                    * (movesBiases ? state.squaredNorms[n][0] : state.rates[n].squaredNorm)
            } else {
                write(factors, state.rates[n], layer, to: &buffer.layers[n])
                problem.held.clear(&buffer.layers[n], ofLayer: n, in: architecture)
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
        _ state: InferenceState<Scalar>, _ architecture: Architecture, held: HeldParameters = .none,
        to direction: inout Parameters<Scalar>
    ) throws(RuleError) {
        for n in direction.layers.indices {
            let factors = try factors(ofLayer: n, state, architecture, learningRate: 1, held)
            write(factors, state.rates[n], architecture.weightLayers[n], to: &direction.layers[n])
        }
        held.clear(&direction, in: architecture)
    }

    /// Adam's step along the update for `α = 1`, which is minus the gradient that it is given; returns the step's squared norm.
    ///
    /// A single example's direction `scale · eāᵀ` is not formed: each column is made where Adam reads it.
    ///
    /// - Parameter buffer: of the weights' shapes; overwritten for larger mini-batches.
    /// - Throws: as `update`; nothing has moved then.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func apply<Scalar: BLASScalar>(
        _ state: InferenceState<Scalar>, to problem: inout LearningProblem<Scalar>, through moments: inout AdamMoments<Scalar>,
        _ constants: AdamConstants, buffer: inout Parameters<Scalar>
    ) throws(RuleError) -> Scalar {
        let architecture = problem.network.architecture
        guard problem.batch.size == 1 && problem.held.isEmpty && architecture.isDense else {
            try assignDirection(state, architecture, held: problem.held, to: &buffer)
            return moments.apply(
                direction: buffer, learningRate: problem.learningRate, constants, to: &problem.network.parameters)
        }
        var all: [Factors<Scalar>] = []
        for n in buffer.layers.indices {
            all.append(try factors(ofLayer: n, state, architecture, learningRate: 1, problem.held))
        }
        let step = moments.nextStep(learningRate: problem.learningRate, constants)
        var squaredNorm = 0.0
        for n in step.order(of: all.indices) {
            squaredNorm += moments.apply(
                step, ofLayer: n, to: &problem.network.parameters.layers[n], along: all[n].errors, state.rates[n],
                bias: movesBiases ? 1 : 0, scale: all[n].scale)
        }
        return Scalar(squaredNorm)
    }

    private typealias Factors<Scalar: BLASScalar> = (errors: Matrix<Scalar>, scale: Scalar)

    /// `target ← scale · EĀᵀ`, with zeros for biases that do not move.
    private func write<Scalar: BLASScalar>(
        _ factors: Factors<Scalar>, _ rates: Matrix<Scalar>, _ layer: any Layer, to target: inout Matrix<Scalar>
    ) {
        layer.pullBackToWeights(factors.errors, rates, scale: factors.scale, keep: 0, into: &target)
        if layer.hasBias && !movesBiases { target.clearColumn(target.columns - 1) }
    }

    /// `weights ← weights + scale · EĀᵀ`, without biases that do not move.
    private func add<Scalar: BLASScalar>(
        _ factors: Factors<Scalar>, _ rates: Matrix<Scalar>, _ layer: any Layer, to weights: inout Matrix<Scalar>
    ) {
        if movesBiases {
            layer.pullBackToWeights(factors.errors, rates, scale: factors.scale, keep: 1, into: &weights)
        } else {
            // A(2a) − A(a) is A(a) without what does not depend on the rates.
            layer.pullBackToWeights(factors.errors, along: rates, scale: factors.scale, into: &weights)
        }
    }

    /// The update of layer `n` is `scale · EĀᵀ`.
    private func factors<Scalar: BLASScalar>(
        ofLayer n: Int, _ state: InferenceState<Scalar>, _ architecture: Architecture,
        learningRate: Scalar, _ held: HeldParameters
    ) throws(RuleError) -> Factors<Scalar> {
        let examples = Scalar(state.errors[n + 1].columns)
        switch form {
        case .local: return (state.errors[n + 1], learningRate / examples)
        case .normalized(let epsilon):
            let norms = normCountsBias ? state.squaredNorms[n].reduce(0, +) : state.rates[n].squaredNorm
            let total = norms + Scalar(epsilon) * examples
            // NaN passes: it is for the caller to see that the network has diverged.
            guard !(total <= 0) else { throw .zeroRates(layer: n, example: 0) }
            return (state.errors[n + 1], 1 / total)
        case .leastNorm:
            // Held weights change nothing in the norms of a rule.
            let countsBias = movesBiases && !held.holdsBias(ofLayer: n)
            let responses = try leastNormResponses(
                state.errors[n + 1], state.rates[n], of: architecture.weightLayers[n], layer: n, countsBias: countsBias)
            return (responses, 1)
        case .posteriorMean:
            let countsBias = movesBiases && !held.holdsBias(ofLayer: n)
            let share = learningRate / examples
            return (
                try dampedResponses(
                    state.errors[n + 1], state.rates[n], of: architecture.weightLayers[n], layer: n, share: share,
                    countsBias: countsBias), share
            )
        }
    }

    /// `E(I + cK)⁻¹` with `c = α/B`, so that the update is `cE(I + cK)⁻¹Āᵀ`.
    private func dampedResponses<Scalar: BLASScalar>(
        _ errors: Matrix<Scalar>, _ rates: Matrix<Scalar>, of kind: any Layer, layer: Int, share: Scalar, countsBias: Bool
    ) throws(RuleError) -> Matrix<Scalar> {
        var regressors = kind.regressors(rates.converted(to: Double.self))
        // The 1 of a bias is the last row.
        if kind.hasBias && !countsBias {
            regressors = Matrix(rows: regressors.rows - 1, columns: regressors.columns) { regressors[$0, $1] }
        }
        guard regressors.isFinite(), errors.isFinite() else { return errors }
        let wide = errors.converted(to: Double.self).reshaped(rows: kind.weightRows, columns: regressors.columns)
        var system = Matrix<Double>(rows: regressors.columns, columns: regressors.columns)
        system.assignProduct(regressors, .transposed, regressors)
        system.scale(by: Double(share))
        for i in 0..<system.rows { system[i, i] += 1 }
        do {
            return try CholeskyFactorization(system).solve(wide.transposed).transposed
                .reshaped(rows: errors.rows, columns: errors.columns).converted(to: Scalar.self)
        } catch {
            throw .unsolved("the posterior mean of layer \(layer): \(error)")
        }
    }

    /// `EK⁺`, so that the update is `EK⁺Āᵀ`.
    private func leastNormResponses<Scalar: BLASScalar>(
        _ errors: Matrix<Scalar>, _ rates: Matrix<Scalar>, of kind: any Layer, layer: Int, countsBias: Bool
    ) throws(RuleError) -> Matrix<Scalar> {
        let examples = errors.columns
        if examples == 1 {
            let s = rates.squaredNorm + (kind.hasBias && countsBias ? 1 : 0)
            // As above.
            guard !(s <= 0) else {
                if errors.maximumMagnitude == 0 { return errors }
                throw .zeroRates(layer: layer, example: 0)
            }
            return (1 / s) * errors
        }
        var gram = Matrix<Double>(rows: examples, columns: examples)
        let wide = rates.converted(to: Double.self)
        let regressors = countsBias ? kind.regressors(wide) : wide
        gram.assignProduct(regressors, .transposed, regressors)
        do {
            let solved = try LeastNormSolution(gram, errors.converted(to: Double.self).transposed)
            return solved.solution.transposed.converted(to: Scalar.self)
        } catch {
            throw .unsolved("the least-norm update of layer \(layer): \(error)")
        }
    }
}
