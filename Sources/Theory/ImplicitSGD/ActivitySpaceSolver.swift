public import LinearAlgebra
public import Networks

/// Newton's method on the exact energy over activities (T2 for mini-batch 1, T3 for mini-batches
/// with nonsingular Gram matrices).
///
/// The Hessian is block tridiagonal and exact. Globalisation: where it is not positive definite it
/// is shifted along the proximal metric (`H + λ Kₙ⁻¹⊗I`, a stronger proximal term around the present
/// point), then the step is shortened until the energy decreases. Where values of the energy no
/// longer tell points apart, steps are accepted by the implicit residual instead. At kinks it is
/// an active-set method: units that a step carries over their kink stop there, are held as
/// long as both one-sided derivatives point back, and a full step across is taken when it is
/// lower. At a stationary point that is no minimum it leaves along negative curvature.
///
/// An iteration costs `Σ (dₙ³/3 + dₙ²dₙ₊₁ + dₙdₙ₊₁²)B³` operations. Nothing is random: the point found
/// is the one that descends from `θ_b`, or from `start`.
public struct ActivitySpaceSolver: ExactSolver {
    public var options: SolverOptions

    public init(options: SolverOptions = SolverOptions()) {
        self.options = options
    }

    /// Descends from the activities of an update, or from the feedforward pass.
    ///
    /// - Throws: `SolveError.singularGram` if the energy does not exist at `θ_b`, `notFinite` if the
    ///   loss overflows there.
    public func solve(
        _ problem: ProximalProblem, from start: Parameters<Double>?
    ) throws(SolveError) -> SolveReport {
        let timer = SolveTimer()
        let energy = try ActivityEnergy(problem)
        var displacements: PerLayer<Matrix<Double>>?
        if let start {
            let moved = problem.linearization(after: start).activities
            displacements = PerLayer(moved.indices) { moved[$0] - energy.feedforward[$0] }
        }
        var descent = LayeredDescent(
            energy, start: displacements, tolerance: options.tolerance / 4,
            iterationLimit: options.iterationLimit)
        guard descent.value.isFinite else { throw .notFinite(what: "the loss") }
        let found = descent.run()
        // The certificate's time does not count.
        let time = timer.time
        let (outcome, curvature) = descent.examineMinimum(found)
        // The update of a mini-batch is known as well as its Gram matrices are conditioned: too badly for kinks; and a
        // layer's own learning rate rounds it once more.
        let lands = problem.batch.size > 1 || !problem.rates.isUniform
        let (update, held) = (descent.energy.update(), descent.kinks.kinkedUnits)
        let landing = KinkLanding(problem, update: update, kinkedUnits: lands ? held : [])
        return SolveReport(
            problem: problem, update: landing.update,
            kinkedUnits: lands ? landing.kinkedUnits : held, options: options, outcome: outcome,
            curvature: curvature, method: .activitySpace,
            work: SolveWork(
                iterations: descent.iterations, factorizations: descent.factorizations,
                hessianProducts: 0, time: time))
    }
}
