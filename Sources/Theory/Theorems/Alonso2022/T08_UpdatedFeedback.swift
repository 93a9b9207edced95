internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, frozenFeedback, wrongSign, notSquared, outputErrorOnly }

extension Variant {
    /// `c` in the local term `c·aₙ` that the updated weights add to `W_bᵀe/s`: `‖e‖²/s²`.
    func coefficient(error: Matrix<Double>, s: Double, isOutput: Bool) -> Double {
        let exact = error.squaredNorm / (s * s)
        switch self {
        case .correct: return exact
        case .frozenFeedback: return 0
        case .wrongSign: return -exact
        case .notSquared: return error.squaredNorm / s
        case .outputErrorOnly: return isOutput ? exact : 0
        }
    }
}

/// The field of inference with updated feedback at activities `h`, mini-batch 1, from theory's formula.
private struct LocalField {
    /// `Fₙ` for `n = 1…N`: α times the gradient of the energy, if T8 is right.
    var field = PerLayer<Matrix<Double>>(from: 1, [])
    /// `Mₙ = eₙ/sₙ₋₁`.
    var weightedErrors = PerLayer<Matrix<Double>>(from: 1, [])
    var slopes = PerLayer<Matrix<Double>>(from: 1, [])
    /// `āₙ`.
    var rates: [Matrix<Double>] = []

    init(
        _ problem: ProximalProblem, activities: PerLayer<Matrix<Double>>, rates plain: PerLayer<Matrix<Double>>,
        _ variant: Variant
    ) {
        let architecture = problem.network.architecture
        let depth = architecture.depth
        var errors = PerLayer<Matrix<Double>>(from: 1, [])
        var norms: [Double] = []
        for n in 0..<depth {
            let extended = plain[n].extended(architecture.biases[n])
            rates.append(extended)
            norms.append(extended.squaredNorm)
            errors.append(activities[n + 1] - problem.network.parameters.layers[n].times(extended))
            weightedErrors.append((1 / norms[n]) * errors[n + 1])
        }
        for n in architecture.hiddenLayers {
            let width = architecture.widths[n]
            var slope = activities[n]
            architecture.activation(ofLayer: n).slope(activities[n], into: &slope)
            slopes.append(slope)
            let weights = problem.network.parameters.layers[n].columns(0..<width)
            var feedback = weights.transposed.times(weightedErrors[n + 1])
            let coefficient = variant.coefficient(
                error: errors[n + 1], s: norms[n], isOutput: n == depth - 1)
            feedback.add(coefficient * plain[n])
            feedback.multiply(elementwise: slope)
            field.append(weightedErrors[n] - feedback)
        }
        var gradient = activities[depth]
        problem.loss.gradient(activities[depth], targets: problem.batch.targets, into: &gradient)
        field.append(weightedErrors[depth] + problem.learningRate * gradient)
    }
}

