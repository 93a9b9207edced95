internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import RealModule

private enum Variant: Sendable { case correct, quarter, halfDistance, summedSpectrum, otherTarget }

extension Theorem {
    /// T10 on problems with known weights of zero loss.
    ///
    /// The targets are the outputs of `θ* = θ_b + D`. For every θ with `P(θ) ≤ P(θ*) = ‖D‖²/(2α)`, minimisers among
    /// them, `L(θ) ≤ ‖D‖²/(2α)` and `‖θ−θ_b‖ ≤ ‖D‖`. Checked at the lower of the two descents from `θ_b` and from
    /// `θ*`, which cannot end above `P(θ*)`, and at the last point of that set on the ray through it.
    ///
    /// One layer: the nearest zero-loss weights are `θ_b + (Y − W_bX̄)X̄⁺ = θ_b + D*`, and in the eigenvectors of
    /// `X̄X̄ᵀ/B` the exact step leaves the share `1/(1+αρᵢ)` of `D*`, so with the least positive `ρ`
    /// `‖θ⁺ − θ_b − D*‖ ≤ ‖D*‖/(1+αρ)`, and `≥ ‖D*‖/(1+αρ_max)`: the approach, with its rate.
    ///
    /// **Tolerance.** Rounding of the outputs of `θ*` makes its loss `½‖δh‖²/B` instead of 0, and of `L(θ⁺)` as in
    /// `FeedforwardRounding`. For one layer the step is off by its residual times `‖Δ‖` (T11), the least-norm solution by
    /// `c u κ²‖D*‖` with `κ² = ρ_max/ρ` and `c = 64k`.
    static let largeLearningRate = Theorem.from(
        .largeLearningRate, title: "Large learning rates",
        statement: #"""
            If some $\theta$ has $L(\theta)=0=\inf L$, then as $\alpha\to\infty$ the minimisers of $P_\alpha$ approach the \#
            set of zero-loss weights nearest to $\theta_b$, with $L(\theta^+)\le\operatorname{dist}^2/(2\alpha)$.
            """#,
        hypotheses: [
            "Squared error with targets that some weights reach.",
            "The point found is not above those weights in the proximal objective.",
        ],
        paper: .ours,
        quantity: "L(θ⁺) and ‖Δ‖ on the sublevel set of P(θ*); one layer: the distance to the nearest zero-loss weights",
        bound: "dist²/(2α), dist; between dist/(1+αρ_max) and dist/(1+αρ_min)",
        tolerance: "rounding of the targets, the loss and the least-norm solution; the solve's residual",
        generator: realizableCases(), describe: \.networkCase.description, correct: Variant.correct,
        mutants: [
            ("dist²/(4α)", .quarter), ("radius dist/2", .halfDistance), ("ρ of the summed loss", .summedSpectrum),
            ("another zero-loss point than the nearest", .otherTarget),
        ]
    ) { value, variant, context in
        let networkCase = value.networkCase
        networkCase.label(&context)
        let problem = networkCase.problem
        let alpha = problem.learningRate
        let shift = value.shift
        let solved = try networkCase.exactUpdate()
        let other = problem.descent(from: shift)
        let goal = problem.objective(after: shift)
        let candidates = [solved, other].compactMap { $0 }.filter { $0.isExact && $0.objective <= goal }
        guard let best = candidates.min(by: { $0.objective < $1.objective }) else {
            throw Discard("no descent ended below the zero-loss weights")
        }
        let rounding = FeedforwardRounding(
            problem.network.updated(by: shift), problem.batch.inputs, relativeWeightError: unitRoundoff)
        let targetError = rounding.activities.last?.squaredNorm ?? 0
        let square = shift.squaredNorm
        var worst = WorstMargin()
        for point in problem.sublevelPoints(through: best.update, limit: goal) {
            let network = problem.network.updated(by: point)
            let logits = network.logits(problem.batch.inputs)
            let loss = problem.linearization(after: point).meanLoss
            let tolerance = targetError + 64 * unitRoundoff * square / alpha
                + FeedforwardRounding(network, problem.batch.inputs, relativeWeightError: unitRoundoff)
                .meanLossError(problem.loss, logits: logits, targets: problem.batch.targets)
            worst.include(
                excessMargin(loss - square / ((variant == .quarter ? 4 : 2) * alpha), tolerance: tolerance))
            let radius = (variant == .halfDistance ? 0.25 : 1) * square
            worst.include(
                excessMargin(
                    point.squaredNorm - radius,
                    tolerance: 2 * alpha * tolerance + 64 * unitRoundoff * square))
        }
        if networkCase.architecture.depth == 1 {
            worst.include(try approachMargin(problem, best, shift, variant))
        }
        return worst.value
    }
}

/// One layer: how far `‖θ⁺ − θ_b − D*‖` is from the interval that the spectrum allows.
private func approachMargin(
    _ problem: ProximalProblem, _ report: CertifiedUpdate, _ shift: Parameters<Double>, _ variant: Variant
) throws -> Double {
    let inputs = problem.batch.inputs.extended(problem.network.architecture.biases[0])
    let errors = problem.batch.targets - problem.network.logits(problem.batch.inputs)
    let least = try LeastNormSolution(inputs.transposed, errors.transposed)
    guard least.rank == inputs.columns, let largest = least.singularValues.first,
        let smallest = least.singularValues.last, smallest > 1e-4 * largest
    else { return 0 }
    var nearest = least.solution.transposed
    if variant == .otherTarget { nearest = shift.layers[0] }
    let scale = problem.learningRate / (variant == .summedSpectrum ? 1 : Double(problem.batch.size))
    let distance = (report.update.layers[0] - nearest).norm
    let size = nearest.norm
    let condition = largest / smallest
    let tolerance = report.implicitResidual * report.update.norm
        + 64 * Double(inputs.count) * unitRoundoff * condition * condition
        * (size + problem.batch.targets.norm / smallest + problem.network.parameters.norm)
    let upper = size / (1 + scale * smallest * smallest)
    let lower = size / (1 + scale * largest * largest)
    return excessMargin(max(distance - upper, lower - distance), tolerance: tolerance)
}

extension ProximalProblem {
    /// The weights at `t·Δ` for `t = 0`, `1` and the ends of the set of such `t` with `P ≤ limit`, in steps of 2 %.
    func sublevelPoints(through update: Parameters<Double>, limit: Double) -> [Parameters<Double>] {
        let inside = (0..<110).map { Double($0) * 0.02 }.filter { objective(after: $0 * update) <= limit }
        return Set([inside.first, inside.last, 1].compactMap { $0 }).sorted().map { $0 * update }
    }
}

/// A problem whose targets are the outputs of the weights `θ_b + shift`.
struct RealizableCase: Sendable {
    let networkCase: NetworkCase
    let shift: Parameters<Double>
}

/// Realizable problems: α around the learning rate at which `θ_b` itself has the objective of `θ*`.
func realizableCases() -> Generator<RealizableCase> {
    let base = NetworkCases {
        $0.depths = 1...4
        $0.losses = [.squaredError]
        $0.batchFitsLayers = true
        $0.batchSizes = 1...4
        $0.weightScales = 0.1...3
        $0.degeneracies = [.zeroInput, .equalTargets, .oneUnitLayer, .rankDeficient]
    }.generator()
    return Generator { source in
        let size = try source.draw(.logUniform(in: 1e-2...10))
        let share = try source.draw(.optional(.logUniform(in: 0.1...10)))
        let drawn = try source.draw(base)
        let problem = drawn.problem
        let random = drawn.randomParameters(stream: 5)
        let shift = (size / random.norm) * random
        let targets = problem.network.updated(by: shift).logits(problem.batch.inputs)
        let batch = try Batch(inputs: problem.batch.inputs, targets: targets)
        let loss = try ProximalProblem(
            network: problem.network, batch: batch, loss: .squaredError, learningRate: 1).lossBefore
        var alpha = problem.learningRate
        if let share, loss > 0 { alpha = min(1e4, max(1e-4, share * size * size / (2 * loss))) }
        let realizable = try ProximalProblem(
            network: problem.network, batch: batch, loss: .squaredError, learningRate: alpha)
        return RealizableCase(
            networkCase: NetworkCase(problem: realizable, degeneracies: drawn.degeneracies, seed: drawn.seed),
            shift: shift)
    }
}
