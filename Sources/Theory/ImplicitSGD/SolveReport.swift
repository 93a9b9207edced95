public import LinearAlgebra
public import Networks

/// What a solver found, and what it took.
///
/// A solver says only where it stopped and that it converged. Whether the update may be called exact is said by a
/// certifier, which takes nothing from here but `update` (module `Certificates`).
public struct SolveReport: Sendable {
    /// `Δ = θ⁺ − θ_b`.
    public let update: Parameters<Double>
    /// The hidden units that sit on a kink at the solution, with the slope that balances each.
    public let kinkedUnits: [KinkedUnit]
    public let learningRate: Double
    /// `P_α(θ⁺)`.
    public let objective: Double
    /// `L(θ_b) = P_α(θ_b)`.
    public let lossBefore: Double
    /// `L(θ⁺)`.
    public let lossAfter: Double
    /// `‖Δ + α∇L(θ⁺)‖/‖Δ‖`; see `ProximalProblem.implicitResidual`.
    public let implicitResidual: Double
    /// The bound on `implicitResidual` that was asked for.
    public let tolerance: Double
    public let outcome: SolveOutcome
    public let curvature: Curvature
    public let method: SolveMethod
    /// Accepted steps.
    public let iterations: Int
    /// Factorizations of a Newton matrix, failed ones included.
    public let factorizations: Int
    /// Products of the Hessian of `L` with a vector.
    public let hessianProducts: Int
    /// Wall-clock time of the solve, without the certificate.
    public let seconds: Double
    /// Processor time of the solve's thread, without the certificate: what `seconds` is where nothing
    /// else runs. With more than one BLAS thread it misses the others' work.
    public let processorSeconds: Double

    package init(
        update: Parameters<Double>, kinkedUnits: [KinkedUnit], learningRate: Double, objective: Double, lossBefore: Double,
        lossAfter: Double, implicitResidual: Double, tolerance: Double, outcome: SolveOutcome, curvature: Curvature,
        method: SolveMethod, iterations: Int, factorizations: Int, hessianProducts: Int, seconds: Double,
        processorSeconds: Double
    ) {
        self.update = update
        self.kinkedUnits = kinkedUnits
        self.learningRate = learningRate
        self.objective = objective
        self.lossBefore = lossBefore
        self.lossAfter = lossAfter
        self.implicitResidual = implicitResidual
        self.tolerance = tolerance
        self.outcome = outcome
        self.curvature = curvature
        self.method = method
        self.iterations = iterations
        self.factorizations = factorizations
        self.hessianProducts = hessianProducts
        self.seconds = seconds
        self.processorSeconds = processorSeconds
    }

    /// Whether the solver met its tolerance.
    public var isConverged: Bool { outcome == .converged }

    /// The network after the step.
    public func network(from before: Network<Double>) -> Network<Double> {
        before.updated(by: update)
    }
}

extension SolveReport {
    /// The same report with the work of all attempts that led to it.
    func countingWork(of attempts: [SolveReport]) -> SolveReport {
        SolveReport(
            update: update, kinkedUnits: kinkedUnits, learningRate: learningRate,
            objective: objective, lossBefore: lossBefore, lossAfter: lossAfter,
            implicitResidual: implicitResidual, tolerance: tolerance, outcome: outcome,
            curvature: curvature, method: method,
            iterations: attempts.reduce(0) { $0 + $1.iterations },
            factorizations: attempts.reduce(0) { $0 + $1.factorizations },
            hessianProducts: attempts.reduce(0) { $0 + $1.hessianProducts },
            seconds: attempts.reduce(0) { $0 + $1.seconds },
            processorSeconds: attempts.reduce(0) { $0 + $1.processorSeconds })
    }
}

extension SolveReport {
    /// The same solve with another update near its own: losses and residual computed anew, the work and the words kept.
    package func moved(to update: Parameters<Double>, of problem: ProximalProblem) -> SolveReport {
        let linearization = problem.linearization(after: update, kinkedUnits: kinkedUnits)
        return SolveReport(
            update: update, kinkedUnits: kinkedUnits, learningRate: learningRate,
            objective: linearization.meanLoss + problem.proximalTerm(update), lossBefore: lossBefore,
            lossAfter: linearization.meanLoss, implicitResidual: problem.implicitResidual(of: update, linearization),
            tolerance: tolerance, outcome: outcome, curvature: curvature, method: method, iterations: iterations,
            factorizations: factorizations, hessianProducts: hessianProducts, seconds: seconds,
            processorSeconds: processorSeconds)
    }
}

