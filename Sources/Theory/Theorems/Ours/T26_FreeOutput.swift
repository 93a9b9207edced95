internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness

private enum Variant: Sendable { case correct, frozenSlopes, linearUnits, outputClamped, factorOne }

extension Theorem {
    /// T26 at random activities: the energy falls along the line whose errors move by themselves, with the derivative
    /// `2F`, so nothing but the feedforward pass is stationary.
    ///
    /// With `v₁ = e₁`, `v_{n+1} = e_{n+1} + W_n(φ′_n ⊙ v_n)` the errors of `h − tv` are `(1−t)e + O(t²)`, and
    /// `R(t) = F(h−tv) − F(h) + 2tF(h)` is of second order. Where `e ≠ 0` this is a direction of descent.
    ///
    /// **Tolerance.** As in T13: values of `R` below 1000 times the rounding of `F` are left out, and the slope may
    /// fall short of 2 by its 99 % interval and 0.1. An error rounds by `δ = (k+4)u(‖W‖‖a‖ + ‖h‖)`, `F` by `Σ‖e‖δ + δ²`.
    static let freeOutput = Theorem.from(
        .freeOutput, title: "With a free output inference has one stationary point",
        statement: #"""
            Let $F=\frac12\sum\lVert e_n\rVert^2$ with nothing but the input held. Then $\nabla F=B^\top e$ with $B$ unit \#
            block-triangular, and the feedforward pass is the only stationary point. (With $Bv=e$ the derivative of $F$ \#
            along $v$ is $2F$.)
            """#,
        hypotheses: ["Activations with two continuous derivatives.", "Unit precisions; others scale the errors."],
        paper: .ours, quantity: "the order of F(h−tv) − F(h) + 2tF(h) in t, v = B⁻¹e", bound: "at least 2",
        tolerance: "the fit's 99 % interval and 0.1",
        generator: NetworkCases {
            $0.activations = NetworkCases.smoothActivations
            $0.widths = 1...8
            $0.batchSizes = 1...3
            $0.weightScales = 0.1...3
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("slopes of the feedforward pass", .frozenSlopes), ("slopes of linear units", .linearUnits),
            ("the output clamped", .outputClamped), ("F for 2F", .factorOne),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        var random = networkCase.randomGenerator(stream: 4)
        let start = ReferencePass(networkCase.problem, weights: networkCase.problem.network.parameters).activities
        let displaced = start.mapValues { activity in
            let size = 0.1 + activity.norm / Double(activity.count).squareRoot()
            return activity + activity.mapped { _ in size * random.nextNormal() }
        }
        let point = FreeEnergy(networkCase, displaced)
        let line = point.line(slopesAt: variant == .frozenSlopes ? start : displaced, variant)
        let derivative = (variant == .factorOne ? 1 : 2) * point.energy
        var steps: [Double] = []
        var remainders: [Double] = []
        for k in 0..<7 {
            let t = 1e-2 / Double(1 << k)
            let moved = FreeEnergy(networkCase, PerLayer(displaced.indices) { displaced[$0] - t * line[$0] })
            let remainder = abs(moved.energy - point.energy + t * derivative)
            if remainder > 1000 * (moved.rounding + point.rounding) {
                steps.append(t)
                remainders.append(remainder)
            }
        }
        guard let fit = LogLogSlope(steps, remainders) else { throw Discard("the order is hidden by rounding") }
        return excessMargin(2 - fit.slope, tolerance: fit.halfWidth + 0.1)
    }
}

/// `F = ½Σ‖eₙ‖²` at given activities, in plain loops.
private struct FreeEnergy {
    private let networkCase: NetworkCase
    private let errors: PerLayer<Matrix<Double>>
    let energy: Double
    /// A bound on the rounding of `energy`.
    let rounding: Double

    init(_ networkCase: NetworkCase, _ activities: PerLayer<Matrix<Double>>) {
        let architecture = networkCase.architecture
        let weights = networkCase.problem.network.parameters.layers
        self.networkCase = networkCase
        var errors = PerLayer<Matrix<Double>>(from: 1, [])
        var rounding = 0.0
        for n in 0..<architecture.depth {
            let extended = networkCase.extendedRates(activities, below: n)
            let error = activities[n + 1] - weights[n].times(extended)
            let local = Double(extended.rows + 4) * unitRoundoff
                * (weights[n].norm * extended.norm + activities[n + 1].norm)
            rounding += (error.norm + local) * local
            errors.append(error)
        }
        self.errors = errors
        self.rounding = rounding
        energy = errors.elements.reduce(0) { $0 + $1.squaredNorm / 2 }
    }

    /// `v` with `Bv = e`.
    func line(slopesAt activities: PerLayer<Matrix<Double>>, _ variant: Variant) -> PerLayer<Matrix<Double>> {
        let architecture = networkCase.architecture
        var line = errors
        for n in architecture.hiddenLayers {
            var slopes = activities[n]
            architecture.activation(ofLayer: n).slope(activities[n], into: &slopes)
            if variant == .linearUnits { slopes = slopes.mapped { _ in 1 } }
            let weights = networkCase.problem.network.parameters.layers[n].columns(0..<architecture.widths[n])
            line[n + 1].add(weights.times(line[n].scaled(elementwise: slopes)))
        }
        if variant == .outputClamped { line[architecture.depth].scale(by: 0) }
        return line
    }
}
