public import CaseFiles
public import Comparison
public import Certificates
public import ImplicitSGD
public import LearningRules
public import LinearAlgebra
public import Networks

/// What somebody's own update `Δ = θ_after − θ_b` is: explicit SGD, implicit SGD, a rule, one of these with a known
/// addition (weight decay, momentum, a rate for each tensor), ascent, or neither.
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
        /// What rules asked for are with other sets of the published code's conventions, if the update is one of these.
        let variants: [(rule: ChosenRule, distance: Double, excess: Double)]
        /// What of these distances rounding does not explain.
        let excess: Excess
    }

    /// What of the distances of an `Entry` is beyond rounding.
    struct Excess: Sendable {
        let explicit: Double
        let implicit: Double?
        let residual: Double
        let rules: [Double?]
    }

    /// A learning rate that fits best, and how well.
    public struct Fit: Sendable, Hashable {
        public let learningRate: Double
        public let error: Double
        /// What of the error rounding does not explain.
        let excess: Double
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
    /// What the updates compared with hold fixed.
    public let held: HeldParameters
    let rules: [ChosenRule]
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
    ///   - settings: their constants, for what they are with other conventions.
    ///   - held: parameters that the exact updates and the rules do not move.
    ///   - previous: `θ_previous − θ_b`, the step before this one backwards, where it is known: what momentum carries on.
    ///   - progress: called after each solve.
    ///   - update: `Δ = θ_after − θ_b`.
    ///   - file: the case before the step.
    ///   - isSinglePrecision: whether weights were rounded to F32 before or after the step.
    ///   - solver: finds the implicit updates to compare with.
    /// - Throws: `ProblemError` if the case cannot be posed.
    public init(
        of update: Parameters<Double>, in file: CaseFile, isSinglePrecision: Bool,
        learningRates: [Double], rules: [ChosenRule] = [], settings: RuleSettings = RuleSettings(),
        held: HeldParameters = .none, previous: Parameters<Double>? = nil,
        solver: ProximalSolver, progress: () -> Void = {}
    ) throws(ProblemError) {
        let problem = try ProximalProblem(
            network: file.network, batch: file.batch, loss: file.loss, learningRate: 1, held: held)
        let zero = Parameters<Double>(zerosFor: file.network.architecture)
        let gradient = problem.linearization(after: zero).gradient()
        let weights = file.network.parameters
        let newWeights = file.network.updated(by: update).parameters
        let rounding = RoundingBound(update: update, after: newWeights, isSinglePrecision: isSinglePrecision)
        let moves = Self.markingLost(
            ParameterMove.all(update, gradient: gradient, in: file.network, held: held), update, gradient, rounding)
        let before = ParameterMove.mask(gradient, keeping: moves)
        let after = ParameterMove.mask(
            problem.linearization(after: update).gradient(), keeping: moves)
        self.moves = moves
        self.held = held
        self.rules = rules
        self.rounding = rounding
        updateNorm = update.norm
        hasKinks = file.network.architecture.hasKinks
        nearestExplicit = Self.projection(of: update, on: before).map {
            Fit(
                learningRate: $0, error: UpdateDistance(of: update, to: -$0 * before).relativeDistance,
                excess: rounding.excess(over: -$0 * before))
        }
        consistentImplicit = Self.projection(of: update, on: after).map {
            Fit(
                learningRate: $0, error: Self.residual(update, after, $0),
                excess: rounding.excess(over: -$0 * after, relativeTo: update.norm))
        }
        var entries: [Entry] = []
        for learningRate in learningRates {
            let posed = try problem.with(learningRate: learningRate)
            let solve = Result<CertifiedUpdate, SolveError> { () throws(SolveError) in
                try solver.certified(posed)
            }
            progress()
            let others = Self.updates(of: rules, in: posed)
            let excess = others.map { $0.map { rounding.excess(over: $0) } }
            let isRule = excess.contains { ($0 ?? .infinity) <= RoundingBound.acceptance }
            let exact = Self.exact(solve)
            entries.append(
                Entry(
                    learningRate: learningRate,
                    explicit: UpdateDistance(of: update, to: -learningRate * before),
                    implicit: exact.map { UpdateComparison(of: update, to: $0, in: posed) },
                    solve: solve, residual: Self.residual(update, after, learningRate),
                    rules: zip(rules, others).map { rule, other in
                        (rule.name, other.map { UpdateDistance(of: update, to: $0).relativeDistance })
                    },
                    variants: isRule || update.norm == 0
                        ? [] : Self.variants(of: rules, settings, update, rounding, in: posed),
                    excess: Excess(
                        explicit: rounding.excess(over: -learningRate * before),
                        implicit: exact.map { rounding.excess(over: $0.update) },
                        residual: rounding.excess(over: -learningRate * after, relativeTo: update.norm),
                        rules: excess)))
        }
        self.entries = entries
        if updateNorm > 0 {
            var search = ImplicitSearch(update: update, problem: problem, solver: solver)
            nearestImplicit = search.nearest(
                guesses: learningRates + [nearestExplicit, consistentImplicit].compactMap {
                    $0?.learningRate
                }, goal: RoundingBound.acceptance / 100, progress: progress)
        } else {
            nearestImplicit = nil
        }
        verdict = AuditVerdict(
            AuditEvidence(
                updateNorm: updateNorm, rounding: rounding, moves: moves, entries: entries, rules: rules,
                explicit: nearestExplicit, consistent: consistentImplicit,
                implicit: nearestImplicit.map {
                    Fit(
                        learningRate: $0.report.learningRate, error: $0.distance.relativeDistance,
                        excess: rounding.excess(over: $0.report.update))
                },
                ascent: Self.projection(of: update, on: -1 * before).map {
                    Fit(
                        learningRate: $0, error: UpdateDistance(of: update, to: $0 * before).relativeDistance,
                        excess: rounding.excess(over: $0 * before))
                },
                family: StepFamily.recognised(
                    StepFamily.all(
                        before: before, after: after, weights: ParameterMove.mask(weights, keeping: moves),
                        newWeights: ParameterMove.mask(newWeights, keeping: moves),
                        previous: previous.map { ParameterMove.mask(-1 * $0, keeping: moves) }, moves: moves),
                    update, rounding),
                hiddenRate: rounding.largestHiddenRate(gradient),
                objectiveFalls: { rate in
                    (try? problem.with(learningRate: rate)).map {
                        $0.objective(after: update) <= $0.lossBefore
                    } ?? false
                }))
    }

    /// The tensors, with those that did not move because the step that the others made would leave no trace in them.
    private static func markingLost(
        _ moves: [ParameterMove], _ update: Parameters<Double>, _ gradient: Parameters<Double>,
        _ rounding: RoundingBound
    ) -> [ParameterMove] {
        let rate = projection(of: update, on: ParameterMove.part(gradient, of: moves) { $0.updateNorm > 0 })
        guard let rate else { return moves }
        return moves.map { move in
            var result = move
            result.isLost = move.updateNorm == 0 && move.gradientNorm > 0
                && rounding.hides(gradient, move, learningRate: rate)
            return result
        }
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

    private static func updates(
        of rules: [ChosenRule], in problem: ProximalProblem
    ) -> [Parameters<Double>?] {
        rules.map { try? $0.rule.step(LearningProblem(problem)).update }
    }

    /// The rules with other sets of conventions that the update is, the one with the fewest first.
    private static func variants(
        of rules: [ChosenRule], _ settings: RuleSettings, _ update: Parameters<Double>, _ rounding: RoundingBound,
        in problem: ProximalProblem
    ) -> [(rule: ChosenRule, distance: Double, excess: Double)] {
        rules.filter { !$0.entry.quirks.isEmpty }.flatMap { ChosenRule.variants(of: $0.entry, settings) }
            .compactMap { variant in
                guard let other = try? variant.rule.step(LearningProblem(problem)).update else { return nil }
                let excess = rounding.excess(over: other)
                guard excess <= RoundingBound.acceptance else { return nil }
                return (variant, UpdateDistance(of: update, to: other).relativeDistance, excess)
            }
    }

    /// Whether every solve that was asked for was taken and converged.
    public var isSolved: Bool { entries.allSatisfy { $0.implicit != nil } }
}
