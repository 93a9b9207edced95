internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, batchMean, noPseudoinverse, factorTwo, biasMissing, explicitMinimiser }

extension Variant {
    /// `W(h) − W_b` for one layer, and `tr EK⁺Eᵀ`.
    func update(
        _ errors: Matrix<Double>, _ rates: Matrix<Double>, hasBias: Bool
    ) throws -> (update: Matrix<Double>, condition: Double, largest: Double) {
        var used = rates
        if self == .biasMissing, hasBias {
            for j in 0..<used.columns { used[used.rows - 1, j] = 0 }
        }
        let solution = try LeastNormSolution(
            used.transposed, errors.transposed, relativeTolerance: 1e-7)
        let values = solution.singularValues
        let largest = values.first ?? 0
        let smallest = solution.rank > 0 ? values[solution.rank - 1] : 1
        switch self {
        case .batchMean:
            let total = rates.squaredNorm
            let mean = (total == 0 ? 0 : 1 / total) * errors.times(rates.transposed)
            return (mean, 1, largest)
        case .noPseudoinverse:
            // Every direction of the rates that is nearly dependent is left out.
            let rough = try LeastNormSolution(
                used.transposed, errors.transposed, relativeTolerance: 0.5)
            return (rough.solution.transposed, largest / smallest, smallest)
        default: return (solution.solution.transposed, largest / smallest, smallest)
        }
    }

    var factor: Double { self == .factorTwo ? 1 : 0.5 }
}

extension Theorem {
    /// T3: the identity at random weights for any mini-batch, singular Gram matrices included, through
    /// the singular value decomposition of the rates; the production's energy where it exists; and
    /// the solver's minimum.
    ///
    /// **Tolerance.** The pseudoinverse may leave out singular values (below 10⁻⁷σ₁): it still is an
    /// orthogonal projection of `W − W_b`, and the identity is Pythagoras' for every projection. The
    /// computed update is off by `c u κ‖W − W_b‖`, `c = 4(kB+8)` and `κ ≤ 10⁷` of the values kept, and by
    /// `‖δE‖/σ` for the rounding of the errors, `δE = (k+8)u(|W|+|W_b|)|Ā|`.
    static let batchActivityEnergy = Theorem.from(
        .batchActivityEnergy, title: "Exact energy over activities, mini-batch",
        statement: #"""
            For every $\theta$ with feedforward activities $h$, \#
            $P_\alpha(\theta)=\mathcal E_\alpha(h)+\frac1{2\alpha}\sum_n\lVert W_n-W_n(h)\rVert_F^2$ with \#
            $W_n(h)=W_n^b+E_{n+1}K_n^+\bar A_n^\top$ and \#
            $\mathcal E_\alpha=L+\frac1{2\alpha}\sum_n\operatorname{tr}E_{n+1}K_n^+E_{n+1}^\top$.
            """#,
        hypotheses: ["Any mini-batch; the production's form supposes nonsingular Gram matrices."],
        paper: .ours,
        quantity: "P(θ) − E(h) − Σ‖W − W(h)‖²/(2α) at random θ; the production's E(h); P(θ⁺) − E(ĥ)",
        bound: "zero",
        tolerance: "c·u·κ of the rates (at most 10⁷) and the local rounding of errors",
        generator: NetworkCases().generator(), describe: \.description, correct: Variant.correct,
        mutants: [
            ("averaged update over averaged sₙ", .batchMean),
            ("pseudoinverse of too low a rank, and its energy in full", .noPseudoinverse),
            ("1/α instead of 1/(2α)", .factorTwo), ("Gram matrix without the bias", .biasMissing),
            ("the explicit step for the minimiser", .explicitMinimiser),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        let identity = EnergyIdentity(networkCase)
        let problem = identity.problem
        var energy = problem.learningRate * identity.reference.meanLoss
        var (gap, tolerance) = (0.0, identity.lossTolerance)
        for n in 0..<networkCase.architecture.depth {
            let errors = identity.error(ofLayer: n)
            let rates = identity.reference.extendedRates[n]
            let move = identity.move(ofLayer: n)
            let hasBias = networkCase.architecture.biases[n]
            let (update, condition, smallest) = try variant.update(errors, rates, hasBias: hasBias)
            energy += variant.factor * update.squaredNorm
            gap += (move - update).squaredNorm / 2
            let sizes = identity.weights.layers[n].mapped(abs)
                + problem.network.parameters.layers[n].mapped(abs)
            let local =
                Double(rates.rows + 8) * unitRoundoff * sizes.times(rates.mapped(abs)).norm
            let relative = 4 * Double(rates.count + 8) * unitRoundoff * condition
            let off = relative * move.norm + (smallest > 0 ? local / smallest : 0)
            tolerance += 2 * (move.norm + off) * off
            tolerance += Double(move.count + 8) * unitRoundoff * move.squaredNorm
        }
        var worst = WorstMargin()
        worst.include(margin(identity.scaledObjective, energy + gap, tolerance: tolerance))
        if let production = identity.productionEnergy() {
            context.label("Gram matrices nonsingular")
            let rounding = ActivityEnergyRounding(production.energy, weights: identity.weights).value
            worst.include(margin(production.value, energy, tolerance: tolerance + rounding))
        }
        let explicit = variant == .explicitMinimiser
        worst.include(
            try minimaAgree(networkCase, &context) { explicit ? problem.explicitStep : $0.update })
        return worst.value
    }
}
