internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness

/// An equation `DF = E` for the update of one layer: rates `F` and errors `E`, one example in each
/// column.
private struct LayerEquation: Sendable, CustomStringConvertible {
    let rates: Matrix<Double>
    let errors: Matrix<Double>
    let seed: UInt64

    var description: String { "F = \(rates.shape) \(rates.elements), E = \(errors.shape) \(errors.elements)" }

    static let generator = Generator<LayerEquation> { source in
        let columns = try source.draw(.int(in: 1...12))
        let rows = try source.draw(.int(in: 1...12))
        let examples = try source.draw(.int(in: 1...min(columns, 8)))
        let seed = UInt64(try source.draw(.int(in: 0...999)))
        let scale = try source.draw(.logUniform(in: 1e-3...1e3))
        let closeness = try source.draw(.optional(.logUniform(in: 1e-4...1)))
        var rates = scale * (try source.matrix(columns, examples, .gaussian()))
        if let closeness {
            // All examples near the first one.
            for j in 1..<max(1, examples) {
                for i in 0..<columns {
                    rates[i, j] = rates[i, 0] + closeness * rates[i, j]
                }
            }
        }
        return LayerEquation(
            rates: rates, errors: try source.matrix(rows, examples, .gaussian()), seed: seed)
    }
}

private enum Variant: Sendable { case correct, damped, batchMean, orthogonalExamples, notLeast }

extension Variant {
    /// `D*`, the update that the theorem is about.
    func update(_ equation: LayerEquation, _ gram: GramFactor, nullPart: Matrix<Double>) -> Matrix<Double> {
        let (rates, errors) = (equation.rates, equation.errors)
        var responses = errors
        switch self {
        case .correct, .notLeast: gram.applyInverse(fromRightTo: errors, into: &responses)
        case .damped: responses.scale(by: 1 / (1 + rates.squaredNorm / Double(rates.columns)))
        case .batchMean: responses.scale(by: 1 / rates.squaredNorm)
        case .orthogonalExamples:
            for j in 0..<errors.columns {
                for i in 0..<errors.rows { responses[i, j] /= gram.matrix[j, j] }
            }
        }
        let update = responses.times(rates.transposed)
        return self == .notLeast ? update + 1e-3 * nullPart : update
    }
}

extension Theorem {
    /// T1 by three computations that share nothing: the production Gram factor (`E K⁻¹ Fᵀ`), LAPACK's
    /// singular value decomposition, and random other solutions `D* + Z` with `ZF = 0`.
    ///
    /// **Tolerance.** `κ = σ₁/σ_B` of `F`. Forming and inverting `K = FᵀF` squares the condition, so `D*` is
    /// off by at most about `c u κ²‖D*‖` with `c = 4kB` for the k×B sums; the decomposition by `c u κ‖D*‖`.
    /// `D*F` then is off by that times `‖F‖`, the square of the norm by twice that times `‖D*‖`, and
    /// `⟨D*, Z⟩` by `‖Z‖` times it.
    static let minimumNormUpdate = Theorem.from(
        .minimumNormUpdate, title: "Minimum-norm local update",
        statement: #"""
            Let $f\ne0$. Among all $D$ with $Df=e$, $D^*=ef^\top/\lVert f\rVert^2$ is the unique one of least \#
            Frobenius norm, and $\lVert D^*\rVert_F^2=\lVert e\rVert^2/\lVert f\rVert^2$. Batch form, $F$ of full \#
            column rank: $D^*=E(F^\top F)^{-1}F^\top$, $\lVert D^*\rVert_F^2=\operatorname{tr}E(F^\top F)^{-1}E^\top$.
            """#,
        hypotheses: ["The rates have full column rank, with a condition number up to 10⁵."],
        paper: .alonso2022,
        quantity: "D*F − E; D* − (least-norm solution by singular values); ‖D*‖² − tr EK⁻¹Eᵀ; ‖D* + Z‖² − ‖D*‖² − ‖Z‖² for ZF = 0",
        bound: "zero", tolerance: "c·u·κ(F)² relative to the terms: rounding of the normal equations",
        generator: LayerEquation.generator, describe: \.description, correct: Variant.correct,
        mutants: [
            ("denominator s + 1", .damped), ("averaged update over averaged sₙ", .batchMean),
            ("examples taken as orthogonal", .orthogonalExamples),
            ("a solution with a part outside of the rates", .notLeast),
        ]
    ) { equation, variant, context in
        let (rates, errors) = (equation.rates, equation.errors)
        context.label("mini-batch", rates.columns == 1 ? "1" : "more")
        context.label("square", when: rates.columns == rates.rows)
        var gram = GramFactor(order: rates.columns)
        try assume(gram.factorize(
                rates, of: DenseLayer(inputWidth: rates.rows, outputWidth: errors.rows, hasBias: false)), "rates linearly dependent")
        let least = try LeastNormSolution(rates.transposed, errors.transposed)
        let largest = least.singularValues.first ?? 0
        let condition = largest / (least.singularValues.last ?? 0)
        context.label("κ above 100", when: condition > 100)

        var random = RandomGenerator(seed: equation.seed)
        let direction = Matrix<Double>(rows: rates.rows, columns: errors.rows) { _, _ in
            random.nextNormal()
        }
        let fit = try LeastNormSolution(rates, direction).solution
        let nullPart = (direction - rates.times(fit)).transposed

        let update = variant.update(equation, gram, nullPart: nullPart)
        let size = least.solution.norm
        let relative = 4 * Double(rates.count + 8) * unitRoundoff * condition * condition
        var worst = WorstMargin()
        func include(_ deviation: Double, _ tolerance: Double) {
            worst.include(deviation == 0 ? 0 : deviation / tolerance)
        }
        include((update.times(rates) - errors).norm, relative * size * largest)
        include((update - least.solution.transposed).norm, relative * size)
        var responses = errors
        gram.applyInverse(fromRightTo: errors, into: &responses)
        include(abs(update.squaredNorm - responses.dot(errors)), 4 * relative * size * size)
        let other = update + nullPart
        include(
            abs(other.squaredNorm - update.squaredNorm - nullPart.squaredNorm),
            4 * relative * (size + direction.norm) * (size + direction.norm))
        return worst.value
    }
}
