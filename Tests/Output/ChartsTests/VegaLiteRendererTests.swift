import Charts
import Foundation
import Documents
import Testing

/// Specifications for interactive pages.
@Suite("Vega-Lite")
struct VegaLiteRendererTests {
    private func object(_ chart: Chart) throws -> [String: Any] {
        let text = VegaLiteRenderer().specification(chart).text()
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func values(_ specification: [String: Any]) throws -> [[String: Any]] {
        let data = try #require(specification["data"] as? [String: Any])
        return try #require(data["values"] as? [[String: Any]])
    }

    @Test("is JSON that holds every string as it is", arguments: Samples.all)
    func json(chart: Chart) throws {
        let specification = try object(chart)
        #expect(specification["$schema"] as? String == "https://vega.github.io/schema/vega-lite/v6.json")
        let title = try #require(specification["title"] as? [String: Any])
        #expect(title["text"] as? String == chart.title.singleLine)
        #expect(specification["description"] as? String == chart.summary.singleLine)
    }

    @Test func `holds every point that the axes can show`() throws {
        let rows = try values(object(Samples.lines()))
        #expect(rows.count == 4 + 3 + 1)
        // Foundation's reader may be one unit in the last place off.
        let bent = rows.filter { $0["series"] as? String == "bent" }.compactMap { $0["y"] as? Double }
        #expect(zip(bent, [1e-4, 1e-2, 1, 100]).allSatisfy { abs($0 / $1 - 1) < 1e-14 } && bent.count == 4)
        // The broken series has two runs, which no line may join.
        #expect(Set(rows.filter { ($0["series"] as? String)?.hasPrefix("broken") == true }
            .compactMap { $0["run"] as? Int }) == [0, 1])
    }

    /// y = y₀·(x/x₀)^p from the first point: at the other end the logarithms' slope is p.
    @Test func `the predicted slope passes through the first point`() throws {
        let specification = try object(Samples.lines())
        let layers = try #require(specification["layer"] as? [[String: Any]])
        let line = try #require(layers.first { ($0["data"] as? [String: Any]) != nil })
        let ends = try values(line)
        let x = try ends.map { try #require($0["x"] as? Double) }
        let y = try ends.map { try #require($0["y"] as? Double) }
        #expect(x[0] == 0.01 && abs(y[0] / 1e-4 - 1) < 1e-14)
        #expect(abs(log(y[1] / y[0]) / log(x[1] / x[0]) - 2) < 1e-9)
        #expect(x[1] > 1)
    }

    @Test func `verdicts and squares`() throws {
        let dots = try values(object(Samples.dots()))
        #expect(dots.compactMap { $0["verdict"] as? String } == ["holds", "holds", "FAILS", "FAILS", "undecided"])
        #expect(dots.compactMap { $0["value"] as? String } == ["0.50", "0", "40", "inf", "no value"])
        let squares = try values(object(Samples.categories()))
        #expect(squares.compactMap { $0["text"] as? String } == ["✓", "×", "–", "–", "–", "–"])
        #expect(squares.compactMap { $0["remark"] as? String }.prefix(2) == ["0.91, next 0.92", ""])
    }

    @Test("A rule has one colour, as a curve and as a square of a map", arguments: [ChartTheme.light, .dark])
    func oneColor(_ theme: ChartTheme) throws {
        let palette: Palette = theme == .dark ? .dark : .light
        for style in 0..<palette.series.count {
            let curves = Chart(
                title: "Curves",
                content: .lines(
                    LineChart(
                        x: Axis("x", .linear), y: Axis("y", .linear),
                        series: [.init("rule", [.init(x: 0, y: 0), .init(x: 1, y: 1)], style: style)])))
            let map = Chart(
                title: "Map",
                content: .heatMap(
                    HeatMap(
                        xTitle: "x", columns: ["1"], yTitle: "y", rows: ["1"],
                        categories: [.init("rule", symbol: "r", style: style)], squares: [[0]])))
            for chart in [curves, map] {
                let text = VegaLiteRenderer(theme: theme).specification(chart).text()
                #expect(text.contains("\"\(palette.series[style])\""), "\(chart.title) \(style)")
            }
        }
    }

    @Test func `a rule with and without Adam keeps its colour and gets another marker`() {
        let points: [LineChart.Point] = [.init(x: 0, y: 0), .init(x: 1, y: 1)]
        let chart = Chart(
            title: "Curves",
            content: .lines(
                LineChart(
                    x: Axis("x", .linear), y: Axis("y", .linear),
                    series: [.init("il", points, style: 2), .init("il-adam", points, style: 2), .init("il-prox", points, style: 3)])))
        let text = VegaLiteRenderer().specification(chart).text()
        for (style, color) in Palette.light.series.enumerated() {
            #expect(text.contains("\"\(color)\"") == [2, 3].contains(style), "\(style)")
        }
        #expect(text.contains("\"triangle-up\"") && text.contains("\"diamond\"") && text.contains("\"cross\""))
    }

    @Test func `words on a square can be read in both themes, also where its colour turns with the theme`() throws {
        for palette in [Palette.light, .dark] {
            #expect(palette.ink(on: palette.series[0]) == palette.background)
            #expect(palette.ink(on: nil) == palette.text)
            for color in palette.series { #expect(palette.ink(on: color) != color) }
        }
    }
}
