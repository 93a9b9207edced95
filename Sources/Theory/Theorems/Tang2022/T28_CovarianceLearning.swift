internal import LinearAlgebra
internal import PropertyTesting

/// A covariance, which units are observed, and what was observed.
private struct Retrieval: Sendable, CustomStringConvertible {
    let covariance: Matrix<Double>
    let observed: Int
    let memory: Matrix<Double>

    var description: String { "Σ = \(covariance.elements), first \(observed) observed, x = \(memory.elements)" }

    static let generator = Generator<Retrieval> { source in
        let units = try source.draw(.int(in: 2...8))
        let samples = try source.draw(.int(in: units...(2 * units)))
        let factor = try source.matrix(units, samples, .gaussian())
        let floor = try source.draw(.logUniform(in: 1e-3...1))
        let scales = try source.draw(.array(of: .logUniform(in: 0.1...10), count: units))
        let scaled = Matrix<Double>(rows: units, columns: samples) { scales[$0] * factor[$0, $1] }
        let noise = Matrix<Double>(rows: units, columns: units) { $0 == $1 ? floor : 0 }
        return Retrieval(
            covariance: (1 / Double(samples)) * scaled.times(scaled.transposed) + noise,
            observed: try source.draw(.int(in: 1...(units - 1))),
            memory: try source.matrix(units, 1, .gaussian()))
    }
}

private enum Variant: Sendable { case correct, squaredError, transposed, marginal, selfPrediction }

extension Theorem {
    /// T28: row regressions by normal equations against the precision matrix, and retrieval by the learned weights
    /// against the conditional mean, each by a solve of its own.
    ///
    /// **Tolerance.** With `κ` the condition of `Σ`, a regression and a row of `P` are off by `c u κ` relative to
    /// themselves, `c = 8(d+4)²` for the solves of order `d`. `I − W = diag(P)⁻¹P`, so its block of missing units has an inverse of
    /// norm at most `max P_ii‖Σ‖ ≤ κ`, and retrieval is off by `κ` times the error of `W` and of the right side.
    static let covarianceLearning = Theorem.from(
        .covarianceLearning, title: "Covariance learning retrieves conditional means",
        statement: #"""
            Units that predict each other, not themselves, learn $W=I-\operatorname{diag}(P)^{-1}P$, $P=\Sigma^{-1}$. With \#
            some units held, the errors $x-Wx$ of the others vanish exactly at their conditional mean \#
            $\Sigma_{mo}\Sigma_{oo}^{-1}x_o$.
            """#,
        hypotheses: ["$\\Sigma$ is positive definite (condition at most 10⁶)."], paper: .tang2022,
        quantity: "row regressions − (I − diag(P)⁻¹P); retrieved units − conditional mean", bound: "zero",
        tolerance: "c·u·κ for the solves, and κ of the retrieval's own system on top",
        generator: Retrieval.generator, describe: \.description, correct: Variant.correct,
        mutants: [
            ("retrieval that minimises the squared errors of all units", .squaredError), ("Wᵀ for W", .transposed),
            ("diag(Σ)⁻¹Σ for diag(P)⁻¹P", .marginal), ("units predict themselves a little", .selfPrediction),
        ]
    ) { retrieval, variant, context in
        let (sigma, units, observed) = (retrieval.covariance, retrieval.covariance.rows, retrieval.observed)
        let spectrum = try SymmetricEigendecomposition(sigma).values
        let condition = (spectrum.last ?? 1) / max(spectrum[0], .leastNormalMagnitude)
        try assume(spectrum[0] > 0 && condition <= 1e6, "covariance nearly singular")
        context.label("κ above 100", when: condition > 100)
        let relative = 8 * Double((units + 4) * (units + 4)) * unitRoundoff * condition

        let precision = try CholeskyFactorization(sigma).solve(.identity(units))
        let source = variant == .marginal ? sigma : precision
        let closed = Matrix<Double>(rows: units, columns: units) { i, j in
            (i == j ? 1 : 0) - source[i, j] / source[i, i]
        }
        let learned = try rowRegressions(sigma, ridge: variant == .selfPrediction ? 1e-3 : 0)
        let weightError = relative * (closed.norm + 1)
        var worst = WorstMargin()
        worst.include(excessMargin((learned - closed).norm, tolerance: weightError))

        // Retrieval: (I − W)_mm x_m = −(I − W)_mo x_o, or the normal equations of all errors.
        var field = Matrix<Double>.identity(units) - (variant == .transposed ? learned.transposed : learned)
        if variant == .squaredError { field = field.transposed.times(field) }
        let held = retrieval.memory.rows(0..<observed)
        let found = try LeastNormSolution(
            field.block(observed..<units, observed..<units),
            -1 * field.block(observed..<units, 0..<observed).times(held)).solution
        let expected = sigma.block(observed..<units, 0..<observed).times(
            try CholeskyFactorization(sigma.block(0..<observed, 0..<observed)).solve(held))
        let size = expected.norm + held.norm
        worst.include(excessMargin(
            (found - expected).norm, tolerance: condition * (weightError + relative) * size + relative * size))
        return worst.value
    }
}

/// The weights of each unit's regression on all others, by normal equations; with a ridge, on itself too.
private func rowRegressions(_ sigma: Matrix<Double>, ridge: Double) throws -> Matrix<Double> {
    let units = sigma.rows
    var weights = Matrix<Double>(rows: units, columns: units)
    for i in 0..<units {
        let others = (0..<units).filter { $0 != i }
        let normal = Matrix<Double>(rows: units - 1, columns: units - 1) { sigma[others[$0], others[$1]] }
        let right = Matrix<Double>(rows: units - 1, columns: 1) { row, _ in sigma[others[row], i] }
        let solved = try CholeskyFactorization(normal).solve(right)
        for (k, j) in others.enumerated() { weights[i, j] = (1 - ridge) * solved[k, 0] }
        weights[i, i] = ridge
    }
    return weights
}

extension Matrix<Double> {
    /// The entries of some rows and columns.
    fileprivate func block(_ rows: Range<Int>, _ columns: Range<Int>) -> Matrix {
        Matrix(rows: rows.count, columns: columns.count) { self[rows.lowerBound + $0, columns.lowerBound + $1] }
    }

    fileprivate func rows(_ rows: Range<Int>) -> Matrix { block(rows, 0..<columns) }
}
