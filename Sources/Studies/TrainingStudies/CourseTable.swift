internal import Documents
internal import Training

/// The course of training: what was measured at each iteration, over seeds. Made for charts.
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
        for rule in results.grid.rules {
            for rate in rates(rule) {
                let all = results.runs(rule, rate).flatMap(\.measurements)
                for iteration in Set(all.map(\.iteration)).sorted() {
                    let found = all.filter { $0.iteration == iteration }
                    try table.append(
                        [.text(rule.name), .number(rate), .integer(iteration), .integer(found.count)]
                            + cells(found))
                }
            }
        }
        table.notes = ["Means over the runs that were measured at that iteration."]
        return table
    }

    private static func cells(_ found: [TrainingMeasurement]) -> [Cell] {
        func mean(_ values: [Double]) -> Cell {
            values.isEmpty ? .missing(reason: "not measured") : .number(SeedSample(values).mean)
        }
        let accuracies = found.compactMap(\.testAccuracy)
        return [
            mean(accuracies),
            accuracies.count > 1
                ? .number(SeedSample(accuracies).standardDeviation) : .missing(reason: "one run"),
            mean(found.map(\.testLoss)), mean(found.map(\.trainingLoss)),
            mean(found.map(\.updateNormMean)), mean(found.compactMap(\.relativeDistance)),
        ]
    }
}
