import Charts
import Foundation
import Documents
import Testing

/// Pictures by gnuplot: structure, not pixels.
@Suite("gnuplot")
struct GnuplotRendererTests {
    @Test("SVG is well-formed whatever the strings hold", arguments: Samples.all)
    func wellFormed(chart: Chart) throws {
        let svg = try GnuplotRenderer().svg(chart, identifier: "c1")
        let parsed = ParsedXML(svg)
        #expect(parsed.isWellFormed)
        #expect(parsed.elements.first == "svg")
        #expect(!parsed.elements.contains("b") && !parsed.elements.contains("script"))
        #expect(Set(parsed.identifiers).count == parsed.identifiers.count)
        #expect(parsed.identifiers.allSatisfy { $0.hasPrefix("c1") })
        #expect(Set(parsed.references).isSubset(of: parsed.identifiers))
        let root = try #require(parsed.attributes.first)
        #expect(root["role"] == "img")
        #expect(root["aria-labelledby"] == "c1-title c1-description")
        #expect(parsed.texts.contains(chart.summary.singleLine.replacing("\u{FFFF}", with: "\u{FFFD}")))
        #expect(parsed.texts.contains { $0.contains(chart.title.singleLine.prefix(20)) })
    }

    @Test func `every series, slope and verdict stands in the legend`() throws {
        let lines = ParsedXML(try GnuplotRenderer().svg(Samples.lines()))
        for text in ["bent", "broken (1 × not finite)", "zero (0)", "slope 2 (T6)", "α", String(Samples.hostile.prefix(37)) + "…"] {
            #expect(lines.texts.contains { $0.trimmingCharacters(in: .whitespaces) == text }, "\(text)")
        }
        let dots = ParsedXML(try GnuplotRenderer().svg(Samples.dots()))
        for text in ["inside", "outside", "holds", "FAILS", "undecided", "limit", "inf", "no value", "0"] {
            #expect(dots.texts.contains { $0.trimmingCharacters(in: .whitespaces) == text }, "\(text)")
        }
        let map = ParsedXML(try GnuplotRenderer().svg(Samples.categories()))
        for text in ["✓", "×", "–", "✓  trains", "bp", "il", "0.1", "rule"] {
            #expect(map.texts.contains { $0.trimmingCharacters(in: .whitespaces) == text }, "\(text)")
        }
    }

    /// The curve, its two ends and the break: what is drawn is what was measured.
    @Test func `a curve breaks where it has no value`() throws {
        let parsed = ParsedXML(try GnuplotRenderer().svg(Samples.lines()))
        // Each series is one element for each run of points: two for the broken one.
        #expect(parsed.texts.filter { $0 == "broken" }.count >= 2)
        #expect(parsed.texts.contains("bent: between the quartiles"))
        #expect(parsed.texts.contains("slope 2 through the first point of bent (T6)"))
    }

    @Test func `beside long names the plot keeps its width, and the squares of a map say how narrow they were`() throws {
        let name = String(repeating: "the first reverse sweep ", count: 3)
        let plot = Chart(
            title: "Dots", content: .dots(DotPlot(x: Axis("x", .linear), rows: [.init(name, value: 1, verdict: .good)])))
        let box = try #require(ParsedXML(try GnuplotRenderer().svg(plot)).attributes.first?["viewBox"])
        let width = try #require(Double(box.split(separator: " ")[2]))
        #expect(width > 7.6 * Double(name.count) + 320, "\(width)")
        let map = ParsedXML(try GnuplotRenderer().svg(Samples.categories()))
        #expect(map.texts.contains { $0.trimmingCharacters(in: .whitespaces) == "0.91, next 0.92" })
    }

    @Test func `the same chart has the same bytes`() throws {
        for chart in Samples.all {
            #expect(try GnuplotRenderer().svg(chart) == GnuplotRenderer().svg(chart))
        }
        #expect(try GnuplotRenderer().png(Samples.lines()) == GnuplotRenderer().png(Samples.lines()))
    }

    @Test func `themes`() throws {
        let auto = try GnuplotRenderer(theme: .auto).svg(Samples.dots())
        let light = try GnuplotRenderer(theme: .light).svg(Samples.dots())
        let dark = try GnuplotRenderer(theme: .dark).svg(Samples.dots())
        #expect(auto.contains("prefers-color-scheme:dark"))
        #expect(!light.contains("prefers-color-scheme") && !dark.contains("prefers-color-scheme"))
        #expect(light.contains(Palette.light.background) && !light.contains(Palette.dark.background))
        #expect(dark.contains(Palette.dark.background) && !dark.contains(Palette.light.good))
        // Every colour that is drawn in light has a rule that replaces it in dark.
        for color in Palette.light.series where auto.contains("=\"\(color)\"") {
            #expect(auto.contains("[stroke=\"\(color)\"]"))
        }
    }

    @Test func `PNG is twice the size of the SVG`() throws {
        let png = try GnuplotRenderer().png(Samples.lines())
        #expect(png.prefix(8).elementsEqual([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        func number(_ offset: Int) -> Int {
            png[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
        }
        #expect(number(16) == 1760 && number(20) == 1040)
    }

    @Test func `PDF is one page of the size of the SVG, and the same a second later`() async throws {
        let pdf = try GnuplotRenderer().pdf(Samples.lines())
        let text = String(decoding: pdf, as: UTF8.self)
        #expect(text.hasPrefix("%PDF") && text.contains("/MediaBox [ 0 0 880 520 ]"))
        try await Task.sleep(for: .seconds(1.1))
        #expect(try GnuplotRenderer().pdf(Samples.lines()) == pdf)
        #expect(try GnuplotRenderer(theme: .dark).pdf(Samples.lines()) != pdf)
    }

    @Test func `a missing program says which package brings it`() {
        let tool = ExternalTool(program: "no-such-gnuplot", remedy: "install it")
        #expect(throws: ExternalToolError.missing(tool)) {
            try GnuplotRenderer(tool: tool).svg(Samples.lines())
        }
        #expect("\(ExternalToolError.missing(.gnuplot))".contains("gnuplot-nox"))
        #expect("\(ExternalToolError.missing(.python))".contains("vl-convert-python"))
    }

    @Test func `a program that fails is reported with its words`() {
        let tool = ExternalTool(program: "sh", remedy: "")
        #expect(throws: ExternalToolError.failed(tool, status: 3, message: "broken\n")) {
            try tool.run(["-c", "echo broken >&2; exit 3"])
        }
        #expect(throws: ExternalToolError.failed(tool, status: 0, message: "")) {
            try tool.run(["-c", "true"], result: "nothing")
        }
    }
}
