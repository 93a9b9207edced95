internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable {
    case correct, biasMissing, previousLayer, factorTwo, unnormalized, explicitMinimiser
}

extension Variant {
    /// `sₙ`, the squared norm of the rates that layer `n` reads.
    func squaredNorm(_ rates: [Matrix<Double>], _ n: Int, hasBias: Bool) -> Double {
        switch self {
        case .correct, .factorTwo, .explicitMinimiser: rates[n].squaredNorm
        case .biasMissing: rates[n].squaredNorm - (hasBias ? 1 : 0)
        case .previousLayer: rates[max(0, n - 1)].squaredNorm
        case .unnormalized: 1
        }
    }

    /// The factor in front of `Σ‖e‖²/s`, times α.
    var factor: Double { self == .factorTwo ? 1 : 0.5 }
}

extension Theorem {
    /// T2 in three parts.
    ///
    /// 1. The identity `P(θ) = E(h) + Σ‖W − W(h)‖²/(2α)` at random weights θ, in plain loops from the
    ///    definitions: it gives `min P ≥ min E`, and equality at `W(h)`.
    /// 2. The production's energy at the same activities has the same value.
    /// 3. At the solver's minimiser `W = W(ĥ)`, so `E(ĥ) = P(θ⁺)` without the sum; no random weights near θ⁺ lie lower than the
    ///    residual allows, and `P(θ⁺) ≤ P(θ_b)`.
    ///
    /// **Tolerance.** `ActivityEnergyRounding` for 1 and 2, plus the rounding of the loss. In 3, for
    /// weights at distance `d` of θ⁺ the objective can be lower by at most `r d/α` with the residual
    /// `r = ‖Δ + α∇L‖` if θ⁺ is a minimum; the deviation of the second order is positive there.
    static let activityEnergy = Theorem.from(
        .activityEnergy, title: "Exact energy over activities",
        statement: #"""
            At mini-batch 1, for every $\alpha>0$, $\min_\theta P_\alpha(\theta)=\min_h\mathcal E_\alpha(h)$ with \#
            $\mathcal E_\alpha(h)=\ell(h_N,y)+\frac1{2\alpha}\sum_n\lVert h_{n+1}-W_n^b\bar a_n\rVert^2/s_n$, and a \#
            minimiser $\hat h$ gives a minimiser $W_n=W_n^b+e_{n+1}\bar a_n^\top/s_n$.
            """#,
        hypotheses: ["Mini-batch 1.", "A term with s = 0 counts as 0 where its error is 0."],
        paper: .alonso2022,
        quantity: "P(θ) − E(h) − Σ‖W − W(h)‖²/(2α) at random θ; the production's E(h); P(θ⁺) − E(ĥ) at the solver's point",
        bound: "zero",
        tolerance: "local rounding of each layer's errors times their weight in the energy (ActivityEnergyRounding)",
        generator: NetworkCases { $0.batchSizes = 1...1 }.generator(), describe: \.description,
        correct: Variant.correct,
        mutants: [
            ("s without the bias", .biasMissing), ("s of the layer below", .previousLayer),
            ("1/α instead of 1/(2α)", .factorTwo), ("precision 1/α, not normalized", .unnormalized),
            ("the explicit step for the minimiser", .explicitMinimiser),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let identity = EnergyIdentity(networkCase)
        let problem = identity.problem
        var energy = problem.learningRate * identity.reference.meanLoss
        var gap = 0.0
        for n in 0..<networkCase.architecture.depth {
            let rates = identity.reference.extendedRates
            let error = identity.error(ofLayer: n)
            let move = identity.move(ofLayer: n)
            let s = variant.squaredNorm(rates, n, hasBias: networkCase.architecture.biases[n])
            guard rates[n].squaredNorm > 0 else {
                context.label("all rates of a layer zero")
                gap += move.squaredNorm / 2
                continue
            }
            energy += variant.factor * error.squaredNorm / s
            gap += (move - (1 / s) * error.times(rates[n].transposed)).squaredNorm / 2
        }
        guard let production = identity.productionEnergy() else {
            // Rates of zero: the energy has no finite value nearby, but the identity still holds.
            throw Discard("all rates of a layer zero")
        }
        let tolerance =
            ActivityEnergyRounding(production.energy, weights: identity.weights).value
            + identity.lossTolerance
        var worst = WorstMargin()
        worst.include(margin(identity.scaledObjective, energy + gap, tolerance: tolerance))
        worst.include(margin(production.value, energy, tolerance: tolerance))
        let explicit = variant == .explicitMinimiser
        worst.include(
            try minimaAgree(networkCase, &context) { explicit ? problem.explicitStep : $0.update })
        return worst.value
    }
}

/// The third part of T2 and T3: the solver's minimum over activities is one over weights.
///
/// - Parameter minimiser: what is taken for the minimum, whose energy must be its objective.
func minimaAgree(
    _ networkCase: NetworkCase, _ context: inout CaseContext,
    minimiser: (CertifiedUpdate) -> Parameters<Double> = \.update
) throws -> Double {
    let problem = networkCase.problem
    guard let report = try? ActivitySpaceSolver().certified(problem) else { return 0 }
    context.label("solve without certificate", when: !report.isExact)
    let alpha = problem.learningRate
    let weights = problem.network.parameters + report.update
    let reference = ReferencePass(problem, weights: weights)
    let after = FeedforwardRounding(
        problem.network.updated(by: report.update), problem.batch.inputs,
        relativeWeightError: 2 * unitRoundoff)
    let logits = reference.logits
    let rounding =
        2 * after.meanLossError(problem.loss, logits: logits, targets: problem.batch.targets)
        + reference.lossError + 64 * unitRoundoff * report.objective
    var worst = WorstMargin()
    let objective = reference.meanLoss + report.update.squaredNorm / (2 * alpha)
    worst.include(margin(report.objective, objective, tolerance: rounding))
    worst.include(max(0, report.objective - report.lossBefore) / rounding)
    if report.isExact {
        let identity = EnergyIdentity(problem, weights: problem.network.parameters + minimiser(report))
        if let production = identity.productionEnergy() {
            let tolerance = ActivityEnergyRounding(production.energy, weights: identity.weights).value
                + identity.lossTolerance
            worst.include(margin(production.value, identity.scaledObjective, tolerance: tolerance))
        }
    }
    guard report.isStrictMinimum else { return worst.value }
    // Random weights near the minimum: the second-order part is positive, so close by the objective
    // can fall by no more than the first-order part.
    let direction = networkCase.randomParameters(stream: 3)
    for relative in [1e-4, 1e-6] {
        let distance = relative * report.update.norm
        guard distance > 0 else { continue }
        let near = report.update + (distance / direction.norm) * direction
        let drop = report.objective - problem.objective(after: near)
        let allowed = report.implicitResidual * report.update.norm * distance / alpha
        worst.include(max(0, drop) / (allowed + 2 * rounding))
    }
    return worst.value
}

extension Parameters<Double> {
    /// `‖θ‖²`.
    var squaredNorm: Double { dot(self) }
}

extension ProximalProblem {
    /// `−α∇L(θ_b)`.
    var explicitStep: Parameters<Double> {
        (-learningRate) * linearization(after: Parameters(zerosFor: network.architecture)).gradient()
    }
}