extension Theorem {
    /// T8 both ways, without a solver. At arbitrary `h` with `θ = W(h)` let `F` be the field of IL-exact and
    ///
    /// `q_N = F_N`, `qₙ = Fₙ + φ′ₙ ⊙ Wₙᵀqₙ₊₁`; the claim is `ΔWₙ + α∇_{Wₙ}L(θ) = qₙ₊₁āₙᵀ`.
    ///
    /// So `F = 0` makes `q = 0` and θ stationary for `P`; and θ stationary makes `q = 0` (ā ≠ 0), hence
    /// `F = 0`. The left side comes from a feedforward and a backward pass at θ, which know nothing of `F`.
    /// The production's gradient of the energy is compared with `F` too.
    ///
    /// **Tolerance.** A running error analysis of the backward pass: activities at θ are off by `δh` (T7), so
    /// `ηₙ = L‖W⁺‖ηₙ₊₁ + L′‖δhₙ‖‖W⁺ᵀδₙ₊₁‖ + γ‖W⁺‖‖δₙ₊₁‖`, `L′ = sup|φ″|`; the gradient of a layer is off by
    /// `α(ηₙ₊₁‖ā‖ + ‖δₙ₊₁‖L‖δhₙ‖)`. The right side is off by the local rounding of `e/s`, and grows with `L‖W⁺‖`
    /// downwards. Activities within `δh` of a kink are no cases: there φ′ is not determined.
    static let updatedFeedback = Theorem.from(
        .updatedFeedback, title: "Inference with updated weights is exact",
        statement: #"""
            Inference whose errors are fed back through $W_n=W_n^b+e_{n+1}\bar a_n^\top/s_n$, \#
            $-\dot h_n\propto e_n/s_{n-1}-\varphi_n'\odot(W_n^{b\top}e_{n+1}/s_n+a_n\lVert e_{n+1}\rVert^2/s_n^2)$, has \#
            exactly the stationary points of $\mathcal E_\alpha$, hence of $P_\alpha$.
            """#,
        hypotheses: ["Mini-batch 1, all s > 0 (and above 10⁻¹⁰⁰: their inverse squares must be representable).", "No activity on a kink (up to rounding)."],
        paper: .ours,
        quantity: "ΔWₙ + α∇L(θ) − qₙ₊₁āₙᵀ at arbitrary h; F − the gradient of the energy by the production",
        bound: "zero",
        tolerance: "running error analysis of the backward pass at θ and of the recursion for q",
        generator: NetworkCases {
            $0.depths = 2...5
            $0.batchSizes = 1...1
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("feedback through the weights before the step (il-prox)", .frozenFeedback),
            ("the sign of the local term", .wrongSign), ("‖e‖²/s instead of ‖e‖²/s²", .notSquared),
            ("the local term in the last layer only", .outputErrorOnly),
        ]
    ) { networkCase, variant, context in
        let displaced = try DisplacedActivities(networkCase) { $0.update() }
        let problem = networkCase.problem
        let architecture = networkCase.architecture
        let depth = architecture.depth
        for n in 1..<depth where architecture.activation(ofLayer: n).kink != nil {
            let nearest = displaced.energy.activities[n].elements.map(abs).min() ?? 0
            try assume(nearest > 4 * displaced.errors[n], "an activity on a kink up to rounding")
        }
        // ‖e‖²/s² must be representable: rates of softplus far below 0 make s as small as 10⁻³⁰⁰.
        let smallest = displaced.energy.grams.map { $0.matrix[0, 0] }.min() ?? 1
        try assume(smallest > 1e-100, "1/s² overflows")
        networkCase.label(&context)

        let local = LocalField(
            problem, activities: displaced.energy.activities, rates: displaced.energy.rates, variant)
        let rounding = FieldRounding(problem, displaced, local.weightedErrors, local.rates)
        let pass = problem.linearization(after: displaced.update)
        let gradient = pass.gradient()
        var worst = WorstMargin()
        var deviation = local.field[depth]
        for n in stride(from: depth - 1, through: 0, by: -1) {
            let actual = displaced.update.layers[n] + problem.learningRate * gradient.layers[n]
            let expected = deviation.times(local.rates[n].transposed)
            worst.include(
                margin((actual - expected).norm, 0, tolerance: rounding.tolerance(ofLayer: n, deviation, pass)))
            if n == 0 { break }
            let weights = displaced.weights.layers[n].columns(0..<architecture.widths[n])
            var next = weights.transposed.times(deviation)
            next.multiply(elementwise: local.slopes[n])
            next.add(local.field[n])
            deviation = next
        }
        var energy = displaced.energy
        energy.differentiate()
        var production = local.field
        energy.gradient(slopes: local.slopes, into: &production)
        for n in architecture.layers {
            worst.include(
                margin((production[n] - local.field[n]).norm, 0, tolerance: rounding.local[n]))
        }
        return worst.value
    }
}

/// The tolerances of T8, from the sizes at one point.
private struct FieldRounding {
    let problem: ProximalProblem
    let displaced: DisplacedActivities
    let rates: [Matrix<Double>]
    /// The error of `Fₙ` on its own.
    private(set) var local = PerLayer<Double>(from: 1, [])
    private let weightNorms: [Double]

    init(
        _ problem: ProximalProblem, _ displaced: DisplacedActivities,
        _ weightedErrors: PerLayer<Matrix<Double>>, _ rates: [Matrix<Double>]
    ) {
        self.problem = problem
        self.displaced = displaced
        self.rates = rates
        let layers = problem.network.architecture.layers
        weightNorms = displaced.weights.layers.map(\.norm)
        let before = problem.network.parameters.layers.map(\.norm)
        let gamma = 32 * unitRoundoff
        // e/s off by its local rounding; twice, for the two ways to compute it.
        let off = PerLayer(layers) { n in
            2 * displaced.localErrors[n] / rates[n - 1].squaredNorm + gamma * weightedErrors[n].norm
        }
        for n in layers {
            var error = off[n]
            if n + 1 == layers.upperBound {
                let logits = displaced.energy.activities[n]
                var gradient = logits
                problem.loss.gradient(logits, targets: problem.batch.targets, into: &gradient)
                let sizes = gradient.norm + logits.norm + problem.batch.targets.norm
                error += gamma * problem.learningRate * sizes
            } else {
                let slope = problem.network.architecture.activation(ofLayer: n).lipschitzConstant
                let width = Double(weightedErrors[n + 1].rows)
                let weights = before[n] + 2 * weightNorms[n]
                error += slope * weights
                    * (off[n + 1] + (width + 8) * unitRoundoff * weightedErrors[n + 1].norm)
                // φ′ at activities that differ by a rounding.
                let curvature = problem.network.architecture.activation(ofLayer: n).largestCurvature
                let size = displaced.energy.activities[n].norm
                error += curvature * gamma * size * weights * weightedErrors[n + 1].norm
            }
            local.append(error)
        }
    }

    /// The tolerance of `ΔWₙ + α∇L − qₙ₊₁āₙᵀ`.
    func tolerance(
        ofLayer n: Int, _ deviation: Matrix<Double>, _ pass: Linearization<Double>
    ) -> Double {
        let architecture = problem.network.architecture
        let depth = architecture.depth
        let alpha = problem.learningRate
        // The backward pass at activities that are off by δh, and the recursion for q, from the top to n + 1.
        let logits = pass.logits.norm + problem.batch.targets.norm
        var passError = displaced.errors[depth] + 32 * unitRoundoff * (logits + pass.errors[depth].norm)
        var ownError = local[depth]
        for m in stride(from: depth - 1, to: n, by: -1) {
            let activation = architecture.activation(ofLayer: m)
            let fed = weightNorms[m] * pass.errors[m + 1].norm
            let rounding = (Double(pass.errors[m + 1].rows) + 16) * unitRoundoff
            passError =
                activation.lipschitzConstant * (weightNorms[m] * passError + rounding * fed)
                + activation.largestCurvature * (displaced.errors[m] + 8 * unitRoundoff) * fed
            let scale = weightNorms[m] * (ownError + rounding * largestDeviation(pass, m))
            ownError = local[m] + activation.lipschitzConstant * scale
        }
        let rate = rates[n].norm
        let below = n == 0 ? 0 : displaced.errors[n] * architecture.activation(ofLayer: n).lipschitzConstant
        let sizes = displaced.update.layers[n].norm + alpha * pass.errors[n + 1].norm * rate + deviation.norm * rate
        return alpha * (passError * rate + pass.errors[n + 1].norm * below) + ownError * rate
            + 64 * unitRoundoff * sizes
    }

    /// A bound on `‖q_{m+1}‖ = ‖M + αδ‖`.
    private func largestDeviation(_ pass: Linearization<Double>, _ m: Int) -> Double {
        displaced.energy.weightedErrors[m + 1].norm + problem.learningRate * pass.errors[m + 1].norm
    }
}
