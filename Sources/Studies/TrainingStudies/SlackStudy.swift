public import Documents
internal import ErrorTables
internal import LearningRules
public import RunStore
internal import Statistics
internal import Training

/// From implicit SGD to inference learning along the slack `ε` (T18): how well `implicit-slack` trains with each `ε`, and
/// how far its updates are from the exact ones.
///
/// `ε = 0` is exact implicit SGD itself, the rule `implicit`. Beside the family stands `il-prox`, which has no place on the
/// axis.
public struct SlackStudy: ExperimentStudy {
    public let name = "slack"
    /// What all runs share; its rules and the `ε` of its constants are replaced.
    public var grid: TrainingGrid
    /// `ε > 0`, in the order of the table.
    public var slacks: [Double]

    public init(_ grid: TrainingGrid, slacks: [Double]) {
        self.grid = grid
        self.slacks = slacks
    }

    private static let family = TrainingRule(.slackImplicit)
    private static let exact = TrainingRule(.implicit)
    private static let other = TrainingRule(.proximalInferenceLearning)

    /// The runs of one rule, with one `ε` or the rule's own.
    private func grid(_ rule: TrainingRule, slack: Double? = nil) -> TrainingGrid {
        var result = grid
        result.rules = [rule]
        result.base.constants.epsilon = slack
        return result
    }

    /// `ε` and the runs with it; the rules without one before and after.
    private var parts: [(rule: TrainingRule, slack: Double?, grid: TrainingGrid)] {
        [(Self.exact, 0, grid(Self.exact))] + slacks.map { (Self.family, $0, grid(Self.family, slack: $0)) }
            + [(Self.other, nil, grid(Self.other))]
    }

    public func plan() throws -> [PlannedRun] { try parts.flatMap { try $0.grid.plan(.training) } }

    public func results(_ store: ResultStore, provenance: Provenance) throws -> StudyResults {
        var document = Document(
            title: "From implicit SGD to inference learning, along the slack ε", provenance: grid.describe(provenance))
        document.appendTable(try table(store))
        return StudyResults(tables: document, judgments: .none)
    }

    private func table(_ store: ResultStore) throws -> Table {
        var table = try Table(
            title: "Training with slack",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("rule", format: .text, identifiesRow: true),
                Column("slack", title: "ε", format: .setting, identifiesRow: true),
                Column("runs", format: .integer), Column("diverged", format: .integer),
                Column("accuracy", format: .significant(3)),
                Column("accuracyDeviation", title: "sd", format: .significant(2)),
                Column("firstDistance", title: "distance, first", format: .significant(2)),
                Column("lastDistance", title: "last", format: .significant(2)),
                Column("updateNorm", title: "mean ‖Δ‖", format: .significant(2)),
            ])
        let found = try parts.map { ($0.rule, $0.slack, try GridResults($0.grid, .training, in: store)) }
        var accuracies: [LineChart.Series] = []
        var distances: [LineChart.Series] = []
        for rate in grid.learningRates {
            let label = "α = \(NumberFormat.setting.string(rate))"
            var (accuracy, distance) = (LineChart.Series(label, []), LineChart.Series(label, []))
            for (rule, slack, results) in found {
                let runs = results.runs(rule, rate)
                let ended = runs.filter { !$0.isDiverged }
                let reached = SeedSample(ended.compactMap(\.accuracy))
                let last = runs.compactMap(\.distances.last)
                try table.append([
                    .number(rate), .text(rule.name), slack.map { .number($0) } ?? .missing(reason: "not of the family"),
                    .integer(runs.count), .integer(runs.count - ended.count),
                    .mean(reached.values, orMissing: "no run ended"), .deviation(reached.values),
                    .mean(runs.compactMap(\.distances.first), orMissing: "not compared"),
                    .mean(last, orMissing: "not compared"), .mean(runs.map(\.updateNorm.mean), orMissing: "no run"),
                ])
                guard let slack, slack > 0 else { continue }
                accuracy.points += [LineChart.Point(x: slack, reached)].compactMap(\.self)
                distance.points += [LineChart.Point(x: slack, .quartiles(of: last, orMissing: "not compared"))].compactMap(\.self)
            }
            accuracies.append(accuracy)
            distances.append(distance)
        }
        table.charts = [
            chart(
                "Accuracy along the slack", Axis("final test accuracy", .linear, range: 0...1), accuracies,
                .standardDeviation, grid.conditions("accuracy", over: "mean ± sd")),
            chart(
                "Distance from the exact update along the slack", Axis("‖Δ − Δ_imp‖/‖Δ_imp‖", .logarithmic), distances,
                .quartiles, grid.conditions("distance", over: "median and quartiles")),
        ]
        let missing = found.reduce(0) { $0 + $1.2.missing }
        table.notes =
            [
                "ε = 0 is exact implicit SGD. distance: mean relative distance to the exact implicit update of the same "
                    + "mini-batch at the same weights, before the first measurement and before the last. Means over seeds."
            ] + GridResults.notes(missing: missing)
        return table
    }

    private func chart(
        _ title: String, _ axis: Axis, _ series: [LineChart.Series], _ band: LineChart.Band, _ subtitle: String
    ) -> Chart {
        Chart(
            title: title, subtitle: subtitle,
            content: .lines(
                LineChart(
                    x: Axis("slack ε", .logarithmic), y: axis, series: series.filter { !$0.points.isEmpty },
                    band: band)))
    }
}
