internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, simultaneous, errorsAfterwards, oneFactorMore, gradientSign }

extension Theorem {
    /// T23: the sweep in plain loops over the layers' own states, each error read when the sweep comes to it, against the
    /// backward pass; then the order of what the errors of the final states differ by.
    ///
    /// **Tolerance.** A layer's step rounds by `(d+8)u` of `B_n = ‖δ_N‖Π_{m≥n}‖φ′_mW_mᵀ‖` as in T22, once each layer, plus the
    /// difference `h − p` of a state that has moved by `γ^{N−n}δ_n`: `2u(‖h_n‖ + ‖p_n‖)`, which the layers below receive times
    /// `γ‖φ′Wᵀ‖`. The order: as `RemainderOrder` says, of `(e_n − γ^{N−n}δ_n)/γ^{N−n}` for the lowest layer whose prediction moves.
    static let reverseSweep = Theorem.from(
        .reverseSweep, title: "The first reverse sweep is backpropagation with powers of γ",
        statement: #"""
            From the feedforward pass let the hidden layers, from the output down, each take one step of size $\gamma$ (unit \#
            precisions), the error above being read after that layer has moved. Read during the sweep, $e_n=\gamma^{N-n}\delta_n$ \#
            exactly, $\delta_n=-\partial L/\partial h_n$; $\gamma=1$ is BP. With the final activities $e_n=\gamma^{N-n}\delta_n+O(\gamma^{N-n+1})$.
            """#,
        hypotheses: ["$0<\\gamma\\le1$.", "The output error is $-\\nabla\\ell$ at the prediction.", "The order: smooth activations."],
        paper: .alonso2023, quantity: "eₙ during the sweep − γ^{N−n}δₙ; the order in γ of the difference afterwards",
        bound: "zero; at least 1 beyond the leading power", tolerance: "rounding of N products and differences; the fit's 99 % interval and 0.1",
        generator: NetworkCases {
            $0.depths = 2...6
            $0.weightScales = 0.1...3
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("all layers at once", .simultaneous), ("errors read after the sweep", .errorsAfterwards),
            ("one power of γ more", .oneFactorMore), ("the sign of the gradient", .gradientSign),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        var random = networkCase.randomGenerator(stream: 6)
        let size = random.nextUniform() < 0.2 ? 1 : 1 - random.nextUniform()
        context.label("γ = 1", when: size == 1)
        let problem = networkCase.problem
        let pass = problem.linearization(after: .zero(problem))
        let sweep = ReverseSweep(networkCase, size: size, isSimultaneous: variant == .simultaneous)
        let errors = variant == .errorsAfterwards ? sweep.errorsAfterwards : sweep.errors
        let depth = networkCase.architecture.depth
        var worst = WorstMargin()
        for n in networkCase.architecture.hiddenLayers {
            let power = Double.pow(size, depth - n + (variant == .oneFactorMore ? 1 : 0))
            let sign = variant == .gradientSign ? 1.0 : -1
            worst.include(excessMargin(
                (errors[n] - (sign * power) * pass.errors[n]).norm, tolerance: sweep.rounding[n]))
        }
        guard depth > 2, !networkCase.architecture.hasKinks, variant == .correct else { return worst.value }
        // The lowest hidden layer's prediction does not move; the next one's does.
        var order = RemainderOrder()
        for k in 0..<8 {
            let step = 0.05 / Double(1 << k)
            let sweep = ReverseSweep(networkCase, size: step, isSimultaneous: false)
            let power = Double.pow(step, depth - 2)
            let remainder = (sweep.errorsAfterwards[2] + power * pass.errors[2]).norm
            order.include(step: step, value: remainder / power, noise: sweep.rounding[2] / power)
        }
        if let margin = order.margin(atLeast: 1) {
            context.label("order checked")
            worst.include(margin)
        }
        return worst.value
    }
}

/// One reverse sweep in plain loops.
private struct ReverseSweep {
    /// `e₁ … e_N` as read during the sweep, and with the final activities.
    private(set) var errors: PerLayer<Matrix<Double>>
    let errorsAfterwards: PerLayer<Matrix<Double>>
    /// Bounds on the rounding of the former.
    private(set) var rounding: PerLayer<Double>

    init(_ networkCase: NetworkCase, size: Double, isSimultaneous: Bool) {
        let problem = networkCase.problem
        let architecture = networkCase.architecture
        let depth = architecture.depth
        let weights = problem.network.parameters.layers
        let pass = problem.linearization(after: .zero(problem))
        var activities = ReferencePass(problem, weights: problem.network.parameters).activities
        let predictions = activities
        var errors = pass.errors.mapValues { 0 * $0 }
        errors[depth] = -1 * pass.errors[depth]
        var rounding = errors.mapValues { _ in 0.0 }
        rounding[depth] = 8 * unitRoundoff * (errors[depth].norm + predictions[depth].norm + problem.batch.targets.norm)
        var bound = errors[depth].norm
        for n in architecture.hiddenLayers.reversed() {
            let own = weights[n].columns(0..<architecture.widths[n])
            let slopes = pass.slopes[n]
            let above = isSimultaneous && n + 1 < depth ? 0 * errors[n + 1] : errors[n + 1]
            let feedback = own.transposed.times(above).scaled(elementwise: slopes)
            let gain = slopes.maximumMagnitude * own.norm
            bound *= gain
            activities[n].add(feedback, scaledBy: size)
            errors[n] = activities[n] - predictions[n]
            let power = Double.pow(size, depth - n)
            rounding[n] = size * gain * rounding[n + 1]
                + power * 4 * Double(depth - n) * Double(own.rows + 16) * unitRoundoff * bound
                + 4 * unitRoundoff * (activities[n].norm + predictions[n].norm)
        }
        var afterwards = errors
        for n in architecture.hiddenLayers.dropFirst() {
            let extended = networkCase.extendedRates(activities, below: n - 1)
            afterwards[n] = activities[n] - weights[n - 1].times(extended)
        }
        self.errors = errors
        self.rounding = rounding
        errorsAfterwards = afterwards
    }
}
