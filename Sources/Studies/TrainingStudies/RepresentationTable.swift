internal import Documents
internal import Statistics
internal import Training

/// Whether the last hidden layer tells examples apart, along training: where an exact step for one example makes all alike.
enum RepresentationTable {
    static func table(_ results: GridResults) throws(TableError) -> Table {
        var table = try Table(
            title: "Representation of the test examples",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("iteration", format: .integer, identifiesRow: true), Column("runs", format: .integer),
                Column("accuracy", format: .significant(3)), Column("cosine", format: .significant(3)),
                Column("activeUnits", title: "active units", format: .significant(3)),
                Column("lastClassShare", title: "as the last class", format: .significant(2)),
            ])
        let grid = results.grid
        var charts = CourseCharts(
            title: "Cosine between test examples", subtitle: grid.conditions("cosine", over: "mean ± sd"),
            yAxis: Axis("mean cosine, last hidden layer", .linear, range: 0...1), band: .standardDeviation)
        for rule in grid.rules {
            for rate in grid.rates(of: rule) {
                let all = results.runs(rule, rate).flatMap(\.measurements)
                var points: [LineChart.Point] = []
                for iteration in Set(all.map(\.iteration)).sorted() {
                    let measured = all.filter { $0.iteration == iteration }
                    let found = measured.compactMap(\.representation)
                    let cosines = found.compactMap(\.cosine)
                    try table.append([
                        .text(rule.name), .number(rate), .integer(iteration), .integer(found.count),
                        .mean(measured.compactMap(\.testAccuracy), orMissing: "diverged"),
                        .mean(cosines, orMissing: "no rates that are not zero"),
                        .mean(found.map(\.activeUnits), orMissing: "diverged"),
                        .mean(found.map(\.lastClassShare), orMissing: "diverged"),
                    ])
                    points += [LineChart.Point(x: Double(iteration), SeedSample(cosines))].compactMap(\.self)
                }
                charts.add(rule, rate, points)
            }
        }
        table.charts = charts.charts
        table.notes = [
            "Means over seeds. cosine: between the last hidden rates of two test examples, over all pairs. active units: the "
                + "share of hidden units that are not zero for every test example. as the last class: the share of test "
                + "examples put into the class of the last example trained on."
        ]
        return table
    }
}
