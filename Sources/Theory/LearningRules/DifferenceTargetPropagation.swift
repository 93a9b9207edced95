public import LinearAlgebra
internal import Networks

/// `dtp`: target propagation with the difference correction, through inverses of the layers.
///
/// The output's target is a step along `−∇ℓ`. Layer `n`'s target is `ĥₙ = hₙ + g(ĥₙ₊₁) − g(hₙ₊₁)`, and its weights follow
/// the local loss `½‖ĥₙ − pₙ‖²`: `ΔWₙ₋₁ = α/B Σ (ĥₙ − hₙ)āₙ₋₁ᵀ`. The inverse `g` is the affine one that damped least squares
/// gives around the feedforward pass of each example: with the layer's Jacobian `J = Wₙ diag φ′ₙ`,
///
/// `ĥₙ − hₙ = Jᵀ(JJᵀ + λI)⁻¹(ĥₙ₊₁ − hₙ₊₁)`.
///
/// It is what an inverse converges to that learns to undo small noise (the difference reconstruction loss), `λ` being the
/// noise at its input over that at its output. An affine inverse commutes with the size of the output's step, which
/// therefore cancels. `λ → ∞`, multiplied by `λ`, is backpropagation.
///
/// D.-H. Lee et al., *Difference target propagation*, ECML 2015; A. Meulemans et al., *A theoretical framework for target
/// propagation*, NeurIPS 2020; S. Ishikawa et al., ICLR 2025 (arXiv 2411.02001).
public struct DifferenceTargetPropagation: LearningRule {
    public let name = "dtp"
    /// `λ` of the inverses.
    public var damping: Double

    public init(damping: Double = 0.01) { self.damping = damping }

    /// - Throws: `RuleError.unsolved` for other layers than dense ones, and where a layer without damping has no inverse.
    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let architecture = problem.network.architecture
        guard architecture.isDense else { throw .unsolved("dtp knows the inverses of dense layers only") }
        let wide = try problem.inDouble()
        var state = InferenceState<Double>(architecture: architecture, examples: wide.batch.size)
        state.begin(wide, at: .feedforward, output: .clamped)
        for n in architecture.hiddenLayers.reversed() {
            var slopes = state.activities[n]
            architecture.activation(ofLayer: n).slope(state.activities[n], into: &slopes)
            for example in 0..<wide.batch.size {
                let jacobian = Matrix<Double>(rows: architecture.widths[n + 1], columns: architecture.widths[n]) {
                    wide.network.parameters.layers[n][$0, $1] * slopes[$1, example]
                }
                let target = try pullBack(Matrix(column: state.errors[n + 1].column(example)), through: jacobian, layer: n)
                for i in 0..<target.rows { state.errors[n][i, example] = target[i, 0] }
            }
        }
        let update = try WeightUpdate.local.update(state, wide)
        return LearningStep(update: update.converted(to: Scalar.self))
    }

    /// `Jᵀ(JJᵀ + λI)⁻¹e`, by the smaller of `JJᵀ` and `JᵀJ`.
    private func pullBack(
        _ error: Matrix<Double>, through jacobian: Matrix<Double>, layer: Int
    ) throws(RuleError) -> Matrix<Double> {
        let isWide = jacobian.rows <= jacobian.columns
        let order = isWide ? jacobian.rows : jacobian.columns
        var system = Matrix<Double>(rows: order, columns: order)
        if isWide {
            system.assignProduct(jacobian, .none, jacobian, .transposed)
        } else {
            system.assignProduct(jacobian, .transposed, jacobian)
        }
        for i in 0..<order { system[i, i] += damping }
        var target = Matrix<Double>(rows: jacobian.columns, columns: 1)
        do {
            let factor = try CholeskyFactorization(system)
            if isWide {
                target.assignProduct(jacobian, .transposed, try factor.solve(error))
                return target
            }
            target.assignProduct(jacobian, .transposed, error)
            return try factor.solve(target)
        } catch {
            throw .unsolved("the inverse of layer \(layer) with damping \(damping): \(error)")
        }
    }
}

extension RuleEntry {
    public static let differenceTargetPropagation = RuleEntry(
        name: "dtp", summary: "difference target propagation through damped least-squares inverses, λ = ε = 0.01",
        settings: [.epsilon], chartStyle: 27, paper: "Ishikawa 2024"
    ) { DifferenceTargetPropagation(damping: $0.epsilon ?? 0.01) }
}
