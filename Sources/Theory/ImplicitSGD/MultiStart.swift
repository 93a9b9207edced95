internal import LinearAlgebra
internal import Networks
internal import Randomness

/// A search for other local minima of `P_α`: descents from random starts in the ball that holds every global
/// minimiser (T15), by whichever solver suits the problem (`ProximalSolver`).
///
/// Finding none is no proof that there is none. Start number `k` of a seed is always the same, however
/// many are asked for.
public struct MultiStart: Sendable {
    /// The number of random starts.
    public var starts: Int
    public var seed: UInt64
    public var options: SolverOptions

    /// Two minima count as one if their updates differ by no more than this, relative to the larger.
    public static let resolution = 1e-6

    public init(starts: Int, seed: UInt64 = 1, options: SolverOptions = SolverOptions()) {
        self.starts = starts
        self.seed = seed
        self.options = options
    }

    /// Descends from every start and sorts what it finds into distinct minima.
    ///
    /// - Parameters:
    ///   - reported: the solution to compare with, found by descending from `θ_b`.
    ///   - progress: called after each start.
    ///   - problem: the case to search.
    public func search(
        _ problem: ProximalProblem, reported: SolveReport, progress: () -> Void = {}
    ) -> MultiStartReport {
        let displacement = StartDisplacement(problem)
        let solver = ProximalSolver(options: options)
        var result = MultiStartReport(reported: reported)
        for index in 0..<max(0, starts) {
            var generator = RandomGenerator(seed: seed, stream: UInt64(index))
            let start = displacement.draw(using: &generator)
            // A start at which nothing is finite is one that did not converge.
            result.add(try? solver.solve(problem, from: start))
            progress()
        }
        return result
    }
}

/// What a search from several starts found.
public struct MultiStartReport: Sendable {
    /// One local minimum.
    public struct Minimum: Sendable {
        public let report: SolveReport
        /// How many random starts ended there; 0 for the reported solution if none did.
        public internal(set) var hits: Int
    }

    /// The solution from `θ_b`, if it is a minimum, first; then in the order in which they were found.
    public private(set) var minima: [Minimum] = []
    /// Descents from random starts.
    public private(set) var starts = 0
    /// Those that did not reach the tolerance, and count for nothing else.
    public private(set) var unconverged = 0
    /// Those that ended at a stationary point where the Hessian is not positive definite.
    public private(set) var withoutPositiveCurvature = 0
    /// The solution that was descended to from `θ_b`.
    public let reported: SolveReport

    init(reported: SolveReport) {
        self.reported = reported
        if reported.isConverged { minima.append(Minimum(report: reported, hits: 0)) }
    }

    mutating func add(_ report: SolveReport?) {
        starts += 1
        guard let report, report.isConverged else {
            unconverged += 1
            return
        }
        guard report.curvature != .notPositive else {
            withoutPositiveCurvature += 1
            return
        }
        if let known = minima.firstIndex(where: { Self.areSame($0.report, report) }) {
            minima[known].hits += 1
        } else {
            minima.append(Minimum(report: report, hits: 1))
        }
    }

    private static func areSame(_ first: SolveReport, _ second: SolveReport) -> Bool {
        let size = max(first.update.norm, second.update.norm)
        return (first.update - second.update).norm <= MultiStart.resolution * size
    }

    /// The lowest minimum; `nil` if nothing converged.
    public var lowest: SolveReport? {
        minima.map(\.report).min { $0.objective < $1.objective }
    }

    /// Whether no start found a minimum below the reported solution, up to rounding of `P_α`.
    public var isReportedLowest: Bool {
        guard reported.isConverged, let lowest else { return false }
        let rounding = 1e-12 * max(abs(reported.objective), abs(lowest.objective))
        return reported.objective <= lowest.objective + rounding
    }
}
