public import CaseFiles
public import Comparison
public import Certificates
public import ImplicitSGD
public import LearningRules
public import LinearAlgebra
public import Networks

/// What somebody's own update `Δ = θ_after − θ_b` is: explicit SGD, implicit SGD, a rule, or neither.
///
/// Two learning rates follow from `Δ` without solving anything: `−Δ·g/‖g‖²` projects it on the
/// gradient `g` at the old weights (explicit), and at the new weights (implicit: there
/// `Δ = −α∇L(θ_after)`, and the deviation is the implicit residual of `Δ`). The implicit update
/// nearest to `Δ` is found by solving for the exact one at many `α`.
public struct UpdateAudit: Sendable {
    /// One of the learning rates asked for.
    public struct Entry: Sendable {
        public let learningRate: Double
        /// To `−α∇L(θ_b)`, without the parts that are frozen.
        public let explicit: UpdateDistance
        /// To the exact implicit update; `nil` if it was not found.
        public let implicit: UpdateComparison?
        /// The solve, or why there is none.
        public let solve: Result<CertifiedUpdate, SolveError>
        /// `‖Δ + α∇L(θ_after)‖/‖Δ‖`, without the parts that are frozen.
        public let residual: Double
        /// Relative distances to the updates of other rules, in the order asked for; `nil` where
        /// a rule has none.
        public let rules: [(name: String, distance: Double?)]
    }

    /// A learning rate that fits best, and how well.
    public struct Fit: Sendable, Hashable {
        public let learningRate: Double
        public let error: Double
    }

    /// The implicit update nearest to `Δ`.
    public struct NearestImplicit: Sendable {
        public let report: CertifiedUpdate
        public let distance: UpdateDistance
        /// How many learning rates were tried, and how many of those solves did not converge.
        public let solves: Int
        public let unsolved: Int
    }

    public let moves: [ParameterMove]
    public let updateNorm: Double
    /// Whether an activation has kinks. Residuals of `Δ` then use the derivative that PyTorch would use
    /// on them, and can be large although `Δ` is exact: units of an exact solution often sit on one.
    public let hasKinks: Bool
    /// How large a relative distance rounding alone can make.
    public let rounding: RoundingBound
    public let entries: [Entry]
    /// The projection of `Δ` on `−∇L(θ_b)`; `error` is the relative distance. `nil` if it is not
    /// downhill.
    public let nearestExplicit: Fit?
    /// The projection of `Δ` on `−∇L(θ_after)`; `error` is the implicit residual.
    public let consistentImplicit: Fit?
    public let nearestImplicit: NearestImplicit?
    public let verdict: AuditVerdict

    /// Audits an update of the case.
    ///
    /// - Parameters:
    ///   - learningRates: those to compare at; may be empty.
    ///   - rules: other rules to compare with at these learning rates.
    ///   - progress: called after each solve.
    ///   - update: `Δ = θ_after − θ_b`.
    ///   - file: the case before the step.
    ///   - isSinglePrecision: whether weights were rounded to F32 before or after the step.
    ///   - solver: finds the implicit updates to compare with.
    /// - Throws: `ProblemError` if the case cannot be posed.
    public init(
        of update: Parameters<Double>, in file: CaseFile, isSinglePrecision: Bool,
        learningRates: [Double], rules: [any LearningRule] = [], solver: ProximalSolver,
        progress: () -> Void = {}
    ) throws(ProblemError) {
        let problem = try ProximalProblem(
            network: file.network, batch: file.batch, loss: file.loss, learningRate: 1)
        let zero = Parameters<Double>(zerosFor: file.network.architecture)
        let gradient = problem.linearization(after: zero).gradient()
        let moves = ParameterMove.all(update, gradient: gradient, in: file.network)
        let before = ParameterMove.mask(gradient, keeping: moves)
        let after = ParameterMove.mask(
            problem.linearization(after: update).gradient(), keeping: moves)
        self.moves = moves
        updateNorm = update.norm
        hasKinks = file.network.architecture.hasKinks
        rounding = RoundingBound(
            update: update, after: file.network.updated(by: update).parameters,
            isSinglePrecision: isSinglePrecision)
        nearestExplicit = Self.projection(of: update, on: before).map {
            Fit(
                learningRate: $0,
                error: UpdateDistance(of: update, to: -$0 * before).relativeDistance)
        }
        consistentImplicit = Self.projection(of: update, on: after).map {
            Fit(learningRate: $0, error: Self.residual(update, after, $0))
        }
        var entries: [Entry] = []
        for learningRate in learningRates {
            let posed = try problem.with(learningRate: learningRate)
            let solve = Result<CertifiedUpdate, SolveError> { () throws(SolveError) in
                try solver.certified(posed)
            }
            progress()
            entries.append(
                Entry(
                    learningRate: learningRate,
                    explicit: UpdateDistance(of: update, to: -learningRate * before),
                    implicit: Self.exact(solve).map {
                        UpdateComparison(of: update, to: $0, in: posed)
                    },
                    solve: solve, residual: Self.residual(update, after, learningRate),
                    rules: Self.distances(of: update, to: rules, in: posed)))
        }
        self.entries = entries
        if updateNorm > 0 {
            var search = ImplicitSearch(update: update, problem: problem, solver: solver)
            nearestImplicit = search.nearest(
                guesses: learningRates + [nearestExplicit, consistentImplicit].compactMap {
                    $0?.learningRate
                }, goal: rounding.acceptance / 100, progress: progress)
        } else {
            nearestImplicit = nil
        }
        verdict = AuditVerdict(
            AuditEvidence(
                updateNorm: updateNorm, rounding: rounding, moves: moves, entries: entries,
                explicit: nearestExplicit, consistent: consistentImplicit,
                implicit: nearestImplicit.map {
                    Fit(
                        learningRate: $0.report.learningRate, error: $0.distance.relativeDistance)
                }))
    }

    private static func exact(_ solve: Result<CertifiedUpdate, SolveError>) -> CertifiedUpdate? {
        guard case .success(let report) = solve, report.isExact else { return nil }
        return report
    }

    private static func residual(
        _ update: Parameters<Double>, _ gradient: Parameters<Double>, _ learningRate: Double
    ) -> Double {
        let deviation = (update + learningRate * gradient).norm
        return deviation == 0 ? 0 : deviation / update.norm
    }

    /// `−Δ·g/‖g‖²` if that is a learning rate.
    private static func projection(
        of update: Parameters<Double>, on gradient: Parameters<Double>
    ) -> Double? {
        let value = -update.dot(gradient) / gradient.dot(gradient)
        return value > 0 && value.isFinite ? value : nil
    }

    private static func distances(
        of update: Parameters<Double>, to rules: [any LearningRule], in problem: ProximalProblem
    ) -> [(name: String, distance: Double?)] {
        rules.map { rule in
            let step = try? rule.step(
                LearningProblem(
                    network: problem.network, batch: problem.batch, loss: problem.loss,
                    learningRate: problem.learningRate))
            return (
                rule.name,
                step.map { UpdateDistance(of: update, to: $0.update).relativeDistance }
            )
        }
    }

    /// Whether every solve that was asked for was taken and converged.
    public var isSolved: Bool { entries.allSatisfy { $0.implicit != nil } }
}
