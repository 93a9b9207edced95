internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import RealModule

private enum Variant: Sendable { case correct, wrongSign, frozenRates, biasDropped, doublePrecision, lossBefore }

extension Theorem {
    /// T13: the energy at the equilibrium against the loss, and its derivative along a random direction `V`.
    ///
    /// With `G = −eāᵀ` at the equilibrium, `R(t) = F*(W+tV) − F*(W) − t⟨G, V⟩` must be of second order; a wrong
    /// gradient leaves a term of first order. Seven `t` in octaves.
    ///
    /// **Tolerance.** `F* ≤ L`: the rounding of both, `ε_n = u(k+4)(‖W‖‖a‖ + ‖h‖)` for each error, which enters as
    /// `‖e_n‖ε_n + ½ε_n²`, for `L` with `‖∇ℓ‖` for `e`; errors are carried along by no more than the rounding of the whole
    /// feedforward pass, `FeedforwardRounding`. The order: values of `R` below 1000 times the rounding of its
    /// terms are left out. The fit must not resolve an order below 2: the slope may fall short of 2 by its
    /// 99 % interval and by 0.1, which is the tilt that a third-order term of 10 % at the largest `t` makes; a first-order
    /// term makes it 1.
    static let equilibriumEnergy = Theorem.from(
        .equilibriumEnergy, title: "Equilibrium energy",
        statement: #"""
            At the inference equilibrium reached by descent from the feedforward pass $F^*\le L$, and the weight \#
            gradient of $F^*$ is the local gradient $-e_{n+1}\bar a_n^\top$ (unit precisions).
            """#,
        hypotheses: [
            "Inference reached its equilibrium.", "The derivative: activations with two continuous derivatives.",
        ],
        paper: .alonso2022, quantity: "F* − L; the order of F*(W+tV) − F*(W) − t⟨G,V⟩ in t", bound: "zero; at least 2",
        tolerance: "rounding of the energies; the fit's 99 % interval and 0.1",
        generator: NetworkCases {
            $0.depths = 1...4
            $0.widths = 1...8
            $0.batchSizes = 1...3
            $0.weightScales = 0.1...3
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("the sign of the local gradient", .wrongSign), ("rates of the feedforward pass", .frozenRates),
            ("the bias column dropped", .biasDropped), ("precision 2 in the gradient", .doublePrecision),
            ("the loss of the feedforward pass in F", .lossBefore),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        let state = try EquilibriumEnergy(networkCase, problem.network)
        var worst = WorstMargin()
        let energy = variant == .lossBefore ? state.hiddenEnergy + problem.lossBefore : state.energy
        worst.include(excessMargin(energy - problem.lossBefore, tolerance: state.rounding))
        guard !networkCase.architecture.hasKinks else { return worst.value }

        let random = networkCase.randomParameters(stream: 7)
        let direction = ((1 + problem.network.parameters.norm) / random.norm) * random
        let gradient = state.gradient(networkCase, variant).dot(direction)
        var steps: [Double] = []
        var remainders: [Double] = []
        for k in 0..<7 {
            let t = 1e-3 / Double(1 << k)
            let moved = try EquilibriumEnergy(networkCase, problem.network.updated(by: direction, scaledBy: t))
            let remainder = abs(moved.energy - state.energy - t * gradient)
            let noise = state.rounding + moved.rounding + t * direction.norm * state.gradientRounding
            if remainder > 1000 * noise {
                steps.append(t)
                remainders.append(remainder)
            }
        }
        guard let fit = LogLogSlope(steps, remainders) else {
            context.label("derivative below rounding")
            return worst.value
        }
        context.label("derivative checked")
        worst.include(excessMargin(2 - fit.slope, tolerance: fit.halfWidth + 0.1))
        return worst.value
    }
}

/// `F*`, the mean over the examples of `½Σ_{n<N}‖eₙ‖² + ℓ(p_N)` at the equilibrium of `il`.
private struct EquilibriumEnergy {
    let energy: Double
    let hiddenEnergy: Double
    /// A bound on the rounding of `F*` and of `L`.
    let rounding: Double
    /// A bound on the rounding of `G`, that of each error times its rates.
    let gradientRounding: Double
    /// `e₁ … e_{N−1}` and `−∇ℓ`.
    private let errors: PerLayer<Matrix<Double>>
    private let rates: PerLayer<Matrix<Double>>

    init(_ networkCase: NetworkCase, _ network: Network<Double>) throws {
        let problem = networkCase.problem
        let equilibrium = try EquilibriumCase(.standard(), networkCase, weights: network)
        let depth = networkCase.architecture.depth
        var errors = PerLayer<Matrix<Double>>(from: 1, [])
        var (hidden, rounding, gradientRounding) = (0.0, 0.0, 0.0)
        var logits = equilibrium.activities[depth]
        let examplesRoot = Double(problem.batch.size).squareRoot()
        for n in 0..<depth {
            let weights = network.parameters.layers[n]
            var prediction = equilibrium.activities[n + 1]
            network.predict(layer: n, rates: equilibrium.rates[n], into: &prediction)
            let size = Double(weights.columns + 4) * unitRoundoff
                * (weights.norm * (equilibrium.rates[n].norm + 1) + equilibrium.activities[n + 1].norm)
            if n + 1 < depth {
                errors.append(equilibrium.activities[n + 1] - prediction)
                hidden += errors[n + 1].squaredNorm / 2
            } else {
                logits = prediction
                var gradient = prediction
                problem.loss.gradient(prediction, targets: problem.batch.targets, into: &gradient)
                gradient.scale(by: -1)
                errors.append(gradient)
            }
            rounding += errors[n + 1].norm * size + size * size / 2
            gradientRounding += size * (equilibrium.rates[n].norm + examplesRoot)
        }
        let examples = Double(problem.batch.size)
        let loss = problem.loss.total(logits, targets: problem.batch.targets)
        hiddenEnergy = hidden / examples
        energy = (hidden + loss) / examples
        self.gradientRounding = gradientRounding / examples
        self.errors = errors
        rates = equilibrium.rates
        self.rounding = (rounding + 64 * unitRoundoff * (hidden + loss)) / examples
            + FeedforwardRounding(problem.network, problem.batch.inputs).meanLossError(
                problem.loss, logits: problem.network.logits(problem.batch.inputs), targets: problem.batch.targets)
    }

    /// `−1/B Σ eₙ₊₁āₙᵀ`, layer by layer, or what a mutant takes for it.
    func gradient(_ networkCase: NetworkCase, _ variant: Variant) -> Parameters<Double> {
        let problem = networkCase.problem
        var result = Parameters<Double>(zerosFor: networkCase.architecture)
        var scale = variant == .wrongSign ? 1.0 : -1.0
        if variant == .doublePrecision { scale *= 2 }
        let start = problem.linearization(after: .zero(problem))
        for n in result.layers.indices {
            let layer = networkCase.architecture.weightLayers[n]
            layer.pullBackToWeights(
                errors[n + 1], variant == .frozenRates ? start.rates[n] : rates[n],
                scale: scale / Double(problem.batch.size), keep: 0, into: &result.layers[n])
            if variant == .biasDropped, layer.hasBias {
                let last = result.layers[n].columns - 1
                for i in 0..<result.layers[n].rows { result.layers[n][i, last] = 0 }
            }
        }
        return result
    }
}
