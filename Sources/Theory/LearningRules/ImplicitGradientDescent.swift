internal import Certificates
public import ImplicitSGD
public import LinearAlgebra
internal import Networks

/// `implicit`: the exact implicit-SGD update, and `il-exact`: the same through T8.
///
/// By T8 the equilibrium of inference with feedback through the updated weights is a stationary
/// point of the exact energy, so the activity-space solver is `il-exact` run to its equilibrium; its
/// update is NLMS for mini-batch 1 and T3 for larger ones.
public struct ImplicitGradientDescent: LearningRule {
    public let name: String
    public var options: SolverOptions
    public var method: SolverChoice

    public init(
        name: String = "implicit", options: SolverOptions = SolverOptions(),
        method: SolverChoice = .automatic
    ) {
        self.name = name
        self.options = options
        self.method = method
    }

    /// `il-exact` through the solver.
    public static func throughActivities(
        options: SolverOptions = SolverOptions()
    ) -> ImplicitGradientDescent {
        ImplicitGradientDescent(
            name: "il-exact", options: options, method: .forced(.activitySpace))
    }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let wide = try problem.inDouble()
        let report: CertifiedUpdate
        do {
            let proximal = try ProximalProblem(
                network: wide.network, batch: wide.batch, loss: wide.loss,
                learningRate: wide.learningRate)
            report = try ProximalSolver(options: options, choice: method).certified(proximal, examination: .firstOrder)
        } catch {
            throw .unsolved("\(error)")
        }
        let after = Linearization(
            network: wide.network.updated(by: report.update), batch: wide.batch, loss: wide.loss)
        return LearningStep(
            update: report.update.converted(to: Scalar.self),
            activities: after.activities.mapValues { $0.converted(to: Scalar.self) },
            equilibrium: EquilibriumStatus(
                isConverged: report.isExact, residual: report.implicitResidual,
                tolerance: options.tolerance, iterations: report.solve.iterations))
    }
}
