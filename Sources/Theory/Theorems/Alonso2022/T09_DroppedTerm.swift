internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import RealModule

private enum Variant: Sendable { case correct, termDropped, wrongSign, unnormalized, outputOnly, halfCoefficient }

extension Theorem {
    /// T9 at the equilibrium of `il-prox`: the recursion for `dₙ`, `d_N = 0`, the deviation of the update, and its order.
    ///
    /// With `fₙ` the field that inference left, the recursion holds with `+ fₙ` on the right: `fₙ` and rounding are all that
    /// can separate the sides. `δₙ` comes from a backward pass at `θ_b + Δ`.
    ///
    /// **Tolerance.** The certificate `ρ` bounds the field at the precisions of the last round by `ρ` times its parts
    /// `Q = (Σ‖eₙ/sₙ₋₁‖² + ‖Wᵀeₙ₊₁/sₙ‖²)^½/α`, and the change of each precision by `ρ` relatively, which moves each part, and the
    /// output's proximal point (`‖e(c) − e(c′)‖ ≤ |1−c/c′|‖e‖`), by as much: `‖f‖ ≤ 4ρQ`. Rounding: `eₙ₊₁` is computed
    /// twice, from activities by the rule and as `ΔWₙāₙ` here, each off by `(k+8)u(|W_b|+|ΔW|)|ā|`; that and the errors of
    /// the feedforward pass (`FeedforwardRounding`, weights off by one rounding) are `η`, which act on `dₙ` through `e/(αs)` as
    /// `η/(αs)`, through `δ` as `(1+‖W⁺‖)²(1+‖δ‖)η` for each layer above, since `|φ′|`, `|φ″| ≤ 1.13` and the losses' curvature is at
    /// most 1. For the order the factor 1 % is the share of noise in a value that is used.
    static let droppedTerm = Theorem.from(
        .droppedTerm, title: "Error of IL-prox",
        statement: #"""
            At the equilibrium of IL-prox, with the output at its proximal point, let $\delta_n=\partial\ell/\partial h_n$ at \#
            the updated weights and $d_n=e_n/(\alpha s_{n-1})+\delta_n$. Then $d_N=0$, \#
            $d_n=\varphi_n'\odot(W_n^{b\top}d_{n+1}+a_n\,e_{n+1}^\top\delta_{n+1}/s_n)$ and \#
            $\Delta W_{n-1}+\alpha\nabla_{W_{n-1}}L(\theta_b+\Delta)=\alpha d_n\bar a_{n-1}^\top$, of second order in $\alpha$.
            """#,
        hypotheses: [
            "Mini-batch 1.", "Activations with two continuous derivatives.", "Inference reached its equilibrium.",
        ],
        paper: .ours,
        quantity: "both sides of the recursion and of the deviation; the slope of log ‖Δ + α∇L‖ over log α at five to seven α's, and its limit over α²",
        bound: "equal; slope 2 or more, and the coefficient Σ‖cₙ‖²sₙ₋₁ of the theory",
        tolerance: "the residual of inference and the rounding of the passes; the fit's 99 % interval and 0.1",
        generator: NetworkCases {
            $0.activations = NetworkCases.smoothActivations
            $0.batchSizes = 1...1
            $0.depths = 1...4
            $0.widths = 1...8
            $0.weightScales = 0.1...3
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("the recursion without its second term", .termDropped), ("the sign of the second term", .wrongSign),
            ("the second term not divided by s", .unnormalized), ("dₙ = 0 in all layers", .outputOnly),
            ("half the leading coefficient", .halfCoefficient),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        var worst = WorstMargin()
        worst.include(try ProximalDeviation(networkCase).recursionMargin(variant))
        context.note("recursion margin \(worst.value)")
        // Halvings of α from 5 % of the inverse curvature at θ_b on, as long as the deviation is above the noise. The
        // seven smallest count: there the next order, whose coefficient may be much larger, bends the line least.
        guard let bound = CurvatureBound(networkCase.problem, radius: 0) else { return worst.value }
        let start = min(5e-2, 0.05 / (bound.outputSensitivity + bound.negativeCurvature))
        var rates: [Double] = []
        var deviations: [Double] = []
        for k in 0..<12 {
            let alpha = start / Double(1 << k)
            let found = try ProximalDeviation(networkCase.with(alpha: alpha))
            guard found.norm > 100 * found.noise else { break }
            rates.append(alpha)
            deviations.append(found.norm)
        }
        (rates, deviations) = (Array(rates.suffix(7)), Array(deviations.suffix(7)))
        let coefficient = leadingCoefficient(networkCase.problem) * (variant == .halfCoefficient ? 0.5 : 1)
        worst.include(coefficientMargin(rates, deviations, coefficient))
        context.label("order below the noise", when: deviations.count < 5)
        guard let fit = LogLogSlope(rates, deviations) else { return worst.value }
        context.label("order checked")
        context.note("slope \(fit.slope) ± \(fit.halfWidth), α up to \(rates.first ?? 0), \(deviations.count) points")
        // Where the leading coefficient vanishes the order is higher.
        worst.include(excessMargin(2 - fit.slope, tolerance: fit.halfWidth + 0.1))
        return worst.value
    }
}

/// `lim ‖Δ + α∇L‖/α²`: with `e = −αsδ` to first order the recursion for `dₙ = αcₙ` becomes
/// `cₙ = φ′ₙ ⊙ (W_n^{bᵀ}cₙ₊₁ − aₙ‖δₙ₊₁‖²)`, `c_N = 0`, all at `θ_b`, and the limit is `(Σ‖cₙ‖²sₙ₋₁)^½`.
private func leadingCoefficient(_ problem: ProximalProblem) -> Double {
    let start = problem.linearization(after: .zero(problem))
    let architecture = problem.network.architecture
    var above = Matrix<Double>(rows: architecture.outputWidth, columns: 1)
    var square = 0.0
    for n in architecture.hiddenLayers.reversed() {
        let weights = problem.network.parameters.layers[n].columns(0..<architecture.widths[n])
        var own = weights.dotted(above, .transposed)
        own.add(start.rates[n], scaledBy: -start.errors[n + 1].squaredNorm)
        own = own.scaled(elementwise: start.slopes[n])
        let below = n - 1
        square += own.squaredNorm * start.rates[below].extended(architecture.biases[below]).squaredNorm
        above = own
    }
    return square.squareRoot()
}

/// How far `‖Δ + α∇L‖/α²` at the smallest α is from the coefficient, in units of what the last halvings changed:
/// with the next order alone the last one changed it by exactly the distance that remains. Twice the larger of the
/// last two, and the 1 % of noise that a value may contain.
private func coefficientMargin(_ rates: [Double], _ deviations: [Double], _ coefficient: Double) -> Double {
    guard rates.count >= 5 else { return 0 }
    let values = zip(rates, deviations).suffix(3).map { $0.1 / ($0.0 * $0.0) }
    let change = max(abs(values[2] - values[1]), abs(values[1] - values[0]))
    return excessMargin(abs(values[2] - coefficient), tolerance: 2 * change + 0.01 * values[2])
}

extension NetworkCase {
    /// The same case at another learning rate.
    func with(alpha: Double) throws -> NetworkCase {
        NetworkCase(problem: try problem.with(learningRate: alpha), degeneracies: degeneracies, seed: seed)
    }
}

/// The parts of T9 at one equilibrium of `il-prox`.
private struct ProximalDeviation {
    private let networkCase: NetworkCase
    private let pass: Linearization<Double>
    private let errors: PerLayer<Matrix<Double>>
    private let squaredNorms: [Double]
    /// `d₁ … d_N`.
    private let deviations: PerLayer<Matrix<Double>>
    /// A bound on what certificate and rounding do to any `dₙ`.
    private let uncertainty: Double
    private let residual: Parameters<Double>
    /// `‖Δ + α∇L(θ_b+Δ)‖`.
    let norm: Double
    let updateNorm: Double

    init(_ networkCase: NetworkCase) throws {
        self.networkCase = networkCase
        let problem = networkCase.problem
        let alpha = problem.learningRate
        let depth = networkCase.architecture.depth
        var rule = EquilibriumInferenceLearning.proximal()
        rule.tolerance = 1e-11
        rule.roundLimit = 30
        let equilibrium = try EquilibriumCase(rule, networkCase, acceptingResidual: 1e-9)
        pass = problem.linearization(after: equilibrium.update)
        var errors = PerLayer<Matrix<Double>>(from: 1, [])
        var (squares, deviations) = ([Double](), errors)
        var localErrors = PerLayer<Double>(from: 1, [])
        for n in 0..<depth {
            let extended = equilibrium.rates[n].extended(networkCase.architecture.biases[n])
            let sizes = problem.network.parameters.layers[n].mapped(abs) + equilibrium.update.layers[n].mapped(abs)
            localErrors.append(
                2 * Double(extended.rows + 8) * unitRoundoff * sizes.times(extended.mapped(abs)).norm)
            squares.append(extended.squaredNorm)
            // ΔW ā = e, as ΔW = e āᵀ/s.
            errors.append(equilibrium.update.layers[n].dotted(extended))
            deviations.append((1 / (alpha * squares[n])) * errors[n + 1] + pass.errors[n + 1])
        }
        let rounding = FeedforwardRounding(
            pass.network, problem.batch.inputs, relativeWeightError: 2 * unitRoundoff)
        var (parts, rest, amplification) = (0.0, 0.0, 1.0)
        for n in stride(from: depth - 1, through: 0, by: -1) {
            let weights = pass.network.parameters.layers[n].norm
            let eta = rounding.activities[n + 1].norm + localErrors[n + 1]
            parts += errors[n + 1].squaredNorm / (squares[n] * squares[n])
            if n > 0 {
                let back = weights * errors[n + 1].norm / squares[n]
                parts += back * back
            }
            rest += eta / (alpha * squares[n]) + amplification * (1 + pass.errors[n + 1].norm) * eta
            amplification *= (1 + weights) * (1 + weights)
        }
        self.errors = errors
        self.deviations = deviations
        squaredNorms = squares
        uncertainty = 4 * equilibrium.residual * parts.squareRoot() / alpha + rest
        residual = equilibrium.update + alpha * pass.gradient()
        norm = residual.norm
        updateNorm = equilibrium.update.norm
    }

    /// A bound on what certificate and rounding do to `norm`.
    var noise: Double {
        networkCase.alpha * uncertainty * squaredNorms.reduce(0) { $0 + $1.squareRoot() }
    }

    /// How far the two sides of each statement are apart.
    func recursionMargin(_ variant: Variant) -> Double {
        let depth = networkCase.architecture.depth
        var worst = WorstMargin()
        worst.include(excessMargin(deviations[depth].norm, tolerance: uncertainty))
        for n in networkCase.architecture.hiddenLayers {
            let width = networkCase.architecture.widths[n]
            let weights = networkCase.problem.network.parameters.layers[n]
            var right = weights.columns(0..<width).dotted(deviations[n + 1], .transposed)
            var scale = errors[n + 1].dot(pass.errors[n + 1]) / squaredNorms[n]
            switch variant {
            case .correct, .outputOnly, .halfCoefficient: break
            case .termDropped: scale = 0
            case .wrongSign: scale = -scale
            case .unnormalized: scale *= squaredNorms[n]
            }
            right.add(pass.rates[n], scaledBy: scale)
            right = right.scaled(elementwise: pass.slopes[n])
            if variant == .outputOnly { right.scale(by: 0) }
            worst.include(
                excessMargin((deviations[n] - right).norm, tolerance: uncertainty * (2 + weights.norm)))
        }
        for n in 0..<depth {
            let rates = pass.rates[n].extended(networkCase.architecture.biases[n])
            let expected = networkCase.alpha * deviations[n + 1].dotted(rates.transposed)
            let tolerance = networkCase.alpha * uncertainty * squaredNorms[n].squareRoot()
            worst.include(excessMargin((residual.layers[n] - expected).norm, tolerance: tolerance))
        }
        return worst.value
    }
}
