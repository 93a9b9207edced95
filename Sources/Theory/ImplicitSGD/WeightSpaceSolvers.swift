public import LinearAlgebra
public import Networks

/// Newton's method over the weights with a dense Hessian: the independent check, for small networks.
///
/// The Hessian comes column by column from Hessian-vector products. Steps are exact solutions of
/// trust-region subproblems, so saddle points are left along negative curvature. Kinks are found by a
/// method of multipliers on smoothed activations and then solved as constraints. The first
/// layer's inputs are rotated into their span, which changes nothing but the number of weights.
///
/// `O(n²B + n³)` operations and `n²` numbers for `n` weights of that reduced network.
public struct WeightSpaceDenseSolver: ExactSolver {
    public var options: SolverOptions
    /// The largest number of weights (after the reduction) that is accepted.
    public var parameterLimit: Int

    public init(options: SolverOptions = SolverOptions(), parameterLimit: Int = 3000) {
        self.options = options
        self.parameterLimit = parameterLimit
    }

    /// - Throws: `SolveError.tooManyParameters`; `notFinite` if loss or gradient overflow at `θ_b`.
    public func solve(
        _ problem: ProximalProblem, from start: Parameters<Double>?
    ) throws(SolveError) -> SolveReport {
        let count = WeightSpaceReduction.leastParameterCount(problem)
        guard count <= parameterLimit else {
            throw .tooManyParameters(
                count: problem.network.architecture.parameterCount, limit: parameterLimit)
        }
        return try WeightSpaceDescent<WeightSpaceDenseNewton>.report(
            on: problem, from: start, options: options, method: .weightSpaceDense)
    }
}

/// Trust-region Newton–CG over the weights, without a matrix of their size: for any mini-batch.
///
/// Conjugate gradients are preconditioned by the Gauss–Newton matrix, which is `I/α` plus one row for
/// every output of every example and is inverted through the tangent kernel of the mini-batch
/// (`B·d_N` square). Kinks are treated as in `WeightSpaceDenseSolver`, the constraints as rows of
/// that kernel. The smallest curvature is not examined; see `ProximalProblem.smallestCurvature`. From 5,000 weights on products
/// and preconditioner are in single precision, where that resolves the accuracy that a step needs; value, gradient and
/// residual are in double precision.
///
/// An iteration costs about ten feedforward passes and, where a kernel is made,
/// `O((B·d_N + k)³/3)` operations for `k` units on their kinks.
public struct WeightSpaceMatrixFreeSolver: ExactSolver {
    public var options: SolverOptions

    public init(options: SolverOptions = SolverOptions()) {
        self.options = options
    }

    /// - Throws: `SolveError.notFinite` if loss or gradient overflow at `θ_b`.
    public func solve(
        _ problem: ProximalProblem, from start: Parameters<Double>?
    ) throws(SolveError) -> SolveReport {
        try WeightSpaceDescent<WeightSpaceConjugateGradients<WeightSpaceModel>>.report(
            on: problem, from: start, options: options, method: .weightSpaceMatrixFree)
    }
}

extension WeightSpaceDescent where Newton.Model == WeightSpaceModel {
    /// Reduces the problem, solves it, and certifies the lifted update on the original.
    fileprivate static func report(
        on problem: ProximalProblem, from start: Parameters<Double>?, options: SolverOptions,
        method: SolveMethod
    ) throws(SolveError) -> SolveReport {
        let timer = SolveTimer()
        let reduction = WeightSpaceReduction(problem)
        var descent = try WeightSpaceDescent(
            WeightSpaceModel(reduction.problem), start: start.map(reduction.reduce), options: options)
        let (outcome, curvature) = descent.run()
        let landing = KinkLanding(
            problem, update: reduction.lift(descent.model.update), kinkedUnits: descent.model.certifiedUnits)
        let time = timer.time
        return SolveReport(
            problem: problem, update: landing.update, kinkedUnits: landing.kinkedUnits, options: options, outcome: outcome,
            curvature: reduction.completed(curvature), method: method,
            work: SolveWork(
                iterations: descent.iterations, factorizations: descent.newton.factorizations,
                hessianProducts: descent.newton.hessianProducts, time: time))
    }
}

extension WeightSpaceReduction {
    /// A bound, from below and without reducing anything, on the number of weights that remain.
    fileprivate static func leastParameterCount(_ problem: ProximalProblem) -> Int {
        let architecture = problem.network.architecture
        let inputs = min(architecture.columns(ofLayer: 0), problem.batch.size)
        return architecture.parameterCount
            - (architecture.columns(ofLayer: 0) - inputs) * architecture.widths[1]
    }

    /// The curvature of the original problem: the directions left out have curvature `1/α₀`.
    fileprivate func completed(_ curvature: Curvature) -> Curvature {
        guard leavesDirectionsOut, case .smallest(let value) = curvature else { return curvature }
        return .smallest(min(value, 1 / problem.rates[0]))
    }
}
