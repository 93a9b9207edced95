public import Documents
internal import ErrorTables
public import RunStore
internal import Statistics
internal import Training

/// How fast rules learn, each at its best learning rate: accuracy (C6, C7) or the reconstruction loss
/// of an autoencoder (C8) against iterations.
public struct ConvergenceStudy: ExperimentStudy {
    /// What is compared.
    public enum Metric: Sendable, Hashable {
        /// The test accuracy of a classifier.
        case accuracy
        /// The test loss of an autoencoder, for each output unit.
        case reconstruction

        /// The targets unless one says otherwise.
        public var usualTargets: [Double] {
            switch self {
            case .accuracy: [0.7, 0.8, 0.85]
            case .reconstruction: [0.5, 0.45, 0.4]
            }
        }
    }

    public let metric: Metric
    /// One for each mini-batch size.
    public var grids: [TrainingGrid]
    /// The accuracies, or losses for each output unit, whose first iteration is looked for.
    public var targets: [Double]
    /// Whether the course of the runs at their best learning rates is shown too.
    public var showsCourse: Bool

    public init(
        _ metric: Metric, grids: [TrainingGrid], targets: [Double], showsCourse: Bool = false
    ) {
        self.metric = metric
        self.grids = grids
        self.targets = targets
        self.showsCourse = showsCourse
    }

    public var name: String { metric == .accuracy ? "convergence" : "autoencoder" }

    private var kind: TrainingKind { metric == .accuracy ? .training : .autoencoder }

    public func plan() throws -> [PlannedRun] { try grids.flatMap { try $0.plan(kind) } }

    public func results(_ store: ResultStore, provenance: Provenance) throws -> StudyResults {
        var provenance = grids.first?.describe(provenance) ?? provenance
        provenance.set(
            "batchSize", title: "mini-batch",
            to: .text(grids.map { "\($0.base.batchSize)" }.joined(separator: ",")))
        let lengths = Set(grids.map(\.base.iterations)).count == 1 ? Array(grids.prefix(1)) : grids
        provenance.set(
            "iterations", to: .text(lengths.map { "\($0.base.iterations)" }.joined(separator: ",")))
        var document = Document(
            title: metric == .accuracy ? "Convergence" : "Autoencoder", provenance: provenance)
        var judgments: [Judgment] = []
        for grid in grids {
            let results = try GridResults(grid, kind, in: store)
            let chosen = BestRates(results, metric)
            document.appendSection("Mini-batch \(grid.base.batchSize)")
            document.appendTable(try gridTable(results, chosen))
            document.appendTable(try iterationTable(results, chosen))
            if showsCourse {
                document.appendTable(
                    try CourseTable.table(results) { chosen.rate(of: $0).map { [$0] } ?? [] })
            }
            judgments += self.judgments(results, chosen)
        }
        return StudyResults(tables: document, judgments: Judgments(judgments, criteria: criteria))
    }

    /// The mean final metric over the grid of learning rates.
    private func gridTable(_ results: GridResults, _ chosen: BestRates) throws -> Table {
        var table = try results.grid.table(
            metric == .accuracy
                ? "Final test accuracy over the grid"
                : "Final test loss for each output unit over the grid", .text,
            last: (
                Column("best", title: "best α", format: .setting),
                { chosen.rate(of: $0).map { .number($0) } ?? .missing(reason: "no run is finished") }
            )
        ) { rule, rate in
            .runs(results.runs(rule, rate), metric.value) {
                NumberFormat.significant(3).string($0.mean) + (chosen.rate(of: rule) == rate ? "*" : "")
            }
        }
        table.notes =
            [
                (results.grid.seeds.count > 1 ? "Mean over seeds" : "One seed")
                    + "; * marks the best, which is used below. div. k/n: k of n runs diverged."
            ] + edgeNotes(results.grid, chosen) + results.notes
        return table
    }

    /// Which rules might do better outside of their grid.
    private func edgeNotes(_ grid: TrainingGrid, _ chosen: BestRates) -> [String] {
        let atEdge = grid.rules.filter { rule in
            let rates = grid.rates(of: rule)
            guard let best = chosen.rate(of: rule), rates.count > 1 else { return false }
            return best == rates.min() || best == rates.max()
        }
        guard !atEdge.isEmpty else { return [] }
        return [
            "The best α of \(atEdge.map(\.name).joined(separator: ", ")) lies at an end of the grid: "
                + "there may be a better one beyond it."
        ]
    }

    /// When the targets were reached.
    private func iterationTable(
        _ results: GridResults, _ chosen: BestRates
    ) throws(TableError) -> Table {
        var table = try Table(
            title: metric == .accuracy
                ? "Iterations to a test accuracy" : "Iterations to a test loss for each output unit",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
            ]
                + targets.map {
                    Column(
                        "target=\($0)", title: NumberFormat.setting.string($0),
                        format: .quartiles(.setting))
                }
                + [
                    Column("final", format: .significant(3)),
                    Column("finalDeviation", title: "sd", format: .significant(2)),
                ])
        for rule in results.grid.rules {
            guard let rate = chosen.rate(of: rule) else { continue }
            let runs = results.runs(rule, rate)
            let final = runs.compactMap { metric.value($0) }
            try table.append(
                [.text(rule.name), .number(rate)] + targets.map { target in reached(target, runs) }
                    + [.mean(final, orMissing: "all runs diverged"), .deviation(final)])
        }
        table.notes = [
            "Median [quartiles] over seeds, to the next measurement (every "
                + "\(results.grid.base.evaluateEvery) iterations)."
        ]
        return table
    }

    private func reached(_ target: Double, _ runs: [TrainingSummary]) -> Cell {
        let found = runs.compactMap { metric.iteration(of: $0, reaching: target) }
        let missing = "not reached by \(runs.count - found.count) of \(runs.count) runs"
        return .quartiles(of: found.count == runs.count ? found.map(Double.init) : [], orMissing: missing)
    }
}

extension ConvergenceStudy.Metric {
    /// The value at the end; `nil` if the run diverged.
    func value(_ run: TrainingSummary) -> Double? {
        switch self {
        case .accuracy: run.accuracy
        case .reconstruction: run.isDiverged ? nil : run.loss / Double(run.outputs)
        }
    }

    /// The first measurement that is at least as good as the target.
    func iteration(of run: TrainingSummary, reaching target: Double) -> Int? {
        run.firstIteration { measurement in
            switch self {
            case .accuracy: (measurement.testAccuracy ?? 0) >= target
            case .reconstruction: measurement.testLoss / Double(run.outputs) <= target
            }
        }
    }

    /// Larger is better, for both.
    func score(_ run: TrainingSummary) -> Double {
        switch self {
        case .accuracy: value(run) ?? 0
        case .reconstruction: -(value(run) ?? .infinity)
        }
    }
}

/// The learning rate of each rule whose runs end best, on average over seeds.
///
/// A run that diverged counts as the worst there is; of equal rates the smallest is taken.
struct BestRates {
    private let rates: [TrainingRule: Double]

    init(_ results: GridResults, _ metric: ConvergenceStudy.Metric) {
        var rates: [TrainingRule: Double] = [:]
        for rule in results.grid.rules {
            var best = -Double.infinity
            for rate in results.grid.rates(of: rule).sorted() {
                let runs = results.runs(rule, rate)
                guard !runs.isEmpty else { continue }
                let score = SeedSample(runs.map { metric.score($0) }).mean
                if rates[rule] == nil || score > best {
                    rates[rule] = rate
                    best = score
                }
            }
        }
        self.rates = rates
    }

    func rate(of rule: TrainingRule) -> Double? { rates[rule] }
}
