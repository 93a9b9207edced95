internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, explicitStep, summedLoss, contractionTwice, expandsAboveOne }

extension Theorem {
    /// T11 for random pairs of weights, in its firm form, and for pairs along the steepest direction.
    ///
    /// Subtracting `θ⁺ = θ_b − α∇L(θ⁺)` for two starts and using `⟨∇L(θ⁺) − ∇L(θ′⁺), θ⁺ − θ′⁺⟩ ≥ 0` gives
    /// `‖θ⁺ − θ′⁺‖² ≤ ⟨θ⁺ − θ′⁺, θ_b − θ_b′⟩`, from which 1-Lipschitz follows by Cauchy and Schwarz. For the squared
    /// error both maps are affine: along `u vᵀ`, `v` an eigenvector of `X̄X̄ᵀ/B` with the eigenvalue `ρ`, the implicit
    /// map multiplies by `1/(1+αρ)`, the explicit one by `1 − αρ`, which expands exactly when `αρ > 2`.
    ///
    /// **Tolerance.** A solve with residual vector `q`, `θ̃ + α∇L(θ̃) = θ_b + q`, is the exact step from `θ_b + q`. By
    /// the theorem itself both steps are off by at most `‖q‖ = (implicit residual)·‖Δ‖`, so with `q` for the two
    /// together the firm inequality may fail by `2q(‖θ⁺ − θ′⁺‖ + ‖θ_b − θ_b′‖) + 2q²`; and `q` contains the rounding of
    /// weights and of the gradient, `4u(‖θ‖ + ‖Δ‖)` and `(k+4)u(α‖∇²ℓ‖‖X̄‖²‖θ‖/B + ‖Δ‖)`.
    static let nonexpansiveness = Theorem.from(
        .nonexpansiveness, title: "The implicit map is nonexpansive",
        statement: #"""
            For convex $L$ (one layer) the map $\theta_b\mapsto\theta^+$ is 1-Lipschitz, indeed \#
            $\lVert\theta^+-\theta'^+\rVert^2\le\langle\theta^+-\theta'^+,\theta_b-\theta_b'\rangle$, for every $\alpha$; \#
            the explicit map is not once $\alpha\rho>2$.
            """#,
        hypotheses: ["One layer.", "Both implicit steps are exact.", "The explicit part: squared error."],
        paper: .ours,
        quantity: "‖θ⁺−θ′⁺‖² − ⟨θ⁺−θ′⁺, θ_b−θ_b′⟩; the factors of both maps along an eigenvector of the Gram matrix",
        bound: "at most zero; 1/(1+αρ) and |1−αρ|, above 1 exactly if αρ > 2",
        tolerance: "the certificates of the two solves, through the theorem's own Lipschitz constant 1",
        generator: NetworkCases {
            $0.depths = 1...1
            $0.batchFitsLayers = true
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("explicit steps", .explicitStep), ("ρ of the summed loss", .summedLoss),
            ("contraction 1/(1+2αρ)", .contractionTwice), ("explicit map expands once αρ > 1", .expandsAboveOne),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        let spectrum = try InputSpectrum(problem)
        let random = networkCase.randomParameters(stream: 1)
        let distance = problem.network.parameters.norm + 1
        var worst = WorstMargin()
        let first = try StepPair.Step(problem, .zero(problem), spectrum, isExplicit: variant == .explicitStep)
        let second = try StepPair.Step(
            problem, (distance / random.norm) * random, spectrum, isExplicit: variant == .explicitStep)
        worst.include(StepPair(first, second).firmMargin)
        guard problem.loss == .squaredError, spectrum.largest > 0 else { return worst.value }

        // Along u vᵀ both maps multiply by a known factor.
        let alpha = problem.learningRate
        var rho = spectrum.largest
        if variant == .summedLoss { rho *= Double(problem.batch.size) }
        let direction = spectrum.direction(of: problem, length: distance)
        let third = try StepPair.Step(problem, direction, spectrum, isExplicit: variant == .explicitStep)
        let implicitPair = StepPair(first, third)
        let implicitFactor = 1 / (1 + (variant == .contractionTwice ? 2 : 1) * alpha * rho)
        worst.include(
            margin(implicitPair.after, implicitFactor * implicitPair.before, tolerance: implicitPair.tolerance))
        let explicitPair = StepPair(
            try .init(problem, .zero(problem), spectrum, isExplicit: true),
            try .init(problem, direction, spectrum, isExplicit: true))
        worst.include(
            margin(
                explicitPair.after, abs(1 - alpha * rho) * explicitPair.before,
                tolerance: explicitPair.tolerance))
        let threshold: Double = variant == .expandsAboveOne ? 1 : 2
        let isClear = abs(explicitPair.after - explicitPair.before) > explicitPair.tolerance
        context.label("αρ above 2", when: alpha * rho > 2)
        if isClear, (explicitPair.after > explicitPair.before) != (alpha * rho > threshold) {
            worst.include(.infinity)
        }
        return worst.value
    }
}

/// The eigenvalues of `X̄X̄ᵀ/B`, which is the Hessian of the squared error for each output unit.
struct InputSpectrum {
    let largest: Double
    private let vector: [Double]

    init(_ problem: ProximalProblem) throws {
        let inputs = problem.batch.inputs
        let extended = Matrix<Double>(
            rows: problem.network.architecture.columns(ofLayer: 0), columns: inputs.columns
        ) { i, j in i < inputs.rows ? inputs[i, j] : 1 }
        let gram = (1 / Double(inputs.columns)) * extended.dotted(extended.transposed)
        let eigen = try SymmetricEigendecomposition(gram)
        largest = max(0, eigen.values.last ?? 0)
        vector = eigen.vectors.column(gram.rows - 1)
    }

    /// `length · u vᵀ`, `u` the first unit vector.
    func direction(of problem: ProximalProblem, length: Double) -> Parameters<Double> {
        var result = Parameters<Double>(zerosFor: problem.network.architecture)
        for (j, entry) in vector.enumerated() { result.layers[0][0, j] = length * entry }
        return result
    }
}

/// Two starts and where one step from each ends.
private struct StepPair {
    struct Step {
        let start: Parameters<Double>
        let update: Parameters<Double>
        /// A bound on `‖q‖`: the step is the exact one from `start + q`.
        let uncertainty: Double

        init(
            _ problem: ProximalProblem, _ shift: Parameters<Double>, _ spectrum: InputSpectrum, isExplicit: Bool
        ) throws {
            let network = problem.network.updated(by: shift)
            let moved = try ProximalProblem(
                network: network, batch: problem.batch, loss: problem.loss, learningRate: problem.learningRate)
            start = network.parameters
            var uncertainty = 0.0
            if isExplicit {
                update = (-problem.learningRate) * moved.linearization(after: .zero(moved)).gradient()
            } else {
                let report = try NetworkCase(problem: moved).exactUpdate()
                update = report.update
                uncertainty = report.implicitResidual * update.norm
            }
            let curvature = problem.learningRate * problem.loss.curvatureBound * spectrum.largest
            let terms = Double(problem.network.architecture.columns(ofLayer: 0) + problem.batch.size + 4)
            uncertainty += terms * unitRoundoff * ((1 + curvature) * (start.norm + update.norm) + update.norm)
            // The part of the gradient that does not depend on the weights: α‖μ(0) − y‖‖X̄‖/B, ‖X̄‖ = √(ρB).
            let fixed = problem.batch.targets.norm + Double(problem.batch.targets.count).squareRoot()
            let inputs = problem.learningRate * (spectrum.largest / Double(problem.batch.size)).squareRoot()
            self.uncertainty = uncertainty + terms * unitRoundoff * fixed * inputs
        }
    }

    let before: Double
    let after: Double
    let tolerance: Double
    private let product: Double

    init(_ first: Step, _ second: Step) {
        let starts = first.start - second.start
        let ends = starts + (first.update - second.update)
        before = starts.norm
        after = ends.norm
        product = ends.dot(starts)
        tolerance = first.uncertainty + second.uncertainty
    }

    /// How far `‖θ⁺−θ′⁺‖² ≤ ⟨θ⁺−θ′⁺, θ_b−θ_b′⟩` is from failing, in units of what it may fail by.
    var firmMargin: Double {
        let allowed = 2 * tolerance * (before + after) + 2 * tolerance * tolerance
        return excessMargin(after * after - product, tolerance: allowed)
    }
}

extension Parameters<Double> {
    /// The zero update of a problem.
    static func zero(_ problem: ProximalProblem) -> Parameters {
        Parameters(zerosFor: problem.network.architecture)
    }
}
