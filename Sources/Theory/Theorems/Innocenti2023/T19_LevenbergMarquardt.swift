internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable {
    case correct, unitPrecisions, noOutputTerm, precisionForInverse, ratesNotSquared, largerBall
}

extension Theorem {
    /// T19: the equilibrium of a Newton solve of its own, precisions drawn at random, against `S`; the exact implicit
    /// update against Gauss–Newton with damping `1/α`; a step in a ball by its secular equation.
    ///
    /// **Tolerance.** *Linear.* `F` is quadratic, so a point of gradient `g` has errors within
    /// `(1+max‖W‖)‖g‖/λ_min(∇²F)` of the equilibrium's and an energy within `½‖g‖²/λ_min`. Each `eₙ` rounds by
    /// `ε = (k+4)u(‖W‖‖ā‖ + ‖h‖)`, which moves `g` by `(1+‖W‖)max π·Σε`. `r` rounds by the running error of the pass, `Jₙ` by
    /// `N(d+2)u Π‖W‖`, and `‖S⁻¹‖ ≤ π_N`. *Orders.* As `RemainderOrder` says, from a `t₀` at which the errors, or
    /// the implicit update, differ from their first order by at most 2 %. *The ball.* With residual `ε` the solver's update is off by `ε‖Δ‖`; the multiplier is then off by
    /// `(λ+1/α)ε`, and the step by `(1+αλ)ε‖Δ‖`; the eigenvalues round by `c u λ`, `c = 64(d+B)`.
    static let levenbergMarquardt = Theorem.from(
        .levenbergMarquardt, title: "Predictive coding as Levenberg–Marquardt",
        statement: #"""
            At the equilibrium of $\frac12\sum\pi_n\lVert e_n\rVert^2$ with clamped output, $S=\sum\pi_n^{-1}J_nJ_n^\top$: \#
            $F^*=\frac12r^\top S^{-1}r+O(\lVert r\rVert^3)$, $e_n=\pi_n^{-1}J_n^\top S^{-1}r+O(\lVert r\rVert^2)$, without remainder in linear \#
            networks, and $\nabla_{W_n}F^*=-J_{n+1}^\top S^{-1}r\,\bar a_n^\top+O(\lVert r\rVert^2)$. \#
            $\Delta_{\rm imp}=\alpha J^\top(I+\alpha K)^{-1}r+O(\lVert r\rVert^2)$, $K=\sum s_nJ_{n+1}J_{n+1}^\top$. A global minimiser of \#
            $P_\alpha$ minimises $L$ over the ball $\lVert\theta-\theta_b\rVert\le\lVert\Delta_{\rm imp}\rVert$.
            """#,
        hypotheses: [
            "Squared error, one example, activations with two continuous derivatives.",
            "The equilibrium is the one that continues the feedforward pass.", "The ball is run on one layer, any mini-batch.",
        ],
        paper: .innocenti2023,
        quantity: "F* − ½rᵀS⁻¹r and eₙ − Jₙᵀ S⁻¹r/πₙ of linear networks; the orders of the four remainders in ‖r‖; "
            + "Δ_imp − the step in its ball",
        bound: "zero; at least 3, 2, 2, 2; zero",
        tolerance: "the gradient left over the curvature, and rounding; the fit's 99 % interval and 0.1; the certificate times 1 + αλ",
        generator: NetworkCases {
            $0.depths = 1...4
            $0.widths = 1...6
            $0.activations = NetworkCases.smoothActivations
            $0.losses = [.squaredError]
            $0.batchSizes = 1...3
            $0.learningRates = 1e-2...1e2
            $0.weightScales = 0.1...2
            $0.degeneracies = [.zeroInput, .oneUnitLayer, .rankDeficient]
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("S without the precisions", .unitPrecisions), ("S without the output's own term", .noOutputTerm),
            ("errors times their precision", .precisionForInverse), ("K without the sₙ", .ratesNotSquared),
            ("a ball of twice the radius", .largerBall),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        if networkCase.architecture.depth == 1 { return try ballMargin(networkCase, variant) }
        let form = try SecondOrderForm(networkCase, variant)
        var worst = WorstMargin()
        if networkCase.architecture.hiddenActivations.allSatisfy({ $0 == .identity }) {
            context.label("linear")
            worst.include(try form.linearMargin())
        }
        let orders = try form.orderMargins(withImplicit: networkCase.seed % 4 == 0)
        context.label("order checked", when: orders.count >= 2)
        for margin in orders { worst.include(margin) }
        return worst.value
    }
}

/// A network at one example with `Jₙ` and `S` at its feedforward pass.
private struct SecondOrderForm {
    private let networkCase: NetworkCase
    private let variant: Variant
    private let network: Network<Double>
    private let input: Matrix<Double>
    private let precisions: PerLayer<Double>
    private let output: OutputJacobians
    private let factor: CholeskyFactorization
    private var activities: PerLayer<Matrix<Double>> { output.activities }
    private var rates: [Matrix<Double>] { output.rates }
    private var jacobians: PerLayer<Matrix<Double>> { output.jacobians }
    private var bounds: PerLayer<Double> { output.bounds }
    private var depth: Int { network.architecture.depth }
    private var target: Matrix<Double> { networkCase.problem.batch.targets.columns(0..<1) }

    init(_ networkCase: NetworkCase, _ variant: Variant) throws {
        let problem = networkCase.problem
        self.networkCase = networkCase
        self.variant = variant
        network = problem.network
        input = problem.batch.inputs.columns(0..<1)
        var random = networkCase.randomGenerator(stream: 5)
        precisions = PerLayer(network.architecture.layers) { _ in Double.exp(2 * random.nextUniform() - 1) }
        output = OutputJacobians(network, input)
        let outputs = network.architecture.outputWidth
        var matrix = Matrix<Double>(rows: outputs, columns: outputs)
        for n in network.architecture.layers where !(variant == .noOutputTerm && n == network.architecture.depth) {
            let precision = variant == .unitPrecisions ? 1 : precisions[n]
            matrix.add(output.jacobians[n].times(output.jacobians[n].transposed), scaledBy: 1 / precision)
        }
        // A mutant's matrix need not be positive definite: then any will do.
        factor = try (try? CholeskyFactorization(matrix)) ?? CholeskyFactorization(.identity(outputs))
    }

    private func inference(towards target: Matrix<Double>) -> SmoothInference {
        SmoothInference(network: network, input: input, precisions: precisions, output: .clamped(target))
    }

    /// `πₙ⁻¹Jₙᵀz`.
    private func error(_ n: Int, _ z: Matrix<Double>) -> Matrix<Double> {
        let scale = variant == .precisionForInverse ? precisions[n] : 1 / precisions[n]
        return scale * jacobians[n].transposed.times(z)
    }

    /// The largest rounding of `eₙ` and of all of them together.
    private func rounding(_ point: PerLayer<Matrix<Double>>, _ inference: SmoothInference) -> Double {
        (0..<depth).reduce(0) { sum, n in
            let weights = network.parameters.layers[n]
            let extended = inference.extendedRates(point, below: n)
            return sum + Double(weights.columns + 4) * unitRoundoff
                * (weights.norm * extended.norm + point[n + 1].norm)
        }
    }

    /// Energy and errors of a linear network against the closed form.
    func linearMargin() throws -> Double {
        let inference = inference(towards: target)
        guard let point = inference.equilibrium() else { throw Discard("Newton's method did not settle") }
        let errors = inference.errors(point)
        let curvature = try SymmetricEigendecomposition(inference.hessian(point)).values[0]
        let widest = network.parameters.layers.map(\.norm).max() ?? 1
        let heaviest = precisions.elements.max() ?? 1
        let local = rounding(point, inference)
        let gradient = inference.gradient(point).elements.reduce(0) { $0 + $1.norm }
            + 2 * (1 + widest) * heaviest * local
        // The closed form, and what rounding does to r and S.
        let residual = target - activities[depth]
        let forward = FeedforwardRounding(network, input).activities[depth].norm + 2 * unitRoundoff * target.norm
        let z = try factor.solve(residual)
        let product = Double(depth * (network.architecture.widths.max() ?? 1) + 8) * unitRoundoff
        let size = bounds.indices.reduce(0) { $0 + bounds[$1] * bounds[$1] / precisions[$1] }
        let zError = precisions[depth] * (forward + 4 * product * size * z.norm)
        var worst = WorstMargin()
        for n in errors.indices {
            let tolerance = (1 + widest) * gradient / curvature + local
                + bounds[n] / precisions[n] * (zError + product * z.norm)
            worst.include(excessMargin((errors[n] - error(n, z)).norm, tolerance: tolerance))
        }
        let energyError = gradient * gradient / curvature / 2
            + errors.elements.reduce(0) { $0 + heaviest * ($1.norm + local) * local }
            + z.norm * forward + residual.norm * zError + 16 * product * inference.energy(point)
        worst.include(margin(inference.energy(point), residual.dot(z) / 2, tolerance: energyError))
        return worst.value
    }

    /// How far the orders of energy, errors, gradient and implicit update fall short, each where rounding does not hide it.
    func orderMargins(withImplicit: Bool) throws -> [Double] {
        let direction = target - activities[depth]
        let size = direction.norm
        guard size > 0 else { return [] }
        // The second order of the errors at t₀ is at most 2 % of the first.
        var start = min(1, 1 / size)
        while start > 1e-6, let found = try deviations(start * direction), found.errors > 0.02 * found.first { start /= 4 }
        var (energy, errors, gradient) = (RemainderOrder(), RemainderOrder(), RemainderOrder())
        for k in 0..<7 {
            let t = start / Double(1 << k)
            guard let found = try deviations(t * direction) else { throw Discard("Newton's method did not settle") }
            energy.include(step: t, value: found.energy, noise: found.noise * found.first)
            errors.include(step: t, value: found.errors, noise: found.noise)
            gradient.include(step: t, value: found.gradient, noise: found.noise * found.rates)
        }
        return [
            energy.margin(atLeast: 3), errors.margin(atLeast: 2), gradient.margin(atLeast: 2),
            withImplicit ? try implicitMargin(direction, from: start) : nil,
        ].compactMap { $0 }
    }

    /// The same for the implicit update, whose own `t₀` is the smaller the larger `α`.
    private func implicitMargin(_ direction: Matrix<Double>, from largest: Double) throws -> Double? {
        var start = largest
        while start > 1e-6, let found = try implicitDeviation(start * direction), found.value > 0.02 * found.size { start /= 4 }
        var order = RemainderOrder()
        for k in 0..<6 {
            let t = start / Double(1 << k)
            guard let found = try implicitDeviation(t * direction) else { return nil }
            order.include(step: t, value: found.value, noise: found.noise)
        }
        return order.margin(atLeast: 2)
    }

    private struct Deviations {
        var (energy, errors, gradient) = (0.0, 0.0, 0.0)
        /// The size of the first order of the errors, of the rates, and the rounding of an error.
        var (first, rates, noise) = (0.0, 0.0, 0.0)
    }

    /// How far all is from its leading order for a residual `r`; nil if Newton's method does not settle.
    private func deviations(_ residual: Matrix<Double>) throws -> Deviations? {
        let inference = inference(towards: activities[depth] + residual)
        guard let point = inference.equilibrium() else { return nil }
        let found = inference.errors(point)
        let z = try factor.solve(residual)
        var result = Deviations()
        result.energy = abs(inference.energy(point) - residual.dot(z) / 2)
        for n in found.indices {
            let expected = error(n, z)
            result.first += expected.norm * max(1, precisions[n])
            result.errors += (found[n] - expected).norm
            let below = inference.extendedRates(point, below: n - 1)
            let local = precisions[n] * found[n].times(below.transposed)
            result.gradient += (local - precisions[n] * expected.times(rates[n - 1].transposed)).norm
            result.rates = max(result.rates, below.norm * max(1, precisions[n]))
        }
        result.noise = rounding(point, inference)
        return result
    }

    /// `‖Δ_imp − αJᵀ(I + αK)⁻¹r‖` and what the solve and rounding can have added to it.
    private func implicitDeviation(_ residual: Matrix<Double>) throws -> (value: Double, size: Double, noise: Double)? {
        let alpha = networkCase.alpha
        let problem = try ProximalProblem(
            network: network, batch: Batch(inputs: input, targets: activities[depth] + residual), loss: .squaredError,
            learningRate: alpha)
        guard let exact = try? NetworkCase(problem: problem).exactUpdate() else { return nil }
        var system = Matrix<Double>.identity(residual.rows)
        for n in 0..<depth {
            let share = variant == .ratesNotSquared ? 1 : rates[n].squaredNorm
            system.add(jacobians[n + 1].times(jacobians[n + 1].transposed), scaledBy: alpha * share)
        }
        let z = try CholeskyFactorization(system).solve(residual)
        var (square, size) = (0.0, 0.0)
        for n in 0..<depth {
            let expected = alpha * jacobians[n + 1].transposed.times(z).times(rates[n].transposed)
            square += (exact.update.layers[n] - expected).squaredNorm
            size += expected.norm
        }
        // A residual ε is an error of at most ε‖Δ‖ times ‖(I + αH)⁻¹‖, near 1 as H is nearly JᵀJ.
        let forward = FeedforwardRounding(network, input).activities[depth].norm
        return (square.squareRoot(), size, 4 * exact.implicitResidual * size + size * forward / residual.norm)
    }
}

/// One layer: the minimiser of `L` over the ball of the implicit step's radius, by its secular equation, is that step.
private func ballMargin(_ networkCase: NetworkCase, _ variant: Variant) throws -> Double {
    let problem = networkCase.problem
    let exact = try networkCase.exactUpdate()
    let examples = Double(problem.batch.size)
    let input = problem.batch.inputs.extended(networkCase.architecture.biases[0])
    let residual = problem.batch.targets - problem.network.parameters.layers[0].times(input)
    let gram = (1 / examples) * input.times(input.transposed)
    let spectrum = try SymmetricEigendecomposition(gram)
    // −g in the eigenvectors' coordinates; D(μ) divides its columns by λ + μ.
    let descent = (1 / examples) * residual.times(input.transposed).times(spectrum.vectors)
    func step(_ multiplier: Double) -> Matrix<Double> {
        Matrix(rows: descent.rows, columns: descent.columns) { descent[$0, $1] / (max(0, spectrum.values[$1]) + multiplier) }
    }
    let radius = exact.update.norm * (variant == .largerBall ? 2 : 1)
    // ‖D(μ)‖ falls in μ: bisection on its logarithm. Where even μ → 0 stays inside the ball there is nothing to bind.
    var (low, high) = (1e-12 / networkCase.alpha, 1e12 / networkCase.alpha)
    for _ in 0..<200 {
        let middle = (low * high).squareRoot()
        if step(middle).norm > radius { low = middle } else { high = middle }
    }
    let found = step(high).times(spectrum.vectors.transposed)
    let stiffness = 1 + networkCase.alpha * max(0, spectrum.values.last ?? 0)
    let roundings = 64 * Double(input.rows + problem.batch.size) * unitRoundoff * stiffness
    let sizes = problem.network.parameters.layers[0].norm * input.norm + problem.batch.targets.norm
    let forward = roundings * networkCase.alpha / examples * sizes * input.norm
    return excessMargin(
        (found - exact.update.layers[0]).norm,
        tolerance: stiffness * ((exact.implicitResidual + roundings) * exact.update.norm + forward))
}
