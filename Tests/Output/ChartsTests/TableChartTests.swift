import Charts
import Documents
import Testing

/// Charts made of tables: what becomes a point, what is left out, what is refused.
@Suite("Charts of tables")
struct TableChartTests {
    private func long() throws -> Table {
        try Table(
            title: "Accuracy",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("alpha", format: .setting, identifiesRow: true),
                Column("accuracy", format: .quartiles(.significant(2))),
                Column("mean", format: .significant(2)), Column("sd", format: .significant(2)),
                Column("state", format: .text),
            ],
            rows: [
                ["bp", 1, .quartiles(median: 0.1, lower: 0.05, upper: 0.2), 0.1, 0.02, "diverged"],
                ["bp", 0.1, .quartiles(median: 0.8, lower: 0.7, upper: 0.9), 0.8, 0.1, "trains"],
                ["il", 1, .missing(reason: "no run"), .missing(reason: "no run"), 0.1, "trains"],
                ["il", 0.1, .quartiles(median: 0.7, lower: 0.6, upper: 0.75), 0.7, .missing(reason: "one run"), "trains"],
            ])
    }

    private func lines(_ chart: Chart) throws -> LineChart {
        guard case .lines(let lines) = chart.content else { throw Unexpected() }
        return lines
    }

    private func map(_ chart: Chart) throws -> HeatMap {
        guard case .heatMap(let map) = chart.content else { throw Unexpected() }
        return map
    }

    private struct Unexpected: Error {}
    private let x = Axis("α", .logarithmic)
    private let y = Axis("accuracy", .linear)

    @Test func `a row is a point, in order of x, and a missing value is none`() throws {
        let chart = try lines(
            .lines(long(), x: "alpha", xAxis: x, y: "accuracy", yAxis: y, series: ["rule"]))
        #expect(chart.series.map(\.label) == ["bp", "il"])
        #expect(chart.series[0].points == [
            .init(x: 0.1, y: 0.8, lower: 0.7, upper: 0.9), .init(x: 1, y: 0.1, lower: 0.05, upper: 0.2),
        ])
        #expect(chart.series[1].points == [.init(x: 0.1, y: 0.7, lower: 0.6, upper: 0.75)])
    }

    @Test func `deviations become bands where there are any`() throws {
        let chart = try lines(
            .lines(
                long(), x: "alpha", xAxis: x, y: "mean", deviation: "sd", yAxis: y, series: ["rule"]))
        #expect(chart.series[0].points[1] == .init(x: 1, y: 0.1, lower: 0.1 - 0.02, upper: 0.1 + 0.02))
        #expect(chart.series[1].points == [.init(x: 0.1, y: 0.7)])
    }

    @Test func `columns are places on the x axis`() throws {
        let table = try Table(
            title: "Wide",
            columns: [
                Column("rule", format: .text), Column("b", format: .significant(2)),
                Column("a", format: .significant(2)),
            ], rows: [["bp", 2.0, 1.0], ["il", .missing(reason: "none"), 3.0]])
        let chart = try lines(
            .lines(table, columns: [("b", 10), ("a", 1)], xAxis: x, yAxis: y, series: ["rule"]))
        #expect(chart.series[0].points == [.init(x: 1, y: 1), .init(x: 10, y: 2)])
        #expect(chart.series[1].points == [.init(x: 1, y: 3)])
    }

    @Test func `squares of maps`() throws {
        let values = try map(
            .heatMap(
                long(), x: "alpha", xTitle: "α", y: "rule", yTitle: "rule", value: "accuracy",
                valueAxis: y))
        #expect(values.columns == ["1", "0.1"] && values.rows == ["bp", "il"])
        #expect(values.squares == [[.value(0.1), .value(0.8)], [.missing, .value(0.7)]])
        let kinds: [HeatMap.Category] = [.init("trains", symbol: "✓"), .init("diverged", symbol: "×")]
        let states = try map(
            .categories(
                long(), x: "alpha", xTitle: "α", y: "rule", yTitle: "rule", category: "state",
                symbols: kinds))
        #expect(states.squares == [[.category(1), .category(0)], [.category(0), .category(0)]])
    }

    @Test func `what is not there or no number is an error, not an empty chart`() throws {
        let table = try long()
        #expect(throws: ChartError.noColumn(key: "beta", table: "Accuracy")) {
            try Chart.lines(table, x: "beta", xAxis: x, y: "accuracy", yAxis: y)
        }
        #expect(throws: ChartError.notNumeric(key: "state")) {
            try Chart.lines(table, x: "alpha", xAxis: x, y: "state", yAxis: y)
        }
        #expect(throws: ChartError.unknownCategory("diverged")) {
            try Chart.categories(
                table, x: "alpha", xTitle: "", y: "rule", yTitle: "", category: "state",
                symbols: [.init("trains", symbol: "✓")])
        }
    }

    @Test func `the names of files say the format and the number`() {
        #expect(ChartFile(path: "a/b.PNG")?.format == .png)
        #expect(ChartFile(path: "a.vl.json")?.format == .vegaLite)
        #expect(ChartFile(path: "png") == nil && ChartFile(path: "a.json") == nil)
        #expect(ChartFile(path: "a/b.svg")?.numbered(1).path == "a/b.svg")
        #expect(ChartFile(path: "a/b.vl.json")?.numbered(3).path == "a/b-3.vl.json")
    }
}