/// What a solve took.
struct SolveWork {
    var iterations: Int
    var factorizations: Int
    var hessianProducts: Int
    var time: SolveTime
}

extension SolveReport {
    /// Certifies a solver's point: losses and residual are computed anew from the definition, and an
    /// outcome that the certificate does not confirm is corrected.
    init(
        problem: ProximalProblem, update: Parameters<Double>, kinkedUnits: [KinkedUnit],
        options: SolverOptions, outcome: SolveOutcome, curvature: Curvature, method: SolveMethod,
        work: SolveWork
    ) {
        let before = problem.lossBefore
        let linearization = problem.linearization(after: update, kinkedUnits: kinkedUnits)
        let norm = problem.metricNorm(update)
        let residual = problem.implicitResidual(of: update, ofNorm: norm, linearization)
        let after = linearization.meanLoss
        // A search that stopped short, or went on for nothing, may have come as far as rounding lets it.
        let isConfirmed = residual <= options.tolerance
        let isAtRoundingLimit = !isConfirmed
            && problem.isRounding(update, kinkedUnits: kinkedUnits, linearization)
        self.init(
            update: update, kinkedUnits: kinkedUnits, learningRate: problem.learningRate,
            objective: after + problem.proximalTerm(ofNorm: norm), lossBefore: before,
            lossAfter: after, implicitResidual: residual, tolerance: options.tolerance,
            outcome: isConfirmed
                ? .converged : isAtRoundingLimit ? .roundingLimit : outcome == .converged ? .stalled : outcome,
            curvature: curvature, method: method, iterations: work.iterations,
            factorizations: work.factorizations, hessianProducts: work.hessianProducts,
            seconds: work.time.wall, processorSeconds: work.time.processor)
    }
}

/// How a solve ended. *Stopped* is not *converged*.
public enum SolveOutcome: Sendable, Hashable, CustomStringConvertible {
    /// The implicit residual is within the tolerance.
    case converged
    /// The limit of iterations was reached first.
    case iterationLimit
    /// No step lowers the objective or the residual any more, though the residual is too large.
    case stalled
    /// The residual is too large, and rounding the weights moves it by as much: the tolerance is below what double
    /// precision can express here.
    case roundingLimit

    /// The stable key used in JSON.
    public var name: String {
        switch self {
        case .converged: "converged"
        case .iterationLimit: "iteration-limit"
        case .stalled: "stalled"
        case .roundingLimit: "rounding-limit"
        }
    }

    /// What happened and what to do about it.
    public var description: String {
        switch self {
        case .converged: "converged to the tolerance"
        case .iterationLimit:
            "stopped at the iteration limit: allow more iterations, or start from a smaller α"
        case .stalled:
            "stopped because no step makes progress: try several starts, the other solver, or a smaller α"
        case .roundingLimit:
            "stopped at the limit of double precision: rounding alone accounts for the residual"
        }
    }
}

/// What is known of the curvature of `P_α` at the point found.
public enum Curvature: Sendable, Hashable {
    /// A Cholesky factorization of the Hessian succeeded in double precision (on the units that are off kinks, with
    /// strictly opposed one-sided derivatives on them): a strict local minimum, unless rounding misled it.
    case positiveByFactorization
    /// The smallest eigenvalue of `∇²P_α`, tangent to the kinks.
    case smallest(Double)
    /// The factorization failed: a saddle point, or a minimum that is not strict.
    case notPositive
    /// Not examined: the solve did not converge, or the solver is matrix-free and had no reason to suspect a saddle.
    case unknown
}

/// The ways to compute the exact update.
public enum SolveMethod: String, CaseIterable, Sendable, Hashable {
    /// Newton's method on the energy over activities (T2, T3), block tridiagonal.
    case activitySpace = "activity-space"
    /// Newton's method over the weights with a dense Hessian.
    case weightSpaceDense = "weight-space-dense"
    /// Trust-region Newton–CG over the weights, matrix-free.
    case weightSpaceMatrixFree = "weight-space-matrix-free"

    /// The name used on the command line and in reports.
    public var name: String { rawValue }
}
