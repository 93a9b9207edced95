internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, clampedToGradient, softToWeighted, dividedByHalf, oneSidedTwice }

extension Theorem {
    /// T24: equilibria of a Newton solve of its own at seven strengths of either sign, soft and clamped, against the
    /// backpropagated gradient and the one weighted by `S⁻¹`.
    ///
    /// `h(β)` is a smooth solution through the feedforward pass, so `U(β)/β = U′ + βU″/2 + O(β²)`, and the centred quotient
    /// has no odd term.
    ///
    /// **Tolerance.** As `RemainderOrder` says, beginning at a `β₀` where the one-sided deviation is at most 2 % of the limit. An
    /// error rounds by `ε = (k+4)u(‖W‖‖ā‖ + ‖h‖)` before it is divided by `β`. A limit that is another one leaves a deviation of order
    /// 0, unless both agree to the accuracy of the smallest strength.
    static let nudging = Theorem.from(
        .nudging, title: "Soft nudging tends to BP, clamped nudging does not",
        statement: #"""
            Let $U$ be the local updates at the equilibrium with unit precisions. *Soft* nudging, $+\beta\ell(h_N)$ with a free output: \#
            $U/\beta\to-\nabla L$, with an error of first order one-sided and of second order in $(U(\beta)-U(-\beta))/2\beta$. \#
            *Clamped* nudging, the output held at $\hat y+\beta(y-\hat y)$: $U_n/\beta\to J_{n+1}^\top S^{-1}r\,\bar a_n^\top$ with the \#
            same orders, which is BP only where $S$ is a multiple of the identity on $r$.
            """#,
        hypotheses: [
            "Activations with two continuous derivatives, one example.", "Clamped nudging: squared error.",
            "The equilibria continue the feedforward pass.",
        ],
        paper: .pinchetti2024, quantity: "the orders in β of the one-sided and the centred quotient's deviation from its limit",
        bound: "at least 1 and 2", tolerance: "the fit's 99 % interval and 0.1",
        generator: NetworkCases {
            $0.depths = 2...4
            $0.widths = 1...6
            $0.activations = NetworkCases.smoothActivations
            $0.batchSizes = 1...1
            $0.weightScales = 0.1...2
            $0.degeneracies = [.zeroInput, .oneUnitLayer, .rankDeficient]
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("clamped nudging tends to BP", .clampedToGradient), ("soft nudging to the weighted gradient", .softToWeighted),
            ("the centred quotient by β", .dividedByHalf), ("one-sided of second order", .oneSidedTwice),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let nudging = Nudging(networkCase)
        let soft = variant == .softToWeighted ? try nudging.weightedGradient() : nudging.gradient()
        var worst = WorstMargin()
        for margin in try nudging.orderMargins(clamped: false, limit: soft, variant) { worst.include(margin) }
        guard networkCase.problem.loss == .squaredError else { return worst.value }
        context.label("clamped too")
        let clamped = variant == .clampedToGradient ? nudging.gradient() : try nudging.weightedGradient()
        for margin in try nudging.orderMargins(clamped: true, limit: clamped, variant) { worst.include(margin) }
        return worst.value
    }
}

/// Equilibria of one network at nudged outputs.
private struct Nudging {
    let networkCase: NetworkCase
    let output: OutputJacobians
    private var network: Network<Double> { networkCase.problem.network }
    private var input: Matrix<Double> { networkCase.problem.batch.inputs }
    private var depth: Int { networkCase.architecture.depth }
    private var response: Matrix<Double> { output.activities[depth] }
    private var residual: Matrix<Double> { networkCase.problem.batch.targets - response }

    init(_ networkCase: NetworkCase) {
        self.networkCase = networkCase
        output = OutputJacobians(networkCase.problem.network, networkCase.problem.batch.inputs)
    }

    /// `−∇L`, layer by layer.
    func gradient() -> Parameters<Double> {
        var error = response
        networkCase.problem.loss.gradient(response, targets: networkCase.problem.batch.targets, into: &error)
        return update(-1 * error)
    }

    /// `Jₙ₊₁ᵀS⁻¹r āₙᵀ`.
    func weightedGradient() throws -> Parameters<Double> {
        update(try CholeskyFactorization(output.secondOrder).solve(residual))
    }

    private func update(_ error: Matrix<Double>) -> Parameters<Double> {
        Parameters(layers: (0..<depth).map {
            output.jacobians[$0 + 1].transposed.times(error).times(output.rates[$0].transposed)
        })
    }

    /// `U(β)` and what rounding can have done to it; nil where Newton's method does not settle.
    private func local(_ strength: Double, clamped: Bool) -> (update: Parameters<Double>, noise: Double)? {
        let inference = SmoothInference(
            network: network, input: input, precisions: PerLayer(networkCase.architecture.layers) { _ in 1 },
            output: clamped
                ? .clamped(response + strength * residual)
                : .free(networkCase.problem.loss, target: networkCase.problem.batch.targets, strength: strength))
        guard let point = inference.equilibrium() else { return nil }
        let errors = inference.errors(point)
        var noise = 0.0
        let layers = (0..<depth).map { n in
            let extended = inference.extendedRates(point, below: n)
            let weights = network.parameters.layers[n]
            noise += Double(weights.columns + 4) * unitRoundoff
                * (weights.norm * extended.norm + point[n + 1].norm) * max(1, extended.norm)
            return errors[n + 1].times(extended.transposed)
        }
        return (Parameters(layers: layers), noise)
    }

    /// How far both orders fall short, where rounding does not hide them.
    func orderMargins(clamped: Bool, limit: Parameters<Double>, _ variant: Variant) throws -> [Double] {
        let size = limit.norm
        guard size > 0 else { return [] }
        var start = 0.5
        while start > 1e-4, let found = local(start, clamped: clamped),
            ((1 / start) * found.update - limit).norm > 0.02 * size
        { start /= 4 }
        var (oneSided, centred) = (RemainderOrder(), RemainderOrder())
        for k in 0..<7 {
            let strength = start / Double(1 << k)
            guard let up = local(strength, clamped: clamped), let down = local(-strength, clamped: clamped) else {
                throw Discard("Newton's method did not settle")
            }
            let noise = (up.noise + down.noise) / strength + 8 * unitRoundoff * size
            oneSided.include(step: strength, value: ((1 / strength) * up.update - limit).norm, noise: noise)
            let divisor = (variant == .dividedByHalf ? 1 : 2) * strength
            centred.include(
                step: strength, value: ((1 / divisor) * (up.update - down.update) - limit).norm, noise: noise)
        }
        return [oneSided.margin(atLeast: variant == .oneSidedTwice ? 2 : 1), centred.margin(atLeast: 2)].compactMap { $0 }
    }
}
