public import ImplicitSGD
public import LinearAlgebra
internal import Networks

/// `implicit`: the exact implicit-SGD update, and `il-exact`: the same through T8.
///
/// By T8 the equilibrium of inference with feedback through the updated weights is a stationary
/// point of the exact energy, so the activity-space solver is `il-exact` run to its equilibrium; its
/// update is NLMS for mini-batch 1 and T3 for larger ones.
///
/// A step is the solver's, which met its tolerance or says that it did not, and is not certified: at 784-256-256-10 and
/// mini-batch 1 a certificate takes longer than the solve (24 ms and 13 ms; 69 and 234 at mini-batch 64). Where an exact
/// update is compared with or written, a certifier judges it.
public struct ImplicitGradientDescent: LearningRule {
    public let name: String
    public var options: SolverOptions
    public var method: SolverChoice
    /// `αₙ/α` of each layer, the layer of the inputs first; `nil` for one `α`.
    public var rateMultiples: [Double]?
    /// With more activities in a mini-batch, where they are not the automatic choice, or with held weights any solver may find
    /// the update; `nil` for `method` in any case.
    public var activityLimit: Int?

    public init(
        name: String = "implicit", options: SolverOptions = SolverOptions(),
        method: SolverChoice = .automatic, activityLimit: Int? = nil
    ) {
        self.name = name
        self.options = options
        self.method = method
        self.activityLimit = activityLimit
    }

    /// `il-exact` by the activity-space solver, where that is the one that exact updates are found by. Elsewhere any solver will
    /// do: the equilibrium of T8 is a stationary point of `P_α`.
    public static func throughActivities(
        options: SolverOptions = SolverOptions()
    ) -> ImplicitGradientDescent {
        ImplicitGradientDescent(
            name: "il-exact", options: options, method: .forced(.activitySpace),
            activityLimit: ProximalSolver.activityLimit)
    }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let wide = try problem.inDouble()
        let report: SolveReport
        do {
            let proximal = try ProximalProblem(
                network: wide.network, batch: wide.batch, loss: wide.loss,
                rates: LearningRates(wide.learningRate, multiples: rateMultiples ?? []), held: wide.held)
            let (architecture, examples) = (wide.network.architecture, wide.batch.size)
            let holdsWeights = (0..<architecture.depth).contains(where: wide.held.holdsWeights)
            let fits = activityLimit.map {
                architecture.activityCount * examples <= $0 && !holdsWeights
                    && ProximalSolver.prefersActivities(architecture, examples: examples)
            } ?? true
            report = try ProximalSolver(options: options, choice: fits ? method : .automatic)
                .solve(proximal)
        } catch {
            throw .unsolved("\(error)")
        }
        let after = Linearization(
            network: wide.network.updated(by: report.update), batch: wide.batch, loss: wide.loss)
        return LearningStep(
            update: report.update.converted(to: Scalar.self),
            activities: after.activities.mapValues { $0.converted(to: Scalar.self) },
            equilibrium: EquilibriumStatus(
                isConverged: report.isConverged, residual: report.implicitResidual,
                tolerance: options.tolerance, iterations: report.iterations))
    }
}

extension RuleEntry {
    public static let exactInferenceLearning = RuleEntry(
        name: "il-exact", summary: "T8 run to its equilibrium by the activity-space solver, to its tolerance",
        settings: [.tolerance], chartStyle: 7, isCompared: true
    ) { ImplicitGradientDescent.throughActivities(options: $0.solverOptions) }

    public static let implicit = RuleEntry(
        name: "implicit", summary: "implicit SGD by any solver, to its tolerance",
        settings: [.tolerance, .layerRates], chartStyle: 8
    ) {
        var rule = ImplicitGradientDescent(options: $0.solverOptions)
        rule.rateMultiples = $0.layerRates
        return rule
    }
}

extension RuleSettings {
    var solverOptions: SolverOptions {
        solverTolerance.map { SolverOptions(tolerance: $0) } ?? SolverOptions()
    }
}
