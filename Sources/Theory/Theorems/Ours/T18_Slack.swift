internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, undampedUpdate, halfSlack, predictionPartMissing, batchMean }

extension Theorem {
    /// T18 at random weights and random activities, layer by layer, and the production's NLMS with `ε`.
    ///
    /// The loss is the same number on both sides and is left out.
    ///
    /// **Tolerance.** `κ = (‖K‖+ε)/ε` bounds the condition of `K + εI`, so `R = E(K+ε)⁻¹` is off by at most
    /// `ρ = c u κ‖R‖ + δ/ε`, `c = 4(kB+8)`, with the local rounding `δ = (k+4)u(‖W‖+‖W_b‖)‖Ā‖ + u‖H‖` of `E` and of the
    /// slack. Each square `‖X‖²` is off by `2‖X‖δX + δX²` for its own `δX`: `δ`, `ρ‖Ā‖` for `D`, `ρ‖Ā‖²` for `DĀ`; the
    /// trace by `ρ‖E‖ + ‖R‖δ`.
    static let slack = Theorem.from(
        .slack, title: "Slack between weights and activities",
        statement: #"""
            For all weights and activities $J_\varepsilon(\theta,h)=\ell(h_N)+\frac1{2\alpha\varepsilon}\sum_n\lVert \#
            h_{n+1}-W_n\bar a_n\rVert^2+\frac1{2\alpha}\lVert\theta-\theta_b\rVert^2=E_\varepsilon(h)+\frac1{2\alpha} \#
            \sum_n\operatorname{tr}D_n(I+\bar A_n\bar A_n^\top/\varepsilon)D_n^\top$ with \#
            $D_n=W_n-W_n^b-E_{n+1}(K_n+\varepsilon I)^{-1}\bar A_n^\top$, where $E_\varepsilon$ is the energy of T3 with \#
            $K_n+\varepsilon I$ for $K_n$. So NLMS with $\varepsilon$ minimises $J_\varepsilon$ over the weights, and \#
            $E_\varepsilon$ grows as $\varepsilon$ falls.
            """#,
        hypotheses: ["$\\varepsilon>0$; any mini-batch, any rank."], paper: .ours,
        quantity: "‖H−WĀ‖²/ε + ‖W−W_b‖² − tr E(K+ε)⁻¹Eᵀ − ‖D‖² − ‖DĀ‖²/ε; E_{2ε}(h) − E_ε(h); il-prox's update − W(h)",
        bound: "zero; at most zero; zero", tolerance: "rounding of the solve with K + εI, whose condition is at most 1 + ‖K‖/ε",
        generator: NetworkCases().generator(), describe: \.description, correct: Variant.correct,
        mutants: [
            ("the update of T3, without ε", .undampedUpdate), ("1/(2ε) for 1/ε", .halfSlack),
            ("‖D‖² alone", .predictionPartMissing), ("averaged update over averaged sₙ", .batchMean),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let problem = networkCase.problem
        let weights = EnergyIdentity(networkCase).weights
        var random = networkCase.randomGenerator(stream: 3)
        let spread = Double.exp((2 * random.nextUniform() - 1) * 3 * Double.log(10))
        var activities = ReferencePass(problem, weights: weights).activities
        for n in activities.indices {
            let size = 1e-3 + activities[n].norm / Double(activities[n].count).squareRoot()
            activities[n].add(activities[n].mapped { _ in size * random.nextNormal() })
        }
        var worst = WorstMargin()
        for n in 0..<networkCase.architecture.depth {
            let layer = try SlackLayer(
                rates: networkCase.extendedRates(activities, below: n), activity: activities[n + 1],
                base: problem.network.parameters.layers[n], weights: weights.layers[n], relativeEpsilon: spread, variant)
            worst.include(layer.identityMargin(variant))
            worst.include(layer.monotoneMargin)
        }
        if problem.batch.size == 1 { worst.include(productionMargin(networkCase, variant)) }
        return worst.value
    }
}

/// Both sides of the identity for one layer.
private struct SlackLayer {
    private let slack, move, errors, rates, responses, remainder: Matrix<Double>
    private let epsilon, local, responseError: Double
    /// `tr E(K+εI)⁻¹Eᵀ`, and the same with `2ε`.
    private let energy, looserEnergy: Double

    init(
        rates: Matrix<Double>, activity: Matrix<Double>, base: Matrix<Double>, weights: Matrix<Double>,
        relativeEpsilon: Double, _ variant: Variant
    ) throws {
        self.rates = rates
        let gram = rates.transposed.times(rates)
        epsilon = relativeEpsilon * max(gram.norm, 1e-3)
        errors = activity - base.times(rates)
        slack = activity - weights.times(rates)
        move = weights - base
        responses = try Self.responses(errors, gram, epsilon)
        energy = responses.dot(errors)
        looserEnergy = try Self.responses(errors, gram, 2 * epsilon).dot(errors)
        var used = responses
        switch variant {
        case .undampedUpdate: used = try Self.responses(errors, gram, 1e-6 * epsilon)
        case .batchMean:
            used = errors
            used.scale(by: 1 / (rates.squaredNorm + epsilon))
        default: break
        }
        remainder = move - used.times(rates.transposed)
        local = Double(rates.rows + 4) * unitRoundoff * (weights.norm + base.norm) * rates.norm
            + unitRoundoff * activity.norm
        let condition = 1 + gram.norm / epsilon
        responseError = 4 * Double(rates.count + 8) * unitRoundoff * condition * responses.norm + local / epsilon
    }

    /// `E(K+εI)⁻¹`.
    private static func responses(
        _ errors: Matrix<Double>, _ gram: Matrix<Double>, _ epsilon: Double
    ) throws -> Matrix<Double> {
        let damped = gram + epsilon * Matrix<Double>.identity(gram.rows)
        guard let factor = try? CholeskyFactorization(damped) else { throw Discard("K + εI not positive in rounding") }
        return try factor.solve(errors.transposed).transposed
    }

    func identityMargin(_ variant: Variant) -> Double {
        let share = (variant == .halfSlack ? 0.5 : 1) / epsilon
        let prediction = remainder.times(rates)
        let left = share * slack.squaredNorm + move.squaredNorm
        let last = variant == .predictionPartMissing ? 0 : prediction.squaredNorm / epsilon
        let right = energy + remainder.squaredNorm + last
        func square(_ norm: Double, _ error: Double) -> Double { (2 * norm + error) * error }
        let size = rates.norm
        let off = responseError * size + 4 * unitRoundoff * (move.norm + responses.norm * size)
        let products = Double(rates.rows + 4) * unitRoundoff * remainder.norm * size
        let tolerance = square(slack.norm, local) / epsilon + square(remainder.norm, off)
            + square(prediction.norm, off * size + products) / epsilon
            + responseError * errors.norm + responses.norm * local
            + Double(move.count + errors.count + 16) * unitRoundoff * (left + right)
        return margin(left, right, tolerance: tolerance)
    }

    var monotoneMargin: Double {
        excessMargin(looserEnergy - energy, tolerance: 2 * (responseError * errors.norm + responses.norm * local))
    }
}

/// The update of `il-prox` with `ε = 1` against `E(K+ε)⁻¹Āᵀ` at the activities that it inferred.
private func productionMargin(_ networkCase: NetworkCase, _ variant: Variant) -> Double {
    let problem = networkCase.problem
    guard let step = networkCase.step(InferenceLearning.proximal(steps: 5, stepSize: 0.1, epsilon: 1)),
        let activities = step.activities, step.update.norm.isFinite
    else { return 0 }
    var worst = WorstMargin()
    for n in step.update.layers.indices {
        let weights = problem.network.parameters.layers[n]
        let rates = networkCase.extendedRates(activities, below: n)
        let errors = activities[n + 1] - weights.times(rates)
        let denominator = rates.squaredNorm + (variant == .undampedUpdate ? 0 : 1)
        let expected = (1 / denominator) * errors.times(rates.transposed)
        let local = Double(weights.columns + 8) * unitRoundoff
            * (weights.norm * rates.norm + activities[n + 1].norm)
        worst.include(excessMargin(
            (step.update.layers[n] - expected).norm, tolerance: 4 * local * rates.norm / denominator))
    }
    return worst.value
}
