import Certificates
import ImplicitSGD
import Networks
import Testing

/// A solve and its certificate side by side.
@Suite("Certified updates")
struct CertifiedUpdateTests {
    /// A solver's report that is right of another problem: the solver says that it converged.
    @Test func `the certificate counts and not the solver's word`() throws {
        let problem = try randomProblem(seed: 3)
        let report = try ProximalSolver().solve(problem)
        let other = try problem.with(learningRate: 2)
        let certified = CertifiedUpdate(report, of: other, by: Certifier())
        #expect(report.isConverged && certified.solve.isConverged)
        #expect(!certified.isExact && !certified.isStrictMinimum)
        #expect(certified.implicitResidual > 0.1)
        #expect(certified.reason?.isEmpty == false)
        #expect(CertifiedUpdate(report, of: problem, by: Certifier()).isExact)
    }

    /// And the other way round: a solver that stops early may have come near enough.
    @Test func `a solver that stopped early is judged by its point`() throws {
        let problem = try randomProblem(seed: 3)
        let stopped = try ProximalSolver(
            options: SolverOptions(tolerance: 1e-10, iterationLimit: 1), choice: .forced(.activitySpace)
        ).solve(problem)
        #expect(!stopped.isConverged)
        let strict = CertifiedUpdate(stopped, of: problem, by: Certifier())
        #expect(!strict.isExact && strict.reason?.hasPrefix("\(stopped.outcome); ") == true)
        #expect(CertifiedUpdate(stopped, of: problem, by: Certifier(tolerance: 0.9)).isExact)
    }
}
