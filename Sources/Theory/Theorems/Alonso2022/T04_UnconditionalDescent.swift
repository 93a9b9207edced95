internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, explicitStep, factorOne, weightsOnly }

extension Variant {
    /// `‖Δ‖²` as the proximal term of this variant sees it.
    func squaredNorm(_ update: Parameters<Double>, _ architecture: Architecture) -> Double {
        guard self == .weightsOnly else { return update.squaredNorm }
        return (0..<architecture.depth).reduce(0) { sum, n in
            sum + update.layers[n].columns(0..<architecture.widths[n]).squaredNorm
        }
    }
}

extension Theorem {
    /// T4 for several θ of each case: the solver's end point, certified or not (it descends, so
    /// `P(θ) ≤ P(θ_b)` is its duty); points on the way to it; and the *farthest* point along `−∇L` with
    /// `P(θ) ≤ P(θ_b)`, found by bisection, where the bound is nearly attained for small α.
    ///
    /// **Tolerance.** Losses are computed by the reference pass in plain loops while membership in
    /// `{P ≤ P_b}` is decided by the production. Both know a loss to `FeedforwardRounding.meanLossError` and
    /// the reference's own rounding; their sum over the two points, and `8(k)u‖Δ‖²/(2α)` for the norm, is the
    /// tolerance of `L(θ) + ‖Δ‖²/(2α) − L(θ_b) ≤ 0`, which contains both claims.
    static let unconditionalDescent = Theorem.from(
        .unconditionalDescent, title: "Unconditional descent",
        statement: #"""
            For every $\alpha>0$ and every $\theta$ with $P_\alpha(\theta)\le P_\alpha(\theta_b)$: \#
            $L(\theta)\le L(\theta_b)$ and $\lVert\theta-\theta_b\rVert^2\le2\alpha(L(\theta_b)-L(\theta))$.
            """#,
        hypotheses: ["P(θ) ≤ P(θ_b); an exact update is not supposed."],
        paper: .alonso2022,
        quantity: "L(θ) − L(θ_b) and ‖θ − θ_b‖²/(2α) − (L(θ_b) − L(θ))",
        bound: "zero", tolerance: "the rounding of the two losses (running error analysis) and of the norm",
        generator: NetworkCases().generator(), describe: \.description, correct: Variant.correct,
        mutants: [
            ("the explicit step instead of the implicit one", .explicitStep),
            ("α instead of 2α in the bound", .factorOne),
            ("proximal term without the biases", .weightsOnly),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        let architecture = networkCase.architecture
        let alpha = problem.learningRate
        let zero = Parameters<Double>(zerosFor: architecture)
        let gradient = problem.linearization(after: zero).gradient()
        let before = lossAndError(problem, zero)

        func isInside(_ update: Parameters<Double>) -> Bool {
            let logits = problem.network.updated(by: update).logits(problem.batch.inputs)
            let loss = problem.loss.total(logits, targets: problem.batch.targets)
            let proximal = variant.squaredNorm(update, architecture) / (2 * alpha)
            return loss / Double(problem.batch.size) + proximal <= problem.lossBefore
        }
        var candidates: [(update: Parameters<Double>, isDuty: Bool)] = []
        if variant == .explicitStep {
            candidates.append(((-alpha) * gradient, true))
        } else if let report = try? ActivitySpaceSolver().certified(problem) {
            context.label("solve without certificate", when: !report.isExact)
            candidates.append((report.update, true))
            for share in [0.25, 0.75, 1.25] { candidates.append((share * report.update, false)) }
        }
        // The farthest point of the ray is at most 2α long in units of the gradient where L is convex.
        var (inside, outside) = (0.0, 4 * alpha)
        for _ in 0..<60 {
            let middle = (inside + outside) / 2
            if isInside((-middle) * gradient) { inside = middle } else { outside = middle }
        }
        candidates.append(((-inside) * gradient, false))
        context.label("moves along the gradient", when: inside > 0)

        var worst = WorstMargin()
        for candidate in candidates {
            guard candidate.isDuty || isInside(candidate.update) else { continue }
            let after = lossAndError(problem, candidate.update)
            let proximal = candidate.update.squaredNorm / (2 * alpha)
            let size = Double(candidate.update.count + 8) * unitRoundoff * proximal
            let tolerance = 2 * (before.error + after.error) + 8 * size
            let factor = variant == .factorOne ? 2.0 : 1.0
            let excess = after.loss + factor * proximal - before.loss
            worst.include(excess <= 0 ? 0 : excess / tolerance)
        }
        return worst.value
    }
}

/// `L(θ_b + Δ)` by the reference pass, and how far that and the production's value may be off.
private func lossAndError(
    _ problem: ProximalProblem, _ update: Parameters<Double>
) -> (loss: Double, error: Double) {
    let reference = ReferencePass(problem, weights: problem.network.parameters + update)
    let rounding = FeedforwardRounding(problem.network.updated(by: update), problem.batch.inputs)
    let error = rounding.meanLossError(problem.loss, logits: reference.logits, targets: problem.batch.targets)
    return (reference.meanLoss, error + reference.lossError)
}
