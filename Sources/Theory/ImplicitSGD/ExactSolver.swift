public import LinearAlgebra
public import Networks

/// A way to find the exact update of a problem.
public protocol ExactSolver: Sendable {
    /// Tolerance and limits.
    var options: SolverOptions { get }

    /// Descends from another update, or from `θ_b`.
    ///
    /// - Throws: `SolveError` if the solver cannot take the problem, or if loss or gradient overflow at `θ_b`.
    func solve(
        _ problem: ProximalProblem, from start: Parameters<Double>?
    ) throws(SolveError) -> SolveReport
}

extension ExactSolver {
    /// Descends from `θ_b`: the exact update.
    ///
    /// - Throws: `SolveError`.
    public func solve(_ problem: ProximalProblem) throws(SolveError) -> SolveReport {
        try solve(problem, from: nil)
    }
}
