public import RunStore
public import Documents
internal import Statistics
internal import Training

/// Which rules train at which learning rates: the paper's stability table (claims C5 and C11).
public struct StabilityStudy: ExperimentStudy {
    public let name = "stability"
    public var grid: TrainingGrid
    /// A run trained if it did not diverge and ended with this test accuracy at least.
    public var trainedAccuracy: Double
    /// Whether the course of the runs is shown too.
    public var showsCourse: Bool

    /// The paper's learning rates.
    public static let learningRates: [Double] = [0.01, 0.1, 1, 2.5, 10, 100]
    /// The accuracy that counts as trained unless one says otherwise.
    public static let usualAccuracy = 0.7

    public init(_ grid: TrainingGrid, trainedAccuracy: Double, showsCourse: Bool = false) {
        self.grid = grid
        self.trainedAccuracy = trainedAccuracy
        self.showsCourse = showsCourse
    }

    public func plan() throws -> [PlannedRun] { try grid.plan(.training) }

    public func results(_ store: ResultStore, provenance: Provenance) throws -> StudyResults {
        let results = try GridResults(grid, .training, in: store)
        var document = Document(
            title: "Stability over learning rates", provenance: grid.describe(provenance))
        document.appendTable(try accuracyTable(results))
        document.appendTable(try runTable(results))
        if grid.base.measuresRepresentation { document.appendTable(try RepresentationTable.table(results)) }
        if showsCourse { document.appendTable(try CourseTable.table(results, rates: grid.rates)) }
        return StudyResults(tables: document, judgments: try judgments(results))
    }

    func trained(_ run: TrainingSummary) -> Bool {
        !run.isDiverged && (run.accuracy ?? 0) >= trainedAccuracy
    }

    /// The table that the paper prints.
    private func accuracyTable(_ results: GridResults) throws -> Table {
        let spread = grid.seeds.count > 1 ? ", mean ± standard deviation" : ""
        var table = try grid.table("Final test accuracy\(spread)", .text) { rule, rate in
            .runs(results.runs(rule, rate), \.accuracy) { accuracies in
                let mean = NumberFormat.significant(3).string(accuracies.mean)
                guard accuracies.values.count > 1 else { return mean }
                return "\(mean) ± \(NumberFormat.significant(2).string(accuracies.standardDeviation))"
            }
        }
        table.notes =
            ["div. k/n: k of n runs diverged; the mean is over the others."] + results.notes
        return table
    }

    /// One line for each rule and learning rate, in numbers.
    private func runTable(_ results: GridResults) throws(TableError) -> Table {
        var table = try Table(
            title: "Runs",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("runs", format: .integer), Column("diverged", format: .integer),
                Column("trained", format: .integer),
                Column("accuracy", format: .significant(3)),
                Column("accuracyDeviation", title: "sd", format: .significant(2)),
                Column("bestAccuracy", title: "best", format: .significant(3)),
                Column("loss", title: "test loss", format: .significant(3)),
                Column("updateNorm", title: "mean ‖Δ‖", format: .significant(2)),
                Column("updateNormVariance", title: "var ‖Δ‖", format: .significant(2)),
                Column("firstDistance", title: "distance, first", format: .significant(2)),
                Column("lastDistance", title: "last", format: .significant(2)),
            ] + (grid.base.weightNormEvery == nil ? [] : [
                Column("weightNorm", title: "mean ‖ΔW‖", format: .significant(2)),
                Column("weightNormVariance", title: "var ‖ΔW‖", format: .significant(2)),
            ]))
        var curves: [LineChart.Series] = []
        for rule in grid.rules {
            var curve = LineChart.Series(rule.name, [], style: rule.chartStyle)
            for rate in grid.rates(of: rule) {
                let runs = results.runs(rule, rate)
                guard !runs.isEmpty else { continue }
                try table.append([.text(rule.name), .number(rate)] + cells(runs))
                if let point = LineChart.Point(x: rate, SeedSample(runs.compactMap(\.accuracy))) {
                    curve.points.append(point)
                }
            }
            curve.points.sort { $0.x < $1.x }
            if !curve.points.isEmpty { curves.append(curve) }
        }
        if !curves.isEmpty { table.charts = [chart(curves)] }
        table.notes = [
            "Means over seeds; accuracy and loss over the runs that did not diverge. trained: not "
                + "diverged and a final accuracy of at least \(trainedAccuracy). best: the largest accuracy that a run "
                + "measured on its way, diverged later or not.",
            "‖Δ‖: the updates' norms over all iterations of a run. distance: the mean relative distance "
                + "‖Δ − Δ_imp‖/‖Δ_imp‖ to the exact implicit update of the same mini-batch at the same "
                + "weights, before the first measurement and before the last.",
        ]
        if let every = grid.base.weightNormEvery {
            table.notes.append(
                "‖ΔW‖: the norm of the change of the weights without the biases, after every \(every) updates.")
        }
        return table
    }

    private func chart(_ curves: [LineChart.Series]) -> Chart {
        Chart(
            title: "Final test accuracy against learning rate",
            subtitle: grid.conditions("accuracy", over: "mean ± sd of the runs that did not diverge,"),
            content: .lines(
                LineChart(
                    x: Axis("learning rate α", .logarithmic),
                    y: Axis("final test accuracy", .linear, range: 0...1), series: curves,
                    band: .standardDeviation)))
    }

    private func weightNormCells(_ runs: [TrainingSummary]) -> [Cell] {
        guard let period = grid.base.weightNormEvery else { return [] }
        let norms = runs.compactMap { $0.weightNorm(period: period) }
        return [
            .mean(norms.map(\.mean), orMissing: "diverged before the first"),
            .mean(norms.map(\.variance).filter { !$0.isNaN }, orMissing: "fewer than two"),
        ]
    }

    private func cells(_ runs: [TrainingSummary]) -> [Cell] {
        let ended = runs.filter { !$0.isDiverged }
        let accuracies = ended.compactMap(\.accuracy)
        let diverged = "all runs diverged"
        return [
            .integer(runs.count), .integer(runs.count - ended.count),
            .integer(runs.filter(trained).count), .mean(accuracies, orMissing: diverged),
            .deviation(accuracies), .mean(runs.compactMap(\.bestAccuracy), orMissing: "no measurement"),
            .mean(ended.map(\.loss), orMissing: diverged),
            .mean(runs.map(\.updateNorm.mean), orMissing: diverged),
            .mean(runs.map(\.updateNorm.variance), orMissing: diverged),
            .mean(runs.compactMap(\.distances.first), orMissing: "not compared"),
            .mean(runs.compactMap(\.distances.last), orMissing: "not compared"),
        ] + weightNormCells(runs)
    }
}
