public import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// The exact update of a graph: trust-region Newton–CG over its parameters, with exact Hessian products.
///
/// The descent is that of chains (`WeightSpaceDescent`): a method of multipliers finds the units that belong on their
/// kinks, and Newton's method solves for the parameters and their slopes. For every graph and mini-batch; without a
/// matrix of the size of the parameters.
public struct GraphSolver: Sendable {
    public var options: SolverOptions

    public init(options: SolverOptions = SolverOptions()) {
        self.options = options
    }

    /// - Parameter problem: the case.
    /// - Throws: `SolveError.notFinite` if loss or gradient overflow at `w_b`.
    public func solve(_ problem: GraphProblem) throws(SolveError) -> SolveReport {
        let timer = SolveTimer()
        var descent = try WeightSpaceDescent<WeightSpaceConjugateGradients<GraphObjective>>(
            GraphObjective(problem), start: nil, options: options)
        let (outcome, curvature) = descent.run()
        let landing = GraphLanding(descent.model)
        let time = timer.time
        let (update, units) = (landing.update, landing.kinkedUnits)
        let pass = problem.pass(after: update, kinkedUnits: units)
        let residual = problem.implicitResidual(of: update, pass)
        let isMet = residual <= options.tolerance
        let isRounding = !isMet
            && residual <= Self.roundingAllowance * problem.roundingFloor(of: update, kinkedUnits: units, pass)
        let lossAfter = problem.meanLoss(pass)
        return SolveReport(
            update: update, kinkedUnits: units, learningRate: problem.learningRate,
            objective: lossAfter + problem.proximalTerm(update), lossBefore: problem.lossBefore, lossAfter: lossAfter,
            implicitResidual: residual, tolerance: options.tolerance,
            outcome: isMet ? .converged : isRounding ? .roundingLimit : outcome == .converged ? .stalled : outcome,
            curvature: curvature, method: .weightSpaceMatrixFree, iterations: descent.iterations,
            factorizations: descent.newton.factorizations, hessianProducts: descent.newton.hessianProducts,
            seconds: time.wall, processorSeconds: time.processor)
    }

    /// As for chains: one random change of the weights is a sample, and rounding adds up to a few times it.
    private static let roundingAllowance = 16.0
}

/// The last step of a solve: held units are put on their kinks as exactly as rounding allows.
///
/// The least change of the parameters that cancels their activities, `Δw = −Gᵀ(GGᵀ)⁻¹h`; the activities are rounding
/// already, and so is the change.
struct GraphLanding {
    private(set) var update: Parameters<Double>
    let kinkedUnits: [KinkedUnit]

    init(_ model: GraphObjective) {
        update = model.update
        kinkedUnits = model.hasKinks ? model.certifiedUnits : []
        guard !kinkedUnits.isEmpty else { return }
        var model = model
        for _ in 0..<2 {
            model.hold(kinkedUnits, at: update)
            let rows = model.heldRows()
            guard let gram = try? CholeskyFactorization(model.gram(of: rows)) else { return }
            var response = Matrix(column: rows.map { -model.activities[$0.layer].elements[$0.index] })
            gram.solveInPlace(&response)
            update.add(model.pullBack(response, of: rows))
        }
    }
}
