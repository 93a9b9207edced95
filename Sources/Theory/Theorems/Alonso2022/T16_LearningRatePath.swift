internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import RealModule

private enum Variant: Sendable { case correct, explicitPath, unhalvedDistance, rootScaling }

extension Theorem {
    /// T16 along seven learning rates up to the case's α, for minimisers that are proved to be global.
    ///
    /// Adding up the two statements that each minimiser is best for its own `α < β`, with `q = ‖Δ‖²`,
    ///
    /// `(q_β − q_α)/(2β) ≤ L_α − L_β ≤ (q_β − q_α)/(2α)`,
    ///
    /// which gives both monotonicities and is what is checked as well. A minimiser counts as global if `P_β` is strongly convex
    /// on the ball of T15 with modulus `m/β` (one layer: `m = 1`; else the bound of `CurvatureBound`), and so is it
    /// for all smaller α; cases without that certificate are generated only by accident and discarded.
    ///
    /// **Tolerance.** A solve with residual `ρ` has `‖∇P‖ = ρ‖Δ‖/α` and so is at most `δ = ρ‖Δ‖/m` from the
    /// minimiser. That moves `‖Δ‖` by `δ` and, as `∇L = −Δ/α` up to the same residual, `L` by `‖Δ‖δ(1+ρ)/α` to
    /// first order; the second is below `δ²/α` times the largest curvature, hence below the first again while
    /// `ρ·αλ < 1`. Both are doubled for this. Rounding of `L` as in `FeedforwardRounding`.
    static let learningRatePath = Theorem.from(
        .learningRatePath, title: "Path in the learning rate",
        statement: #"""
            For global minimisers, $\alpha\mapsto\lVert\Delta_{\rm imp}(\alpha)\rVert$ does not decrease and \#
            $\alpha\mapsto L(\theta^+(\alpha))$ does not increase.
            """#,
        hypotheses: ["The minimisers are proved to be global: one layer, or the certificate of T15."],
        paper: .ours,
        quantity: "‖Δ(α)‖, L(θ⁺(α)) and (q_β−q_α)/(2β) ≤ L_α−L_β ≤ (q_β−q_α)/(2α) at seven learning rates",
        bound: "monotone",
        tolerance: "the distance to the minimiser that the residual and the strong convexity leave",
        generator: certifiedCases(), describe: \.description, correct: Variant.correct,
        mutants: [
            ("explicit steps", .explicitPath), ("‖Δ‖²/α instead of ‖Δ‖²/(2α)", .unhalvedDistance),
            ("‖Δ‖/√α does not decrease", .rootScaling),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        guard let modulus = problem.convexityCertificate() else { throw Discard("no certificate of a global minimiser") }
        context.label("proved by one layer", when: networkCase.architecture.depth == 1)
        context.label("proved by curvature", when: networkCase.architecture.depth > 1)
        var path: [PathPoint] = []
        for k in (0..<7).reversed() {
            let alpha = problem.learningRate / Double.pow(3, Double(k))
            path.append(try PathPoint(problem.with(learningRate: alpha), modulus, variant))
        }
        var worst = WorstMargin()
        for (near, far) in zip(path, path.dropFirst()) {
            let scale = variant == .rootScaling ? (far.alpha / near.alpha).squareRoot() : 1
            worst.include(
                excessMargin(
                    near.distance * scale - far.distance, tolerance: near.distanceError + far.distanceError))
            let lossError = near.lossError + far.lossError
            let drop = near.loss - far.loss
            worst.include(excessMargin(-drop, tolerance: lossError))
            let squares = far.distance * far.distance - near.distance * near.distance
            let squareError = 2 * (far.distance * far.distanceError + near.distance * near.distanceError)
            let half = variant == .unhalvedDistance ? 1 : 0.5
            worst.include(
                excessMargin(half * squares / far.alpha - drop, tolerance: lossError + squareError / far.alpha))
            worst.include(
                excessMargin(drop - half * squares / near.alpha, tolerance: lossError + squareError / near.alpha))
        }
        return worst.value
    }
}

/// One minimiser on the path, with what is uncertain about it.
private struct PathPoint {
    let alpha: Double
    let distance: Double
    let distanceError: Double
    let loss: Double
    let lossError: Double

    init(_ problem: ProximalProblem, _ modulus: Double, _ variant: Variant) throws {
        alpha = problem.learningRate
        let update: Parameters<Double>
        var residual = 0.0
        if variant == .explicitPath {
            update = (-alpha) * problem.linearization(after: .zero(problem)).gradient()
        } else {
            let report = try NetworkCase(problem: problem).exactUpdate()
            update = report.update
            residual = report.implicitResidual
        }
        let network = problem.network.updated(by: update)
        let logits = network.logits(problem.batch.inputs)
        distance = update.norm
        let shift = residual * distance / modulus
        distanceError = shift + 4 * unitRoundoff * Double(update.count) * distance
        let after = problem.linearization(after: update)
        loss = after.meanLoss
        lossError = 2 * (distance * shift * (1 + residual) + shift * shift) / alpha
            + FeedforwardRounding(network, problem.batch.inputs, relativeWeightError: unitRoundoff)
            .meanLossError(problem.loss, logits: logits, targets: problem.batch.targets)
    }
}

/// One-layer cases at any learning rate, and deeper smooth ones at learning rates up to the largest that the curvature
/// bound certifies.
func certifiedCases() -> Generator<NetworkCase> {
    let shallow = NetworkCases {
        $0.depths = 1...1
        $0.batchFitsLayers = true
    }.generator()
    let deep = NetworkCases {
        $0.depths = 2...4
        $0.widths = 1...8
        $0.activations = NetworkCases.smoothActivations
        $0.batchFitsLayers = true
        $0.batchSizes = 1...3
        $0.weightScales = 0.1...2
    }.generator()
    let certified = Generator<NetworkCase> { source in
        let share = try source.draw(.logUniform(in: 1e-2...1))
        let drawn = try source.draw(deep)
        guard let largest = drawn.problem.largestCertifiedLearningRate(limit: 1e4) else {
            throw Discard("no learning rate is certified")
        }
        return NetworkCase(
            problem: try drawn.problem.with(learningRate: share * largest),
            degeneracies: drawn.degeneracies, seed: drawn.seed)
    }
    return .oneOf([shallow, certified])
}
