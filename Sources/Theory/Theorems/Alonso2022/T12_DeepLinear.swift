internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, noIdentity, lastLayerMissing, inputLayerIncluded, factorOne }

/// The closed form of T12 for one example, and what rounding can have done to it.
private struct DeepLinearForm {
    /// `z = S⁻¹r`, the output error at the equilibrium.
    let outputError: Matrix<Double>
    /// `F* = ½ rᵀz`.
    let energy: Double
    /// Bounds on the errors of `r` and, in the norm, of `S`.
    let residualError: Double
    let matrixError: Double
    /// `‖T⁻¹‖_F`, where `T` maps the hidden activities to the errors `e₁ … e_{N−1}`.
    let inverseErrorMap: Double

    init(_ weights: [Matrix<Double>], _ input: Matrix<Double>, _ target: Matrix<Double>, _ variant: Variant) throws {
        let depth = weights.count
        let outputs = target.rows
        let gamma = Double((weights.map(\.columns).max() ?? 1) + 2) * unitRoundoff
        var matrix: Matrix<Double> = .identity(outputs)
        if variant == .noIdentity { matrix.scale(by: 0) }
        var (sizes, errors) = (1.0, gamma)
        // P_n = W_{N−1}…W_n from the output down; the product of the norms bounds what is added up.
        var product: Matrix<Double> = .identity(outputs)
        var bound = Double(outputs).squareRoot()
        for n in stride(from: depth - 1, through: 0, by: -1) {
            product = product.dotted(weights[n])
            bound *= weights[n].norm
            let first = variant == .inputLayerIncluded ? 0 : 1
            let isSummed = n >= first && !(variant == .lastLayerMissing && n == depth - 1)
            guard isSummed else { continue }
            matrix.add(product.dotted(product.transposed))
            sizes += product.squaredNorm
            errors += Double(2 * (depth - n) + 1) * gamma * bound * bound
        }
        let residual = target - product.dotted(input)
        guard let factor = try? CholeskyFactorization(matrix) else { throw SingularForm() }
        outputError = try factor.solve(residual)
        energy = (variant == .factorOne ? 1 : 0.5) * residual.dot(outputError)
        residualError = Double(depth + 1) * gamma * (bound * input.norm + target.norm)
        // The factorization is exact for a matrix within (d+2)u‖S‖_F of S.
        matrixError = errors + Double(outputs + 2) * gamma * sizes
        inverseErrorMap = Self.inverseErrorMap(weights)
    }

    /// The blocks of `T⁻¹` are the products `W_{n−1}…W_m` between hidden layers `m ≤ n`.
    private static func inverseErrorMap(_ weights: [Matrix<Double>]) -> Double {
        var sum = 0.0
        for m in 1..<max(1, weights.count) {
            var block: Matrix<Double> = .identity(weights[m].columns)
            sum += block.squaredNorm
            for n in m..<(weights.count - 1) {
                block = weights[n].dotted(block)
                sum += block.squaredNorm
            }
        }
        return sum.squareRoot()
    }
}

/// A mutant's matrix need not be positive definite.
private struct SingularForm: Error {}

