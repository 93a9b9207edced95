public import CaseFiles
public import Comparison
internal import Graphs
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
        public let implicit: UpdateDistance?
        /// `(P(θ_after) − P(θ⁺))/(P(θ_b) − P(θ⁺))`; `nil` likewise.
        public let proximalGap: Double?
        /// The solve, or why there is none.
        public let solve: Result<ReferenceUpdate, SolveError>
        /// `‖Δ + α∇L(θ_after)‖/‖Δ‖`, without the parts that are frozen.
        public let residual: Double
        /// Relative distances to the updates of other rules, in the order asked for; `nil` where
        /// a rule has none.
        public let rules: [(name: String, distance: Double?)]
        /// What rules asked for are with other sets of the published code's conventions, if the update is one of these.
        let variants: [(rule: NamedRule, distance: Double, excess: Double)]
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
        public let report: ReferenceUpdate
        public let distance: UpdateDistance
        /// How many learning rates were tried, and how many of those solves did not converge.
        public let solves: Int
        public let unsolved: Int
    }

    public let moves: [ParameterMove]
    /// What the updates compared with hold fixed.
    public let held: HeldParameters
    let rules: [NamedRule]
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

    /// Audits an update of a chain.
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
        try self.init(
            of: update, in: AuditedChain(problem, rules: rules, settings: settings, solver: solver),
            isSinglePrecision: isSinglePrecision, learningRates: learningRates, previous: previous, progress: progress)
    }

    /// Audits an update of a graph: as of a chain, where all tensors move and rules have no conventions.
    ///
    /// - Parameters:
    ///   - options: of the solver that finds the implicit updates to compare with.
    ///   - update: `Δ = w_after − w_b`, one matrix for each tensor.
    ///   - file: the case before the step.
    ///   - isSinglePrecision: whether weights were rounded to F32 before or after the step.
    ///   - learningRates: those to compare at; may be empty.
    ///   - rules: rules to compare with at these learning rates.
    ///   - previous: `w_previous − w_b`, where it is known.
    ///   - progress: called after each solve.
    /// - Throws: what posing a problem can throw.
    public init(
        of update: Parameters<Double>, in file: GraphFile, isSinglePrecision: Bool,
        learningRates: [Double], rules: [any GraphRule] = [], previous: Parameters<Double>? = nil,
        options: SolverOptions, progress: () -> Void = {}
    ) throws {
        try self.init(
            of: update, in: AuditedGraph(try file.problem(learningRate: 1), rules: rules, options: options),
            isSinglePrecision: isSinglePrecision, learningRates: learningRates, previous: previous, progress: progress)
    }

    private init(
        of update: Parameters<Double>, in audited: some AuditedCase, isSinglePrecision: Bool, learningRates: [Double],
        previous: Parameters<Double>?, progress: () -> Void
    ) throws(ProblemError) {
        let weights = audited.parameters
        let gradient = audited.gradient(after: 0 * weights)
        let newWeights = weights + update
        let rounding = RoundingBound(update: update, after: newWeights, isSinglePrecision: isSinglePrecision)
        let moves = Self.markingLost(
            audited.tensors.map { ParameterMove(of: $0, update, gradient: gradient, weights: weights) }, update, gradient, rounding)
        let before = ParameterMove.mask(gradient, keeping: moves)
        let after = ParameterMove.mask(audited.gradient(after: update), keeping: moves)
        self.moves = moves
        held = audited.held
        rules = audited.rules
        self.rounding = rounding
        updateNorm = update.norm
        hasKinks = audited.hasKinks
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
            entries.append(
                Self.entry(update, before, after, rounding, in: try audited.with(learningRate: learningRate), learningRate))
            progress()
        }
        self.entries = entries
        if updateNorm > 0 {
            var search = ImplicitSearch(update: update, audited: audited)
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
                    (try? audited.with(learningRate: rate)).map {
                        $0.objective(after: update) <= $0.objective(after: 0 * update)
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

    /// What the update is at one learning rate.
    private static func entry(
        _ update: Parameters<Double>, _ before: Parameters<Double>, _ after: Parameters<Double>, _ rounding: RoundingBound,
        in posed: some AuditedCase, _ learningRate: Double
    ) -> Entry {
        let solve = Result<ReferenceUpdate, SolveError> { () throws(SolveError) in try posed.exactUpdate(.minimum) }
        let exact = (try? solve.get()).flatMap { $0.isExact ? $0 : nil }
        let others = posed.updates()
        let excess = others.map { $0.map { rounding.excess(over: $0) } }
        let isRule = excess.contains { ($0 ?? .infinity) <= RoundingBound.acceptance }
        return Entry(
            learningRate: learningRate, explicit: UpdateDistance(of: update, to: -learningRate * before),
            implicit: exact.map { UpdateDistance(of: update, to: $0.update) },
            proximalGap: exact.map {
                (posed.objective(after: update) - $0.solve.objective) / ($0.solve.lossBefore - $0.solve.objective)
            },
            solve: solve, residual: residual(update, after, learningRate),
            rules: zip(posed.rules, others).map { rule, other in
                (rule.name, other.map { UpdateDistance(of: update, to: $0).relativeDistance })
            },
            variants: isRule || update.norm == 0
                ? [] : posed.variants().compactMap { rule, other in
                    let excess = rounding.excess(over: other)
                    guard excess <= RoundingBound.acceptance else { return nil }
                    return (rule, UpdateDistance(of: update, to: other).relativeDistance, excess)
                },
            excess: Excess(
                explicit: rounding.excess(over: -learningRate * before),
                implicit: exact.map { rounding.excess(over: $0.update) },
                residual: rounding.excess(over: -learningRate * after, relativeTo: update.norm), rules: excess))
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

    /// Whether every solve that was asked for was taken and converged.
    public var isSolved: Bool { entries.allSatisfy { $0.implicit != nil } }
}
