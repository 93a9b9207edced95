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
/// Automatically one example is solved in activity space, up to 10,000 activities. So is a mini-batch while factorizing
/// blocks of order `Bdₙ` costs less than the products over the weights that take its place (`SolverCosts`), or where
/// there are no more than `denseLimit` weights; up to 3,000 activities. Other mini-batches are solved in weight space, with
/// a dense Hessian up to `denseLimit` weights and matrix-free beyond. Where rates are not independent over the
/// mini-batch, or a solver stops short of the tolerance, the other one goes on from where it stopped. The report
/// names the solver whose point it is and counts the work of all.
public struct ProximalSolver: ExactSolver {
    public var options: SolverOptions
    public var choice: SolverChoice

    /// The largest order of a mini-batch's activity-space Hessian that is factorized without being asked to.
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
        var attempts: [SolveReport] = []
        for method in Self.methods(for: problem.network.architecture, examples: problem.batch.size) {
            do {
                let report = try solve(problem, by: method, from: attempts.last?.update ?? start)
                attempts.append(report)
                // Where rounding is the limit, no other solver gets further.
                if report.isConverged || report.outcome == .roundingLimit { break }
            } catch .notFinite(let what) {
                throw .notFinite(what: what)
            } catch {
                // Dependent rates or held weights: weight space has no such limit.
            }
        }
        if start == nil, let report = try continued(problem, after: attempts) { attempts.append(report) }
        // An exact one if there is any, else the one that came closest.
        let best = attempts.min {
            ($0.isConverged ? 0 : 1, $0.implicitResidual) < ($1.isConverged ? 0 : 1, $1.implicitResidual)
        }
        guard let best else { throw .notFinite(what: "the objective") }
        return best.countingWork(of: attempts)
    }

    /// The solvers in the order in which they are tried.
    private static func methods(for architecture: Architecture, examples: Int) -> [SolveMethod] {
        let isSmall = architecture.parameterCount <= denseLimit
        let overWeights: [SolveMethod] = isSmall ? [.weightSpaceDense, .weightSpaceMatrixFree] : [.weightSpaceMatrixFree]
        guard isFactorizable(architecture, examples: examples) else { return overWeights }
        return prefersActivities(architecture, examples: examples)
            ? [.activitySpace] + overWeights : overWeights + [.activitySpace]
    }

    /// Whether the automatic choice tries activity space first.
    package static func prefersActivities(_ architecture: Architecture, examples: Int) -> Bool {
        isFactorizable(architecture, examples: examples)
            && (examples == 1 || architecture.parameterCount <= denseLimit
                || SolverCosts(widths: architecture.widths, examples: examples).favourActivities)
    }

    /// Whether the Hessian over activities is small enough to be factorized without being asked to.
    private static func isFactorizable(_ architecture: Architecture, examples: Int) -> Bool {
        architecture.activityCount * examples <= (examples == 1 ? singleExampleLimit : activityLimit)
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
