internal import Documents
internal import Statistics
internal import Training

/// The course of training: what was measured at each iteration, over seeds. With its charts.
enum CourseTable {
    /// - Parameter rates: which learning rates of a rule are shown.
    static func table(
        _ results: GridResults, rates: (TrainingRule) -> [Double]
    ) throws(TableError) -> Table {
        var table = try Table(
            title: "Course of training, mini-batch \(results.grid.base.batchSize)",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("iteration", format: .integer, identifiesRow: true),
                Column("runs", format: .integer),
                Column("accuracy", format: .significant(3)),
                Column("accuracyDeviation", title: "sd", format: .significant(2)),
                Column("testLoss", title: "test loss", format: .significant(3)),
                Column("trainingLoss", title: "training loss", format: .significant(3)),
                Column("updateNorm", title: "mean ‖Δ‖", format: .significant(2)),
                Column("relativeDistance", title: "distance", format: .significant(2)),
            ])
        // An autoencoder has no accuracy.
        let isClassified = results.grid.source.task == .classification
        let grid = results.grid
        var charts = CourseCharts(
            title: table.title,
            subtitle: isClassified
                ? grid.conditions("accuracy", over: "mean ± sd") : grid.conditions("loss", over: "mean"),
            yAxis: isClassified
                ? Axis("test accuracy", .linear, range: 0...1) : Axis("test loss", .logarithmic),
            band: .standardDeviation)
        for rule in grid.rules {
            for rate in rates(rule) {
                let all = results.runs(rule, rate).flatMap(\.measurements)
                var points: [LineChart.Point] = []
                for iteration in Set(all.map(\.iteration)).sorted() {
                    let found = all.filter { $0.iteration == iteration }
                    try table.append(
                        [.text(rule.name), .number(rate), .integer(iteration), .integer(found.count)]
                            + cells(found))
                    points +=
                        isClassified
                        ? [LineChart.Point(x: Double(iteration), SeedSample(found.compactMap(\.testAccuracy)))].compactMap(\.self)
                        : [LineChart.Point(x: Double(iteration), y: SeedSample(found.map(\.testLoss)).mean)]
                }
                charts.add(rule, rate, points)
            }
        }
        table.charts = charts.charts
        table.notes = ["Means over the runs that were measured at that iteration."]
        return table
    }

    private static func cells(_ found: [TrainingMeasurement]) -> [Cell] {
        func mean(_ values: [Double]) -> Cell { .mean(values, orMissing: "not measured") }
        let accuracies = found.compactMap(\.testAccuracy)
        return [
            mean(accuracies),
            .deviation(accuracies),
            mean(found.map(\.testLoss)), mean(found.map(\.trainingLoss)),
            mean(found.map(\.updateNormMean)), mean(found.compactMap(\.relativeDistance)),
        ]
    }
}
