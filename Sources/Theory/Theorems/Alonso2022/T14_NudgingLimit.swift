internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, strengthTwice, clamped, wrongSign }

extension Theorem {
    /// T14: the deviation of `Δ(β)/β` from the backpropagated step at seven strengths β.
    ///
    /// `h(β)` is the smooth solution of a smooth equation with `h(0)` the feedforward pass, so `Δ(β)/β` is an
    /// expansion `−α∇L + c₁β + O(β²)` and the deviation has slope 1, unless `c₁ = 0`, as for one layer.
    ///
    /// **Tolerance.** The interval of the slope at 99 %, which contains the bend by the next order, plus the largest
    /// tilt that the certificates allow: a solve with residual `ρ` is off by at most `ρ` times the size `‖Δ‖/β` of
    /// what is compared times the number of layers, and each error rounds by `ε = u(k+4)(‖W‖‖a‖ + ‖h‖)` before it is
    /// divided by β. Strengths whose deviation is not 100 times above this noise are left out; that leaves a
    /// relative error of 0.01 in a value at an end of at least four octaves, a tilt of at most 0.01. The second order
    /// tilts a fit over strengths up to `β₀` by its relative size at `β₀`, which is made small by choosing `β₀` where
    /// the deviation is at most 1 % of the step (a search by factors of 4, before any slope is known): 0.05.
    static let nudgingLimit = Theorem.from(
        .nudgingLimit, title: "Nudging limit",
        statement: #"""
            Weigh the loss by $\beta$ in the energy; as $\beta\to0$ the local updates divided by $\beta$ tend to the BP \#
            gradient, with a deviation of first order in $\beta$.
            """#,
        hypotheses: ["Activations with two continuous derivatives.", "Inference reached its equilibrium."],
        paper: .alonso2022, quantity: "the slope of log ‖Δ(β)/β + α∇L‖ over log β at seven β's",
        bound: "1, or the deviation vanishes up to rounding",
        tolerance: "the fit's 99 % interval, plus 0.06 for the noise and the bend that remain",
        generator: NetworkCases {
            $0.depths = 1...4
            $0.activations = NetworkCases.smoothActivations
            $0.widths = 1...8
            $0.batchSizes = 1...3
            $0.weightScales = 0.1...2
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("divided by 2β", .strengthTwice), ("the output clamped", .clamped), ("the sign of the gradient", .wrongSign),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        var target = problem.linearization(after: .zero(problem)).gradient()
        target.scale(by: variant == .wrongSign ? problem.learningRate : -problem.learningRate)
        let size = target.norm
        try assume(size > 0, "no gradient")
        // The first order at β₀ is at most 1 % of the step.
        var start = 0.1
        while start > 1e-9, try NudgedDeviation(networkCase, start, target, variant).deviation > 0.01 * size {
            start /= 4
        }
        var strengths: [Double] = []
        var deviations: [Double] = []
        for k in 0..<7 {
            let strength = start / Double(1 << k)
            let found = try NudgedDeviation(networkCase, strength, target, variant)
            if found.deviation > 100 * found.noise {
                strengths.append(strength)
                deviations.append(found.deviation)
            }
        }
        context.label("deviation vanishes", when: deviations.isEmpty)
        if deviations.isEmpty { return 0 }
        guard let fit = LogLogSlope(strengths, deviations) else { throw Discard("fewer than five β's above the noise") }
        try assume(fit.halfWidth < 0.5, "the order is not resolved")
        return fit.margin(order: 1, resolution: 0.06)
    }
}

/// `‖Δ(β)/β + α∇L‖` and what solve and rounding can have added to it.
private struct NudgedDeviation {
    let deviation: Double
    let noise: Double

    init(
        _ networkCase: NetworkCase, _ strength: Double, _ target: Parameters<Double>, _ variant: Variant
    ) throws {
        let output: OutputTreatment = variant == .clamped ? .clamped : .nudged(strength: strength)
        let rule = EquilibriumInferenceLearning(
            name: "nudged", precision: .unit, output: output, weightUpdate: .local, tolerance: 1e-11)
        let equilibrium = try EquilibriumCase(rule, networkCase, acceptingResidual: 1e-8)
        let divisor = variant == .strengthTwice ? 2 * strength : strength
        deviation = ((1 / divisor) * equilibrium.update - target).norm
        let problem = networkCase.problem
        var rounding = 0.0
        for n in 0..<networkCase.architecture.depth {
            let weights = problem.network.parameters.layers[n].norm
            let (rates, activities) = (equilibrium.rates[n].norm, equilibrium.activities[n + 1].norm)
            rounding += unitRoundoff * Double(equilibrium.rates[n].rows + 4) * (weights * (rates + 1) + activities)
                * (rates + 1)
        }
        noise = equilibrium.residual * Double(networkCase.architecture.depth) * target.norm
            + problem.learningRate * rounding / strength
    }
}
