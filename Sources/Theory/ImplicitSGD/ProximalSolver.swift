public import LinearAlgebra
public import Networks

/// Which solver to use.
public enum SolverChoice: Sendable, Hashable {
    /// By the size and shape of the problem; see `ProximalSolver`.
    case automatic
    case forced(SolveMethod)
}

/// The exact implicit-SGD update by whichever solver suits the problem.
///
/// Automatically: activity space while the blocks of its Hessian are small enough to factorize
/// (`Σ dₙB ≤ 3000`, for one example `10,000`) and the rates are independent over the mini-batch; where it does not
/// apply, or stops short of the tolerance, weight space from where it stopped, with a dense Hessian up to
/// `denseLimit` weights and matrix-free beyond. The report names the solver whose point it is and
/// counts the work of all.
public struct ProximalSolver: ExactSolver {
    public var options: SolverOptions
    public var choice: SolverChoice

    /// The largest order of the activity-space Hessian that is factorized without being asked to.
    public static let activityLimit = 3000
    /// The same for one example: a block is then no wider than a layer, and over weights there is little to share.
    public static let singleExampleLimit = 10_000
    /// The largest number of weights for which the dense solver is preferred to the matrix-free one.
    public static let denseLimit = 600

    public init(options: SolverOptions = SolverOptions(), choice: SolverChoice = .automatic) {
        self.options = options
        self.choice = choice
    }

    /// - Throws: `SolveError` if the forced solver cannot take the problem, or if nothing is finite.
    public func solve(
        _ problem: ProximalProblem, from start: Parameters<Double>?
    ) throws(SolveError) -> SolveReport {
        switch choice {
        case .forced(let method): return try solve(problem, by: method, from: start)
        case .automatic: return try solveAutomatically(problem, from: start)
        }
    }

    private func solveAutomatically(
        _ problem: ProximalProblem, from start: Parameters<Double>?
    ) throws(SolveError) -> SolveReport {
        let architecture = problem.network.architecture
        let order = architecture.activityCount * problem.batch.size
        var attempts: [SolveReport] = []
        if order <= (problem.batch.size == 1 ? Self.singleExampleLimit : Self.activityLimit) {
            do {
                let report = try solve(problem, by: .activitySpace, from: start)
                // Where rounding is the limit, no other solver gets further.
                if report.isConverged || report.outcome == .roundingLimit { return report }
                attempts.append(report)
            } catch .notFinite(let what) {
                throw .notFinite(what: what)
            } catch {
                // Dependent rates: weight space has no such limit.
            }
        }
        let isSmall = architecture.parameterCount <= Self.denseLimit
        let methods: [SolveMethod] = isSmall
            ? [.weightSpaceDense, .weightSpaceMatrixFree]
            : [.weightSpaceMatrixFree]
        for method in methods {
            let report = try solve(problem, by: method, from: attempts.last?.update ?? start)
            attempts.append(report)
            if report.isConverged || report.outcome == .roundingLimit { break }
        }
        if start == nil, let report = try continued(problem, after: attempts) { attempts.append(report) }
        // An exact one if there is any, else the one that came closest.
        let best = attempts.min {
            ($0.isConverged ? 0 : 1, $0.implicitResidual) < ($1.isConverged ? 0 : 1, $1.implicitResidual)
        }
        guard let best else { throw .notFinite(what: "the objective") }
        return best.countingWork(of: attempts)
    }

    /// A learning rate at which no solver got through, from smaller ones: each solution is the start for the next.
    ///
    /// The losses that vanish only at infinity move a logit by `log 10` for each power of ten of α.
    private func continued(_ problem: ProximalProblem, after attempts: [SolveReport]) throws(SolveError) -> SolveReport? {
        guard problem.learningRate > Self.largeRate, problem.loss != .squaredError,
            attempts.allSatisfy({ !$0.isConverged && $0.outcome != .roundingLimit })
        else { return nil }
        var rate = 1.0
        var last: SolveReport?
        while rate < problem.learningRate {
            guard let easier = try? problem.with(learningRate: rate),
                let report = try? solveAutomatically(easier, from: last?.update)
            else { return nil }
            last = report
            rate *= Self.largeRate
        }
        guard let last else { return nil }
        return try solveAutomatically(problem, from: last.update)
    }

    /// Learning rates up to this are reached at once, and larger ones in steps of as much.
    private static let largeRate = 1e4

    private func solve(
        _ problem: ProximalProblem, by method: SolveMethod, from start: Parameters<Double>?
    ) throws(SolveError) -> SolveReport {
        switch method {
        case .activitySpace:
            try ActivitySpaceSolver(options: options).solve(problem, from: start)
        case .weightSpaceDense:
            try WeightSpaceDenseSolver(options: options).solve(problem, from: start)
        case .weightSpaceMatrixFree:
            try WeightSpaceMatrixFreeSolver(options: options).solve(problem, from: start)
        }
    }
}