extension Theorem {
    /// T12: the energy and the output error of the rule's equilibrium against the closed form.
    ///
    /// **Tolerance.** `F` is quadratic with Hessian `AᵀA`, where `A` maps hidden activities to all errors; its
    /// first rows are the unit triangular `T`, so `‖g‖ ≥ ‖h − h*‖/‖T⁻¹‖²` and a point of gradient `g` has
    /// `F − F* ≤ ½‖T⁻¹‖²‖g‖²`. Writing `e_n = W_nᵀe_{n+1} + g_n` into `r = Σ P_n e_n` gives
    /// `S e_N = r − PT⁻ᵀg` and, as `‖S⁻¹P‖ ≤ ½`, `‖e_N − S⁻¹r‖ ≤ ½‖T⁻¹‖‖g‖`. The certificate bounds `‖g‖` by the
    /// residual times its parts. Rounding: each `e_n` is off by `ε_n = γ(‖W‖‖h‖ + ‖h_n‖)`, which moves `F` by
    /// `Σ‖e_n‖ε_n + ½Σε_n²` and acts in `g` like `ε_n + ‖W‖ε_{n+1}`; `r` and `S` are off by their sums of products,
    /// which moves `z = S⁻¹r` by `δ_r + δ_S‖z‖` and `½rᵀz` by `‖z‖δ_r + ½δ_S‖z‖²` (`S ⪰ I`).
    static let deepLinear = Theorem.from(
        .deepLinear, title: "Deep linear networks",
        statement: #"""
            With identity activations, clamped output and unit precisions the inference energy has the equilibrium \#
            $F^*=\tfrac12r^\top S^{-1}r$, $r=y-W_{N-1}\cdots W_0x$, \#
            $S=I+\sum_{n=1}^{N-1}(W_{N-1}\cdots W_n)(W_{N-1}\cdots W_n)^\top$, with the output error $S^{-1}r$.
            """#,
        hypotheses: [
            "Identity activations, no biases, squared error.", "Inference reached its equilibrium.",
        ],
        paper: .ours, quantity: "F(ĥ) − ½rᵀS⁻¹r and ê_N − S⁻¹r, example by example", bound: "zero",
        tolerance: "the residual of inference times the conditioning of the energy, and rounding of both sides",
        generator: NetworkCases {
            $0.activations = [.identity]
            $0.losses = [.squaredError]
            $0.biases = [false]
            $0.batchSizes = 1...4
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("S without the identity", .noIdentity), ("the sum of S ends a layer early", .lastLayerMissing),
            ("the sum of S begins at W₀", .inputLayerIncluded), ("rᵀS⁻¹r without the half", .factorOne),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let equilibrium = try EquilibriumCase(.standard(), networkCase, acceptingResidual: 1e-8)
        let weights = networkCase.problem.network.parameters.layers
        let batch = networkCase.problem.batch
        var worst = WorstMargin()
        for example in 0..<batch.size {
            let target = batch.targets.columns(example..<(example + 1))
            let input = batch.inputs.columns(example..<(example + 1))
            guard let form = try? DeepLinearForm(weights, input, target, variant) else { return .infinity }
            let hidden = equilibrium.activities.dropLast().map { $0.columns(example..<(example + 1)) }
            let layers = [input] + hidden + [target]
            var errors = PerLayer<Matrix<Double>>(from: 1, [])
            var rounding = PerLayer<Double>(from: 1, [])
            for n in weights.indices {
                errors.append(layers[n + 1] - weights[n].dotted(layers[n]))
                rounding.append(
                    Double(weights[n].columns + 2) * unitRoundoff
                        * (weights[n].norm * layers[n].norm + layers[n + 1].norm))
            }
            // ‖g‖ from the certificate, and what rounding adds to it.
            var (parts, gradientRounding) = (0.0, 0.0)
            for n in 1..<weights.count {
                parts += errors[n].squaredNorm + weights[n].dotted(errors[n + 1], .transposed).squaredNorm
                gradientRounding += rounding[n] + weights[n].norm * rounding[n + 1]
            }
            let gradient = equilibrium.residual * parts.squareRoot() + gradientRounding
            let energy = errors.reduce(0) { $0 + $1.squaredNorm } / 2
            var tolerance = 16 * unitRoundoff * energy
            for (error, size) in zip(errors, rounding) { tolerance += error.norm * size + size * size / 2 }
            let solved = form.outputError.norm
            tolerance += form.inverseErrorMap * form.inverseErrorMap * gradient * gradient / 2
            tolerance += solved * form.residualError + form.matrixError * solved * solved / 2
            worst.include(margin(energy, form.energy, tolerance: tolerance))
            let outputTolerance =
                form.inverseErrorMap * gradient / 2 + rounding[weights.count] + form.residualError
                + form.matrixError * solved
            worst.include(
                excessMargin((errors[weights.count] - form.outputError).norm, tolerance: outputTolerance))
        }
        return worst.value
    }
}
