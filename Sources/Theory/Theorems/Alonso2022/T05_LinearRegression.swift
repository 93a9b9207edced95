internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, noLearningRate, biasMissing, explicitFactor, halfStep }

extension Variant {
    /// The factor `c` of `Δ = c(y − Wx)xᵀ`.
    func factor(alpha: Double, s: Double, hasBias: Bool) -> Double {
        switch self {
        case .correct: alpha / (1 + alpha * s)
        case .noLearningRate: 1 / s
        case .biasMissing: alpha / (1 + alpha * (s - (hasBias ? 1 : 0)))
        case .explicitFactor: alpha
        case .halfStep: alpha / (1 + alpha * s / 2)
        }
    }
}

extension Theorem {
    /// T5: the closed form against the activity-space solver and against `il-prox` with the output at its
    /// proximal point; then the two contraction factors, measured by a feedforward pass in plain loops after
    /// the steps that the production makes, and the threshold 2.
    ///
    /// **Tolerance.** With `r = y − Wx` known to `δr = (d+4)u(|W||x̄| + |y|)`, the closed form is known to
    /// `c‖δr‖‖x̄‖` and 8u of itself. A solver's update with implicit residual ε is off by at most `ε‖Δ‖`, since
    /// `Δ` solves `(I + αH)Δ = −αg` with `H ⪰ 0`. A residual after a step is off by the step's error times
    /// `‖x̄‖`, and by `(d+4)u(|W⁺||x̄| + |y|)`.
    static let linearRegression = Theorem.from(
        .linearRegression, title: "Linear regression",
        statement: #"""
            One linear layer, squared error: $\Delta_{\rm imp}=\frac{\alpha}{1+\alpha\lVert x\rVert^2}(y-W_bx)x^\top$. \#
            The implicit step multiplies the residual by $1/(1+\alpha\lVert x\rVert^2)$, the explicit one by \#
            $1-\alpha\lVert x\rVert^2$, which grows exactly when $\alpha\lVert x\rVert^2>2$.
            """#,
        hypotheses: ["One layer, squared error, mini-batch 1, x̄ ≠ 0."],
        paper: .alonso2022,
        quantity: "closed form − solver's update; closed form − il-prox; residuals after the two steps; whether the explicit residual grew",
        bound: "zero", tolerance: "rounding of the residual y − Wx times c‖x‖, and the solve's certificate",
        generator: NetworkCases {
            $0.depths = 1...1
            $0.losses = [.squaredError]
            $0.batchSizes = 1...1
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("NLMS without α", .noLearningRate), ("‖x‖² without the bias", .biasMissing),
            ("the explicit step", .explicitFactor), ("1 + αs/2", .halfStep),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        let alpha = problem.learningRate
        let hasBias = networkCase.architecture.biases[0]
        let input = problem.batch.inputs.extended(hasBias)
        let weights = problem.network.parameters.layers[0]
        let (target, s) = (problem.batch.targets, input.squaredNorm)
        try assume(s > 0, "input zero, no bias")
        func residual(_ weights: Matrix<Double>) -> (value: Matrix<Double>, error: Double) {
            let sizes = weights.mapped(abs).times(input.mapped(abs)) + target.mapped(abs)
            return (
                target - weights.times(input),
                Double(weights.columns + 4) * unitRoundoff * sizes.norm
            )
        }
        let before = residual(weights)
        let factor = variant.factor(alpha: alpha, s: s, hasBias: hasBias)
        let closed = factor * before.value.times(input.transposed)
        let exactFactor = alpha / (1 + alpha * s)
        let closedError =
            exactFactor * before.error * s.squareRoot() + 16 * unitRoundoff * closed.norm
        var worst = WorstMargin()
        do {
            let report = try networkCase.exactUpdate()
            let solverError = report.implicitResidual * report.update.norm + closedError
            worst.include(margin((report.update.layers[0] - closed).norm, 0, tolerance: 4 * solverError))
        } catch is Discard {
            // A target that is the output to rounding: the rest needs no exact update.
            context.label("solve without certificate")
        }
        let rule = EquilibriumInferenceLearning.proximal()
        let learning = LearningProblem(problem)
        let proximal = try rule.step(learning).update.layers[0]
        worst.include(margin((proximal - closed).norm, 0, tolerance: 8 * closedError))

        let implicitAfter = residual(weights + closed)
        let kept = 1 / (1 + alpha * s)
        let implicitError = before.error + implicitAfter.error + 4 * closedError * s.squareRoot()
        worst.include(
            margin((implicitAfter.value - kept * before.value).norm, 0, tolerance: implicitError))
        let explicit = try Backpropagation().step(learning).update.layers[0]
        let explicitAfter = residual(weights + explicit)
        let explicitFactor = 1 - alpha * s
        let explicitError =
            (2 + 2 * alpha * s) * before.error + 2 * explicitAfter.error
            + 16 * unitRoundoff * (1 + alpha * s) * before.value.norm
        worst.include(
            margin(
                (explicitAfter.value - explicitFactor * before.value).norm, 0, tolerance: explicitError))
        // Which side of 2, where rounding does not decide.
        let change = explicitAfter.value.norm - before.value.norm
        if abs(change) > explicitError {
            context.label("explicit step diverges", when: alpha * s > 2)
            worst.include((change > 0) == (alpha * s > 2) ? 0 : .infinity)
        }
        return worst.value
    }
}
