public import ImplicitSGD
public import LinearAlgebra
internal import Networks

/// `implicit-slack`: implicit SGD in which activities may differ from what the weights predict (T18).
///
/// Its step goes to a stationary point, reached from `θ_b` and its feedforward pass, of
///
/// `J_ε(θ, h) = L(h_N) + 1/(2αε) · 1/B Σₙ ‖Hₙ₊₁ − WₙĀₙ‖² + ‖θ − θ_b‖²/(2α)`,
///
/// with `Wₙ⁺ = Wₙ + Eₙ₊₁(Kₙ + BεI)⁻¹Āₙᵀ`: NLMS with `ε` at activities that minimise the energy of T3 with `Kₙ + BεI`
/// for `Kₙ`, which exists whatever the rank of the rates. The slack is a mean over the `B` examples, as `ε` is in `il-prox`. For `ε → 0` it is exact implicit SGD, at a distance of first order in
/// `ε`. For `ε → ∞` with `αε` fixed it is inference learning at the equilibrium of the energy with variance `αε`. It
/// need not lower the loss (T4 does not hold for `ε > 0`).
///
/// `O((B Σdₙ)·(B max dₙ)²)` operations an iteration.
public struct SlackImplicit: LearningRule {
    public let name = "implicit-slack"
    /// `ε`, in units of `sₙ`.
    public var epsilon: Double
    public var options: SolverOptions

    public init(epsilon: Double = 1, options: SolverOptions = SolverOptions()) {
        self.epsilon = epsilon
        self.options = options
    }

    /// - Throws: `RuleError.unsolved` for more activities than a factorization can hold, or where weights are held.
    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let wide = try problem.inDouble()
        let order = wide.network.architecture.activityCount * wide.batch.size
        guard order <= ProximalSolver.activityLimit else {
            throw .unsolved(
                "\(name) is solved over activities, at most \(ProximalSolver.activityLimit) of them; this mini-batch has \(order)")
        }
        let energy: ActivityEnergy
        do {
            let proximal = try ProximalProblem(
                network: wide.network, batch: wide.batch, loss: wide.loss, learningRate: wide.learningRate, held: wide.held)
            energy = try ActivityEnergy(proximal, slack: epsilon * Double(wide.batch.size))
        } catch {
            throw .unsolved("\(error)")
        }
        var descent = LayeredDescent(
            energy, start: nil, tolerance: options.tolerance / 4, iterationLimit: options.iterationLimit)
        let (outcome, _) = descent.examineMinimum(descent.run())
        return LearningStep(
            update: descent.energy.update().converted(to: Scalar.self),
            activities: descent.energy.activities.mapValues { $0.converted(to: Scalar.self) },
            equilibrium: EquilibriumStatus(
                isConverged: outcome == .converged, residual: descent.residual, tolerance: options.tolerance,
                iterations: descent.iterations))
    }
}

extension RuleEntry {
    public static let slackImplicit = RuleEntry(
        name: "implicit-slack", summary: "implicit SGD with slack ε between activities and weights (T18)",
        settings: [.epsilon, .tolerance], chartStyle: 29
    ) { SlackImplicit(epsilon: $0.epsilon ?? 1, options: $0.solverOptions) }
}
