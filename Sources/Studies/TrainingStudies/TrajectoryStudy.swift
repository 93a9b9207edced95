public import Documents
public import RunStore
internal import ErrorTables
internal import Training

/// How far the weights trained by each rule are from those trained by exact implicit SGD on the same
/// sequence of examples from the same weights.
public struct TrajectoryStudy: ExperimentStudy {
    public let name = "trajectory"
    public var grid: TrainingGrid

    public init(_ grid: TrainingGrid) { self.grid = grid }

    public func plan() throws -> [PlannedRun] { try grid.plan(.trajectory) }

    public func results(_ store: ResultStore, provenance: Provenance) throws -> StudyResults {
        var document = Document(
            title: "Distance of trained weights from those of exact implicit SGD",
            provenance: grid.describe(provenance))
        document.appendTable(try endTable(store))
        document.appendTable(try courseTable(store))
        return StudyResults(tables: document, judgments: .none)
    }

    private func runs(
        _ rule: TrainingRule, _ rate: Double, _ store: ResultStore
    ) throws -> [[TrajectoryMeasurement]] {
        try grid.seeds.compactMap { seed in
            try store.finishedRows(
                TrainingKind.trajectory.identity(grid.configuration(rule, rate, seed)),
                as: TrajectoryMeasurement.self)
        }
    }

    private func endTable(_ store: ResultStore) throws -> Table {
        var missing = 0
        var table = try grid.table("Relative distance at the end", .quartiles(.significant(2))) { rule, rate in
            let found = try runs(rule, rate, store)
            missing += grid.seeds.count - found.count
            return Self.cell(found)
        }
        table.notes = [
            "‖θ_rule − θ_implicit‖/‖θ_implicit − θ₀‖ after \(grid.base.iterations) iterations, median "
                + "[quartiles] over seeds. inf: one of the two diverged."
        ]
        table.notes += GridResults.notes(missing: missing)
        return table
    }

    private static func cell(_ runs: [[TrajectoryMeasurement]]) -> Cell {
        let ends = runs.compactMap { $0.last.map { $0.isDiverged ? .infinity : $0.relativeDistance } }
        let diverged = ends.count { !$0.isFinite }
        guard diverged == 0 else { return .missing(reason: "diverged in \(diverged) of \(ends.count) runs") }
        return .quartiles(of: ends, orMissing: "no run is finished")
    }

    private func courseTable(_ store: ResultStore) throws -> Table {
        var table = try Table(
            title: "Along the trajectory",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("iteration", format: .integer, identifiesRow: true),
                Column(
                    "relativeDistance", title: "relative distance", format: .quartiles(.significant(2))),
                Column("cosine", format: .significant(3)),
                Column("ruleLoss", title: "loss, rule", format: .significant(3)),
                Column("implicitLoss", title: "implicit", format: .significant(3)),
                Column("ruleAccuracy", title: "accuracy, rule", format: .significant(3)),
                Column("implicitAccuracy", title: "implicit", format: .significant(3)),
            ])
        var uncertified = 0
        var charts = CourseCharts(
            title: table.title, subtitle: grid.conditions("distance", over: "median and quartiles"),
            yAxis: Axis("‖θ_rule − θ_implicit‖/‖θ_implicit − θ₀‖", .logarithmic))
        for rule in grid.rules {
            for rate in grid.rates(of: rule) {
                var points: [LineChart.Point] = []
                let all = try runs(rule, rate, store).joined()
                uncertified += all.reduce(0) { $0 + $1.uncertifiedUpdates }
                for iteration in Set(all.map(\.iteration)).sorted() {
                    let cells = Self.cells(all.filter { $0.iteration == iteration && !$0.isDiverged })
                    try table.append([.text(rule.name), .number(rate), .integer(iteration)] + cells)
                    points += [LineChart.Point(x: Double(iteration), cells[0])].compactMap(\.self)
                }
                charts.add(rule, rate, points)
            }
        }
        table.charts = charts.charts
        table.notes = ["cosine of θ_rule − θ₀ and θ_implicit − θ₀; losses and accuracies on the test examples."]
        if uncertified > 0 {
            table.notes.append(
                "\(uncertified) implicit updates were made although the solver had stopped short of its "
                    + "tolerance.")
        }
        return table
    }

    private static func cells(_ found: [TrajectoryMeasurement]) -> [Cell] {
        func mean(_ values: [Double]) -> Cell { .mean(values, orMissing: "diverged, or no classes") }
        return [
            .quartiles(of: found.map(\.relativeDistance), orMissing: "diverged"), mean(found.map(\.cosine)),
            mean(found.map(\.rule.testLoss)), mean(found.map(\.implicit.testLoss)),
            mean(found.compactMap(\.rule.testAccuracy)), mean(found.compactMap(\.implicit.testAccuracy)),
        ]
    }
}
