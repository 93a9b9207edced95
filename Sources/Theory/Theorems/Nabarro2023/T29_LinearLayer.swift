internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, summedLoss, explicitStep, firstExample, priorTwice }

extension Theorem {
    /// T29: the production's exact update, recursive least squares, and the sums of the messages of Gaussian belief
    /// propagation on a star, for one linear layer.
    ///
    /// The mean loss is the negative logarithm of normal observations with noise variance `B`. On a star with one vector node,
    /// each factor sends `āāᵀ/B` and `hāᵀ/B` once, and the node adds them to its prior `I/α`, `W_b/α`.
    ///
    /// **Tolerance.** That of `RecursiveLeastSquares`; the sums are solved with `I/α + ĀĀᵀ/B`, of condition at most `κ`, the
    /// exact update has its own residual: `I + αĀĀᵀ/B ⪰ I`, so it is off by at most the residual times its length.
    static let linearLayer = Theorem.from(
        .linearLayer, title: "One linear layer: three algorithms, one update",
        statement: #"""
            For one linear layer with squared error and one vector node for each row of $W$, Gaussian belief propagation, \#
            recursive least squares and the mini-batch implicit step are the same update, and the first two have the same \#
            covariance $(I/\alpha+\bar A\bar A^\top/B)^{-1}$.
            """#,
        hypotheses: ["One layer, squared error; $\\alpha\\lVert\\bar A\\rVert^2/B\\le10^4$."], paper: .nabarro2023,
        quantity: "W of recursive least squares − θ⁺; W and C of the messages' sums − those of recursive least squares",
        bound: "zero", tolerance: "rounding of the downdates of C, κ² at most, and the certificate of the exact update",
        generator: NetworkCases.linearLayer.generator(), describe: \.description, correct: Variant.correct,
        mutants: [
            ("noise of the summed loss", .summedLoss), ("the explicit step", .explicitStep),
            ("only the first example", .firstExample), ("the prior counted twice", .priorTwice),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        let base = problem.network.parameters.layers[0]
        var rates = problem.batch.inputs.extended(networkCase.architecture.biases[0])
        var targets = problem.batch.targets
        let (alpha, examples) = (problem.learningRate, Double(rates.columns))
        if variant == .firstExample { (rates, targets) = (rates.columns(0..<1), targets.columns(0..<1)) }
        let noise = variant == .summedLoss ? 1 : examples
        let filter = try RecursiveLeastSquares(
            prior: base, variance: alpha, rates: rates, activities: targets, noise: noise)
        var worst = WorstMargin()
        let tolerance = filter.relativeError * filter.scale

        // The mini-batch implicit step, which sees the case and nothing of the above.
        try assume(problem.lossBefore > 0, "nothing to learn")
        let step = variant == .explicitStep ? problem.explicitStep : try networkCase.implicitStep()
        let exact = base + step.layers[0]
        let residual = 1e-10 * step.norm
        worst.include(excessMargin((filter.mean - exact).norm, tolerance: tolerance + residual))

        // The messages' sums.
        let prior = (variant == .priorTwice ? 2 : 1) / alpha
        let information = prior * .identity(rates.rows) + (1 / noise) * rates.times(rates.transposed)
        let factor = try CholeskyFactorization(information)
        let weighted = prior * base + (1 / noise) * targets.times(rates.transposed)
        worst.include(excessMargin(
            (try factor.solve(weighted.transposed).transposed - filter.mean).norm, tolerance: 2 * tolerance))
        worst.include(excessMargin(
            (try factor.solve(.identity(rates.rows)) - filter.covariance).norm,
            tolerance: 2 * filter.relativeError * alpha * Double(rates.rows)))
        return worst.value
    }
}

extension NetworkCase {
    /// The exact update by the solver over weights, which takes any mini-batch.
    fileprivate func implicitStep() throws -> Parameters<Double> {
        let report = try WeightSpaceDenseSolver(options: SolverOptions(tolerance: 1e-11)).solve(problem)
        try assume(report.implicitResidual <= 1e-10, "the solver stopped short")
        return report.update
    }
}
