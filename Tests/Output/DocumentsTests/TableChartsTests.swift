import Documents
import Testing

/// Charts that tables carry, and the points that cells are.
@Suite("Charts of tables")
struct TableChartsTests {
    private func chart(_ title: String) -> Chart {
        Chart(
            title: title,
            content: .lines(LineChart(x: Axis("x", .linear), y: Axis("y", .linear), series: [])))
    }

    private func table(_ charts: [Chart]) throws -> Table {
        var table = try Table(
            title: "T",
            columns: [Column("rule", format: .text), Column("seconds", format: .seconds)], rows: [["bp", 2.0]])
        table.charts = charts
        return table
    }

    @Test func `a document has the charts of its tables in reading order`() throws {
        var document = Document(title: "D", provenance: [:])
        document.appendTable(try table([chart("a"), chart("b")]))
        document.appendParagraph("between")
        document.appendTable(try table([]))
        document.appendTable(try table([chart("c")]))
        #expect(document.charts.map(\.title) == ["a", "b", "c"])
    }

    @Test func `a table without a column keeps its charts`() throws {
        #expect(try table([chart("a")]).removing("seconds").charts == [chart("a")])
    }

    @Test func `formats of text leave charts out`() throws {
        for format in OutputFormat.allCases {
            let with = Document(title: "D", provenance: [:], blocks: [.table(try table([chart("a")]))])
            let without = Document(title: "D", provenance: [:], blocks: [.table(try table([]))])
            #expect(format.render(with) == format.render(without))
        }
    }

    @Test func `a cell of numbers is a point, with its band`() {
        #expect(LineChart.Point(x: 1, .integer(3)) == .init(x: 1, y: 3))
        #expect(LineChart.Point(x: 1, .number(0.5)) == .init(x: 1, y: 0.5))
        #expect(
            LineChart.Point(x: 1, .quartiles(median: 2, lower: 1, upper: 4))
                == .init(x: 1, y: 2, lower: 1, upper: 4))
        #expect(
            LineChart.Point(x: 1, .interval(estimate: 2, lower: 1, upper: 4))
                == .init(x: 1, y: 2, lower: 1, upper: 4))
        #expect(LineChart.Point(x: 1, .missing(reason: "no run")) == nil)
        #expect(LineChart.Point(x: 1, .text("bp")) == nil)
    }
}
