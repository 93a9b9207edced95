internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, singlePaths, stepAhead, sequential, gradientSign }

extension Theorem {
    /// T22: inference with fixed predictions, step by step in plain loops, against the binomial share of the backward
    /// pass; the exact zeros and the leading order of `il` itself.
    ///
    /// **Tolerance.** With `A_n = φ′_n W_nᵀ` and `B_n = ‖δ_N‖Π_{m≥n}‖A_m‖`, every error of layer `n` is at most `B_n`, as
    /// a step is a convex combination (`γ ≤ 1`). A product rounds by `c = (d+4)u` and a step by `3u` relative to `B_n`, so
    /// the relative error of all layers grows by at most `c + 3u` with each step; the backward pass adds `(N−n)c`, the
    /// sum of the tail `8Tu`. The zeros are exact: a step that adds `γ·0` leaves its activity, and the prediction of the
    /// same rates has the same bits. The order: as in T13, at least 1 up to the fit's interval and 0.1, from remainders
    /// that are 1000 times above the rounding of the errors divided by `γ^{N−n}`. The steps begin at `0.02/(Tλ)`, where
    /// `λ ≥ ‖∇²F‖` bounds what one step mixes (T25), so that the next order is at most some 2 % of the first.
    static let earlyInference = Theorem.from(
        .earlyInference, title: "Early inference is a binomial filter",
        statement: #"""
            Simultaneous Euler steps of size $\gamma$ from the feedforward pass, unit precisions, given output error. With \#
            predictions and slopes fixed at the feedforward pass, $e_n(T)=\Pr[\mathrm{Bin}(T,\gamma)\ge N-n]\,\delta_n$, \#
            $\delta_n=-\partial L/\partial h_n$. Without, $e_n(T)=0$ for $T<N-n$, and \#
            $e_n(T)=\binom T{N-n}\gamma^{N-n}\delta_n+O(\gamma^{N-n+1})$.
            """#,
        hypotheses: ["$0<\\gamma\\le1$.", "The order: activations with two continuous derivatives."],
        paper: .ours,
        quantity: "e(T) − P[Bin ≥ N−n]δ with fixed predictions; il's errors below the layers reached; the order of "
            + "eₙ/γ^{N−n} − C(T, N−n)δₙ in γ",
        bound: "zero; exactly zero; at least 1",
        tolerance: "rounding of T products in units of ‖δ_N‖Π‖φ′Wᵀ‖; none; the fit's 99 % interval and 0.1",
        generator: NetworkCases {
            $0.depths = 1...6
            $0.weightScales = 0.1...3
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("paths counted once, C(T,k)γ^k", .singlePaths), ("one layer further than reached", .stepAhead),
            ("layers one after the other", .sequential), ("the sign of the gradient", .gradientSign),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        var random = networkCase.randomGenerator(stream: 3)
        let steps = 1 + Int(12 * random.nextUniform())
        let size = random.nextUniform() < 0.2 ? 1 : 1 - random.nextUniform()
        context.label("γ = 1", when: size == 1)
        let filter = FixedPredictions(networkCase, isSequential: variant == .sequential)
        var worst = WorstMargin()
        worst.include(filter.margin(steps: steps, size: size, variant))
        worst.include(unreachedMargin(networkCase, steps: steps, size: size, variant))
        if let fit = leadingOrder(networkCase, filter, steps: steps, variant) {
            context.label("order checked")
            worst.include(excessMargin(1 - fit.slope, tolerance: fit.halfWidth + 0.1))
        }
        return worst.value
    }
}

extension Variant {
    /// `P[Bin(T, γ) ≥ k]`, by its sum.
    func share(_ steps: Int, _ size: Double, _ distance: Int) -> Double {
        let least = self == .stepAhead ? max(0, distance - 1) : distance
        guard least <= steps else { return 0 }
        let last = self == .singlePaths ? least : steps
        return (least...last).reduce(0) { sum, j in
            let failures = self == .singlePaths ? 1 : Double.pow(1 - size, steps - j)
            return sum + binomial(steps, j) * Double.pow(size, j) * failures
        }
    }
}

private func binomial(_ n: Int, _ k: Int) -> Double {
    guard k <= n else { return 0 }
    return (0..<k).reduce(1) { $0 * Double(n - $1) / Double($1 + 1) }
}

/// Inference whose predictions and slopes stay at the feedforward pass, and the backward pass it tends to.
private struct FixedPredictions {
    /// `δ₁ … δ_N` and `B₁ … B_N`.
    let gradients: PerLayer<Matrix<Double>>
    private let bounds: PerLayer<Double>
    private let slopes: PerLayer<Matrix<Double>>
    /// `W₁ᵀ … W_{N−1}ᵀ`, without biases.
    private let transposes: PerLayer<Matrix<Double>>
    private let isSequential: Bool
    private var depth: Int { gradients.endIndex - 1 }

    init(_ networkCase: NetworkCase, isSequential: Bool) {
        let problem = networkCase.problem
        let pass = problem.linearization(after: .zero(problem))
        let architecture = networkCase.architecture
        gradients = pass.errors.mapValues { -1 * $0 }
        slopes = pass.slopes
        transposes = PerLayer(architecture.hiddenLayers) {
            problem.network.parameters.layers[$0].columns(0..<architecture.widths[$0]).transposed
        }
        var bounds = gradients.mapValues(\.norm)
        for n in architecture.hiddenLayers.reversed() {
            bounds[n] = slopes[n].maximumMagnitude * transposes[n].norm * bounds[n + 1]
        }
        self.bounds = bounds
        self.isSequential = isSequential
    }

    /// `λ = (1 + max Lφ‖W‖)² + max φ″‖W‖B`, a bound on the curvature of the energy near the feedforward pass.
    func smoothness(_ networkCase: NetworkCase) -> Double {
        var (gain, bend) = (0.0, 0.0)
        for n in slopes.indices {
            let activation = networkCase.architecture.activation(ofLayer: n)
            gain = max(gain, activation.lipschitzConstant * transposes[n].norm)
            bend = max(bend, (activation.curvatureBound ?? 0) * transposes[n].norm * bounds[n + 1])
        }
        return (1 + gain) * (1 + gain) + bend
    }

    /// The errors after some steps.
    private func errors(steps: Int, size: Double) -> PerLayer<Matrix<Double>> {
        var errors = gradients
        for n in slopes.indices { errors[n].scale(by: 0) }
        for _ in 0..<steps {
            let before = errors
            for n in slopes.indices.reversed() {
                let above = isSequential ? errors[n + 1] : before[n + 1]
                let feedback = transposes[n].times(above).scaled(elementwise: slopes[n])
                errors[n] = before[n] + size * (feedback - before[n])
            }
        }
        return errors
    }

    func margin(steps: Int, size: Double, _ variant: Variant) -> Double {
        let found = errors(steps: steps, size: size)
        let widest = gradients.elements.map(\.rows).max() ?? 1
        let rounding = Double(steps + depth) * Double(widest + 8) + Double(8 * steps)
        var worst = WorstMargin()
        for n in found.indices {
            let share = variant.share(steps, size, depth - n) * (variant == .gradientSign ? -1 : 1)
            worst.include(excessMargin(
                (found[n] - share * gradients[n]).norm, tolerance: rounding * unitRoundoff * bounds[n]))
        }
        return worst.value
    }
}

/// `e₁ … e_N` of `il` after some steps, and what their rounding is at most.
private struct StandardErrors {
    let errors: PerLayer<Matrix<Double>>
    let rounding: Double

    init(_ networkCase: NetworkCase, steps: Int, size: Double) {
        let problem = networkCase.problem
        var state = InferenceState<Double>(
            architecture: networkCase.architecture, examples: problem.batch.size)
        InferenceLearning.standard(steps: steps, stepSize: size).infer(
            LearningProblem(problem), in: &state)
        errors = state.errors
        rounding = problem.network.parameters.layers.indices.reduce(0) { sum, n in
            let weights = problem.network.parameters.layers[n]
            return sum + Double(steps * (weights.columns + 4)) * unitRoundoff
                * (weights.norm * (state.rates[n].norm + 1) + state.activities[n + 1].norm)
        }
    }
}

/// Errors of `il` in layers that `steps` steps do not reach must be zero to the last bit.
private func unreachedMargin(_ networkCase: NetworkCase, steps: Int, size: Double, _ variant: Variant) -> Double {
    let depth = networkCase.architecture.depth
    let found = StandardErrors(networkCase, steps: steps, size: size).errors
    let unreached = networkCase.architecture.hiddenLayers.filter {
        variant == .stepAhead ? steps <= depth - $0 : steps < depth - $0
    }
    return unreached.allSatisfy { found[$0].maximumMagnitude == 0 } ? 0 : .infinity
}

/// The order of `eₙ/γ^{N−n} − C(T, N−n)δₙ` over seven `γ`, for the lowest hidden layer `n` where rounding does not hide it;
/// nil where there is none.
private func leadingOrder(
    _ networkCase: NetworkCase, _ filter: FixedPredictions, steps: Int, _ variant: Variant
) -> LogLogSlope? {
    let architecture = networkCase.architecture
    guard !architecture.hasKinks else { return nil }
    return architecture.hiddenLayers.lazy.filter { architecture.depth - $0 <= steps }
        .compactMap { leadingOrder(ofLayer: $0, networkCase, filter, steps: steps, variant) }.first
}

private func leadingOrder(
    ofLayer n: Int, _ networkCase: NetworkCase, _ filter: FixedPredictions, steps: Int, _ variant: Variant
) -> LogLogSlope? {
    let distance = networkCase.architecture.depth - n
    let sign = variant == .gradientSign ? -1.0 : 1
    let expected = (sign * binomial(steps, distance)) * filter.gradients[n]
    var sizes: [Double] = []
    var remainders: [Double] = []
    for k in 0..<7 {
        let size = 0.02 / (Double(steps) * filter.smoothness(networkCase) * Double(1 << k))
        let found = StandardErrors(networkCase, steps: steps, size: size)
        let scale = Double.pow(size, distance)
        let remainder = ((1 / scale) * found.errors[n] - expected).norm
        if remainder > 1000 * found.rounding / scale {
            sizes.append(size)
            remainders.append(remainder)
        }
    }
    return LogLogSlope(sizes, remainders)
}
