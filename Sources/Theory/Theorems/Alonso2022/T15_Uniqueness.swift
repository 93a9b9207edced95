internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import RealModule

private enum Variant: Sendable { case correct, halfRadius, gaussNewtonOnly, singleCrossTerm }

extension Variant {
    var flaw: CurvatureBound.Flaw? {
        switch self {
        case .correct, .halfRadius: nil
        case .gaussNewtonOnly: .gaussNewtonOnly
        case .singleCrossTerm: .singleCrossTerm
        }
    }
}

extension Theorem {
    /// T15 in three parts.
    ///
    /// 1. The ball, for more than minimisers: every θ with `P(θ) ≤ P(θ_b)` has `‖θ−θ_b‖² ≤ 2α(L(θ_b) − L(θ)) ≤ 2αL(θ_b)`.
    ///    Checked at the exact step, and where the ray from `θ_b` through it leaves the sublevel set.
    /// 2. The curvature bound `∇²L ⪰ −bI` of `CurvatureBound`, on which uniqueness rests, at the centre and at random
    ///    points of the ball: Rayleigh quotients of Krylov vectors must not lie below `−b`.
    /// 3. With `αb < 1`: descents from four random points of the ball and the one from `θ_b`; all stationary points
    ///    in the ball must be one point. Points outside of the ball prove nothing and are only counted.
    ///
    /// **Tolerance.** In 1, that of the values of `L` (rounding) that decide membership. In 2, `64·k·u` times the
    /// size of the products for quotients in `k` dimensions. In 3, a point with the residual `ρ` has
    /// `‖∇P‖ = ρ‖Δ‖/α`, and strong convexity with modulus `(1−αb)/α` puts it at most `ρ‖Δ‖/(1−αb)` from the
    /// minimiser; two points add up, and each rounds by a few ulp of the weights times `1+‖θ‖`.
    static let uniqueness = Theorem.from(
        .uniqueness, title: "Uniqueness",
        statement: #"""
            Every global minimiser lies in the ball $\lVert\theta-\theta_b\rVert^2\le2\alpha L(\theta_b)$. If \#
            $\nabla^2L\succ-\frac1\alpha I$ there, the minimiser is unique.
            """#,
        hypotheses: ["The loss is not negative.", "Uniqueness: a sound bound proves the curvature on the ball."],
        paper: .ours,
        quantity: "‖θ−θ_b‖² on the sublevel set; sampled curvature; the distance of stationary points in the ball",
        bound: "2αL(θ_b); −b; zero", tolerance: "rounding; the residuals over the modulus of strong convexity",
        generator: certifiedCases(), describe: \.description, correct: Variant.correct,
        mutants: [
            ("radius² αL(θ_b)", .halfRadius), ("no negative curvature at all", .gaussNewtonOnly),
            ("the cross term of the curvature halved", .singleCrossTerm),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        let report = try networkCase.exactUpdate()
        var worst = WorstMargin()
        worst.include(ballMargin(problem, report.update, factor: variant == .halfRadius ? 1 : 2))
        guard let bound = CurvatureBound(problem, radius: problem.minimiserRadius, flaw: variant.flaw) else {
            return worst.value
        }
        for k in 0..<3 {
            let random = networkCase.randomParameters(stream: UInt64(10 + k))
            let point = (k == 0 ? 0 : problem.minimiserRadius / random.norm) * random
            let lowest = problem.lowestQuotient(at: point, startingFrom: networkCase.randomParameters(stream: 20))
            worst.include(
                excessMargin(-bound.negativeCurvature - lowest.value, tolerance: lowest.tolerance))
        }
        guard let modulus = problem.convexityCertificate(flaw: variant.flaw) else { return worst.value }
        context.label("uniqueness certified")
        let radius = problem.minimiserRadius * (1 + 1e-12)
        guard report.update.norm <= radius else { return .infinity }
        for k in 0..<4 {
            let random = networkCase.randomParameters(stream: UInt64(30 + k))
            let other = problem.descent(from: (problem.minimiserRadius / random.norm) * random)
            guard let other, other.isExact else { continue }
            guard other.update.norm <= radius else {
                context.label("a stationary point outside of the ball")
                continue
            }
            context.label("a second descent compared")
            let certificates = report.implicitResidual * report.update.norm + other.implicitResidual * other.update.norm
            let rounding = 16 * unitRoundoff * (1 + problem.network.parameters.norm + report.update.norm)
            worst.include(
                excessMargin(
                    (other.update - report.update).norm, tolerance: (certificates + rounding) / modulus))
        }
        return worst.value
    }
}

/// How far `θ⁺`, and the last point of the sublevel set of `P` behind it, are inside of `‖Δ‖² ≤ factor·αL(θ_b)`.
private func ballMargin(_ problem: ProximalProblem, _ update: Parameters<Double>, factor: Double) -> Double {
    let start = problem.network.logits(problem.batch.inputs)
    let rounding = FeedforwardRounding(problem.network, problem.batch.inputs, relativeWeightError: unitRoundoff)
        .meanLossError(problem.loss, logits: start, targets: problem.batch.targets)
    let limit = problem.lossBefore + rounding
    // The largest of the lengths 2⁰ … 2² in steps of 1 % whose objective is not above the start's.
    var length = 0.0
    for k in 0..<140 {
        let trial = Double.pow(1.01, Double(k))
        if problem.objective(after: trial * update) <= problem.lossBefore { length = trial }
    }
    let square = (length * update.norm) * (length * update.norm)
    let radius = factor * problem.learningRate * limit
    return square <= radius * (1 + 64 * unitRoundoff) ? 0 : square / radius
}

extension ProximalProblem {
    /// The descent that begins at the feedforward activities of `θ_b + shift`, or nil if there is none.
    func descent(from shift: Parameters<Double>) -> CertifiedUpdate? {
        try? ActivitySpaceSolver().certified(self, from: shift)
    }

    /// The lowest Rayleigh quotient of `∇²L(θ_b + update)` on a Krylov space of up to twelve dimensions: an upper
    /// bound of the smallest eigenvalue, and close to it.
    func lowestQuotient(
        at update: Parameters<Double>, startingFrom start: Parameters<Double>
    ) -> (value: Double, tolerance: Double) {
        let pass = linearization(after: update)
        var basis: [Parameters<Double>] = []
        var images: [Parameters<Double>] = []
        var next = start
        while basis.count < min(12, start.count) {
            let size = next.norm
            for _ in 0..<2 { for old in basis { next.add(old, scaledBy: -old.dot(next)) } }
            guard next.norm > 1e-8 * size, next.norm > 0 else { break }
            next.scale(by: 1 / next.norm)
            basis.append(next)
            let image = pass.hessianVectorProduct(next)
            images.append(image)
            next = image
        }
        let matrix = Matrix<Double>(rows: basis.count, columns: basis.count) { basis[$0].dot(images[$1]) }
        let size = images.reduce(0) { max($0, $1.norm) }
        let values = try? SymmetricEigendecomposition(matrix).values
        let tolerance = 64 * unitRoundoff * Double(start.count + 16) * (1 + size)
        return (values?.first ?? .nan, tolerance)
    }
}
