import Charts
import Documents
import Testing
import TrainingStudies

/// Charts of studies, found by what their tables hold.
@Suite("Charts of studies")
struct StudyChartsTests {
    private struct Unexpected: Error {}

    private func document(_ tables: Table...) -> Document {
        var provenance: Provenance = ["network": "64-8-10 relu with bias", "dataSet": "digits"]
        provenance.set("iterations", to: 300)
        return Document(title: "Study", provenance: provenance, blocks: tables.map { .table($0) })
    }

    private func lines(_ chart: Chart) throws -> LineChart {
        guard case .lines(let lines) = chart.content else { throw Unexpected() }
        return lines
    }

    private func course(rules: [String], rates: [Double], accuracy: Bool) throws -> Table {
        var table = try Table(
            title: "Course",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("alpha", format: .setting, identifiesRow: true),
                Column("iteration", format: .integer), Column("accuracy", format: .significant(3)),
                Column("accuracyDeviation", format: .significant(2)),
                Column("testLoss", format: .significant(3)),
            ])
        let none = Cell.missing(reason: "no classes")
        for rule in rules {
            for rate in rates {
                for iteration in [0, 100, 200] {
                    try table.append([
                        .text(rule), .number(rate), .integer(iteration),
                        accuracy ? .number(0.5) : none, accuracy ? .number(0.1) : none, .number(2.3),
                    ])
                }
            }
        }
        return table
    }

    @Test func `accuracy against learning rate, with gaps where all runs diverged`() throws {
        let table = try Table(
            title: "Runs",
            columns: [
                Column("rule", format: .text), Column("alpha", format: .setting),
                Column("diverged", format: .integer), Column("accuracy", format: .significant(3)),
                Column("accuracyDeviation", format: .significant(2)),
            ],
            rows: [
                ["bp", 0.1, 0, 0.9, 0.05],
                ["bp", 10, 3, .missing(reason: "all runs diverged"), .missing(reason: "few")],
                ["il-prox", 0.1, 0, 0.8, .missing(reason: "few")], ["il-prox", 10, 0, 0.7, 0.02],
            ])
        let charts = try StudyCharts.charts(of: document(table))
        let chart = try lines(#require(charts.first))
        #expect(charts.count == 1)
        #expect(chart.series.map(\.label) == ["bp", "il-prox"])
        #expect(chart.series[0].points == [.init(x: 0.1, y: 0.9, lower: 0.9 - 0.05, upper: 0.9 + 0.05)])
        #expect(chart.series[1].points.map(\.y) == [0.8, 0.7])
        #expect(chart.series.map(\.style) == [0, 3])
        #expect(charts[0].subtitle.hasPrefix("64-8-10 relu with bias, digits, 300 iterations; mean ± sd"))
    }

    @Test func `few curves share a chart, many are parted by learning rate`() throws {
        let few = try StudyCharts.charts(
            of: document(course(rules: ["bp", "il"], rates: [0.1, 1], accuracy: true)))
        #expect(few.count == 1)
        #expect(try lines(few[0]).series.map(\.label) == ["bp, 0.1", "bp, 1", "il, 0.1", "il, 1"])
        let many = try StudyCharts.charts(
            of: document(course(rules: ["bp", "il", "il-prox"], rates: [0.01, 0.1, 1, 10, 100], accuracy: true)))
        #expect(many.map(\.title) == ["0.01", "0.1", "1", "10", "100"].map { "Course, α = \($0)" })
        #expect(try lines(many[4]).series.map(\.label) == ["bp", "il", "il-prox"])
    }

    @Test func `without classes the loss is drawn`() throws {
        let charts = try StudyCharts.charts(
            of: document(course(rules: ["bp"], rates: [1], accuracy: false)))
        let chart = try lines(#require(charts.first))
        #expect(chart.y.title == "test loss" && chart.y.scale == .logarithmic)
        #expect(chart.series[0].points.map(\.y) == [2.3, 2.3, 2.3])
    }

    @Test func `the nearest rule of each cell of a map`() throws {
        func distance(_ median: Double) -> Cell {
            .quartiles(median: median, lower: median / 2, upper: median * 2)
        }
        let table = try Table(
            title: "Distances",
            columns: [
                Column("alpha", title: "α", format: .setting), Column("steps", format: .integer),
                Column("rule", format: .text),
                Column("relativeDistance", format: .quartiles(.significant(2))),
                Column("nearest", format: .integer), Column("cases", format: .integer),
            ],
            rows: [
                [0.1, 25, "bp", distance(0.2), 3, 4], [0.1, 25, "il-prox-equilibrium", distance(0.7), 1, 4],
                [10, 25, "bp", distance(9), 0, 4], [10, 25, "il-prox-equilibrium", distance(0.7), 4, 4],
                [10, 100, "bp", .missing(reason: "no exact update"), 0, 0],
                [10, 100, "il-prox-equilibrium", distance(0.6), 4, 4],
            ])
        let chart = try #require(try StudyCharts.charts(of: document(table)).first)
        guard case .heatMap(let map) = chart.content else { throw Unexpected() }
        #expect(map.rows == ["0.1", "10"] && map.columns == ["25", "100"])
        #expect(map.squares == [[.category(0), .missing], [.category(1), .category(1)]])
        #expect(map.categories == [.init("bp", symbol: "bp"), .init("il-prox-equilibrium", symbol: "2")])
    }

    @Test func `other tables have no chart`() throws {
        let table = try Table(title: "T", columns: [Column("rule", format: .text)], rows: [["bp"]])
        #expect(try StudyCharts.charts(of: document(table)).isEmpty)
    }
}
