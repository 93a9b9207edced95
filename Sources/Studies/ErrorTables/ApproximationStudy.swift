public import Comparison
public import Certificates
public import ImplicitSGD
internal import LinearAlgebra
public import LearningRules
public import Networks

/// How far the updates of rules are from the exact implicit update, over cases and learning rates.
public struct ApproximationStudy: Sendable {
    /// A rule with the label of its row.
    public struct Row: Sendable {
        public let label: String
        public let rule: any LearningRule

        public init(label: String, rule: any LearningRule) {
            self.label = label
            self.rule = rule
        }
    }

    public var learningRates: [Double]
    public var rows: [Row]
    public var solver: ProximalSolver
    /// `αₙ/α` of the exact update, the layer of the inputs first; empty for one `α`.
    public var rateMultiples: [Double]
    /// Parameters that neither the exact update nor a rule moves.
    public var held: HeldParameters
    /// How much of each exact update is examined.
    public var examination: Certifier.Examination
    /// How many cases are worked on at once.
    public var threads: Int

    public init(
        learningRates: [Double], rows: [Row], solver: ProximalSolver = ProximalSolver(),
        examination: Certifier.Examination = .minimum, rateMultiples: [Double] = [],
        held: HeldParameters = .none, threads: Int = 1
    ) {
        self.learningRates = learningRates
        self.rows = rows
        self.solver = solver
        self.rateMultiples = rateMultiples
        self.held = held
        self.examination = examination
        self.threads = threads
    }

    /// What one rule did on one case.
    public struct RuleOutcome: Sendable {
        public let comparison: UpdateComparison
        /// The same with proved bounds, where the exact update is enclosed.
        public let proved: ProvedComparison?
        /// How far the update is from explicit SGD's.
        public let toExplicit: UpdateDistance
        /// For rules that run to an equilibrium.
        public let equilibrium: EquilibriumStatus?
    }

    /// One case at one learning rate.
    public struct CaseOutcome: Sendable {
        public let learningRate: Double
        public let caseIndex: Int
        public let report: CertifiedUpdate
        /// One for each row; `nil` where the rule has no update, with the reason.
        public let rules: [Result<RuleOutcome, RuleError>]
    }

    /// Runs all cases at all learning rates. Outcomes are ordered by learning rate, then case.
    ///
    /// - Parameter progress: called after each case, from any thread.
    /// - Parameter cases: networks, each with its mini-batch.
    /// - Parameter loss: the loss of all cases.
    /// - Throws: `SolveError` or `ProblemError` if a problem cannot be posed or taken.
    public func run(
        _ cases: [StudyCase], loss: Loss, progress: @Sendable () -> Void = {}
    ) throws -> [CaseOutcome] {
        try parallelMap(count: cases.count * learningRates.count, threads: threads) { index in
            defer { progress() }
            let learningRate = learningRates[index / cases.count]
            return try outcome(cases[index % cases.count], loss, learningRate)
        }
    }

    private func outcome(
        _ one: StudyCase, _ loss: Loss, _ learningRate: Double
    ) throws -> CaseOutcome {
        let problem = try ProximalProblem(
            network: one.network, batch: one.batch, loss: loss,
            rates: LearningRates(learningRate, multiples: rateMultiples), held: held)
        let report = try solver.certified(problem, examination: examination)
        let explicit = try Backpropagation().step(LearningProblem(problem)).update
        let results = rows.map { row in
            Result<RuleOutcome, RuleError> { () throws(RuleError) in
                let step = try row.rule.step(LearningProblem(problem))
                return RuleOutcome(
                    comparison: UpdateComparison(
                        of: step.update, to: report, in: problem, inferred: step.activities),
                    proved: report.certificate.enclosure.map {
                        ProvedComparison(of: step.update, to: $0, in: problem)
                    },
                    toExplicit: UpdateDistance(of: step.update, to: explicit),
                    equilibrium: step.equilibrium)
            }
        }
        return CaseOutcome(
            learningRate: learningRate, caseIndex: one.index, report: report, rules: results)
    }
}
