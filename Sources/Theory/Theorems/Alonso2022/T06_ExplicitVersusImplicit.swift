internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, halfCoefficient, wrongSign, proximalRule, noLearningRate }

extension Variant {
    /// The factor of `α²Hg` in the expansion of the implicit step.
    var coefficient: Double {
        switch self {
        case .halfCoefficient: 0.5
        case .wrongSign: -1
        case .correct, .proximalRule, .noLearningRate: 1
        }
    }

    /// `Δ_imp`, or what the mutant takes for it, and a bound on its error.
    func implicitStep(
        _ networkCase: NetworkCase
    ) throws -> (update: Parameters<Double>, error: Double) {
        let report = try networkCase.exactUpdate()
        guard self == .proximalRule else {
            return (report.update, report.tolerance * report.update.norm)
        }
        let step = try EquilibriumInferenceLearning.proximal().step(LearningProblem(networkCase.problem))
        return (step.update, report.tolerance * report.update.norm)
    }
}

extension Theorem {
    /// T6 in two parts.
    ///
    /// 1. At the case's own α: `Δ_exp − Δ_imp = αH̄Δ_imp` with the mean Hessian along the segment, by
    ///    quadrature, and `‖Δ_exp − Δ_imp‖ ≤ α max‖H(θᵢ)Δ_imp‖` over its points: sharper than the
    ///    theorem's bound, since that maximum is at most `ρ‖Δ_imp‖`.
    /// 2. For six small α's: `‖Δ_imp + αg − α²Hg‖` has the order 3 or more, `‖Δ_exp − Δ_imp‖` the
    ///    order 2, and `‖Δ_exp − Δ_imp‖/α²` is `‖Hg‖` at the smallest.
    ///
    /// **Tolerance.** 1: the solver's residual `ε‖Δ‖`, the rounding of two gradients (`gradientRounding`), and
    /// the quadrature's own error. 2: the third coefficient is `c₃ = H²g + ½∇³L[g,g]`; with
    /// `κ = ‖H‖ + ‖c₃‖/‖Hg‖ + ‖g‖` the α's are `2⁻ᵏ/(32κ)`, so each next term is near or below 1/32 of the one
    /// before and bends a fitted slope by that: 0.1 is allowed on top of the fit's interval, and
    /// `2α‖c₃‖` for the coefficient. Values within a hundred times the solver's error are left out.
    static let explicitVersusImplicit = Theorem.from(
        .explicitVersusImplicit, title: "Explicit against implicit",
        statement: #"""
            If $\nabla L$ is $\rho$-Lipschitz on $[\theta_b,\theta^+]$, $\lVert\Delta_{\rm exp}-\Delta_{\rm imp}\rVert\le\#
            \alpha\rho\lVert\Delta_{\rm imp}\rVert$. For smooth $L$, $\Delta_{\rm imp}=-\alpha g+\alpha^2Hg+O(\alpha^3)$; \#
            the distance shrinks as $\alpha^2$ with leading coefficient $\lVert Hg\rVert$.
            """#,
        hypotheses: [
            "Activations with two continuous derivatives.", "The update is exact.",
            "Gradient and Hg are not zero (for the order).",
        ],
        paper: .alonso2022,
        quantity: "Δ_exp − Δ_imp − αH̄Δ_imp; its norm against α max‖HΔ‖; log-log slopes over six α's; leading coefficient",
        bound: "zero; α max‖HΔ‖ ≤ αρ‖Δ‖; 3 or more, and 2; ‖Hg‖",
        tolerance: "residual of the solve, rounding of gradients, quadrature error; the next order for the slopes",
        generator: NetworkCases {
            $0.activations = NetworkCases.smoothActivations
            $0.batchFitsLayers = true
            $0.batchSizes = 1...4
            $0.widths = 1...8
            $0.weightScales = 0.1...2
            $0.degeneracies = [.zeroInput, .equalTargets, .oneUnitLayer, .rankDeficient]
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("½α²Hg in the expansion", .halfCoefficient), ("the sign of α²Hg", .wrongSign),
            ("the step of il-prox at its equilibrium for the implicit one", .proximalRule),
            ("the bound without α", .noLearningRate),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        var worst = WorstMargin()
        worst.include(try segmentMargin(networkCase, variant))
        worst.include(try orderMargin(networkCase, variant, &context))
        return worst.value
    }
}

/// Part 1.
private func segmentMargin(_ networkCase: NetworkCase, _ variant: Variant) throws -> Double {
    let problem = networkCase.problem
    let alpha = problem.learningRate
    let step = try variant.implicitStep(networkCase)
    let start = problem.linearization(after: Parameters(zerosFor: networkCase.architecture))
    let end = problem.linearization(after: step.update)
    let difference = (-alpha) * start.gradient() - step.update
    let curvature = SegmentCurvature(problem, step.update, relativeError: 1e-9)
    try assume(
        curvature.error <= 1e-6 * curvature.largest, "curvature along the segment not resolved")
    let rounding = alpha * (gradientRounding(start) + gradientRounding(end))
    let product = 2 * rounding + 64 * unitRoundoff * alpha * curvature.largest
    let tolerance = step.error + rounding + product + alpha * curvature.error
    let factor = variant == .noLearningRate ? 1 : alpha
    var worst = WorstMargin()
    worst.include(margin((difference - alpha * curvature.mean).norm, 0, tolerance: tolerance))
    worst.include(max(0, difference.norm - factor * curvature.largest) / tolerance)
    return worst.value
}

/// Part 2.
private func orderMargin(
    _ networkCase: NetworkCase, _ variant: Variant, _ context: inout CaseContext
) throws -> Double {
    let problem = networkCase.problem
    let zero = Parameters<Double>(zerosFor: networkCase.architecture)
    let start = problem.linearization(after: zero)
    let gradient = start.gradient()
    let product = start.hessianVectorProduct(gradient)
    let norm = largestEigenvalue(start, networkCase)
    try assume(gradient.norm > 0 && product.norm > 1e-6 * norm * gradient.norm, "Hg is zero")
    // ∇³L[g,g] by a central difference, good to about ten digits.
    let reach = 1e-4 / gradient.norm
    let ahead = problem.linearization(after: reach * gradient).hessianVectorProduct(gradient)
    let behind = problem.linearization(after: (-reach) * gradient).hessianVectorProduct(gradient)
    let third =
        (start.hessianVectorProduct(product) + (1 / (4 * reach)) * (ahead - behind)).norm
    let scale = norm + third / product.norm + gradient.norm

    var (steps, remainders, distances): ([Double], [Double], [Double]) = ([], [], [])
    var worst = WorstMargin()
    var coefficient = (margin: 0.0, alpha: Double.infinity)
    for k in 0..<6 {
        let alpha = 1 / (32 * scale * Double(1 << k))
        let small = NetworkCase(problem: try problem.with(learningRate: alpha))
        let step = try variant.implicitStep(small)
        var remainder = step.update + alpha * gradient
        let distance = remainder.norm
        remainder.add(product, scaledBy: -alpha * alpha * variant.coefficient)
        let error = step.error + 4 * alpha * gradientRounding(start)
        guard remainder.norm > 100 * error else { continue }
        steps.append(alpha)
        remainders.append(remainder.norm)
        distances.append(distance)
        let deviation = abs(distance / (alpha * alpha) - abs(variant.coefficient) * product.norm)
        let allowed = 2 * alpha * third + error / (alpha * alpha)
        if alpha < coefficient.alpha { coefficient = (deviation / allowed, alpha) }
    }
    worst.include(coefficient.margin)
    guard let order = LogLogSlope(steps, remainders), let second = LogLogSlope(steps, distances) else {
        context.label("third order below the solver's error")
        return worst.value
    }
    if order.slope < 3 { worst.include(order.margin(order: 3, resolution: 0.1)) }
    context.label("order checked")
    worst.include(second.margin(order: 2, resolution: 0.1))
    return worst.value
}

/// `‖∇²L‖` by 30 power iterations, from below: enough for a scale.
private func largestEigenvalue(_ pass: Linearization<Double>, _ networkCase: NetworkCase) -> Double {
    var vector = networkCase.randomParameters(stream: 5)
    var value = 0.0
    for _ in 0..<30 {
        let size = vector.norm
        guard size > 0 else { return 0 }
        vector = pass.hessianVectorProduct((1 / size) * vector)
        value = max(value, vector.norm)
    }
    return value
}
