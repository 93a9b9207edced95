internal import Documents

/// What gnuplot's SVG lacks: names and descriptions, identifiers that can share a page with others, a dark
/// variant. And what it has too much of: empty groups and unused filters.
struct GnuplotSVG {
    private var text: String

    init(_ text: String) { self.text = text }

    func finished(
        _ chart: Chart, script: GnuplotScript, identifier: String, followsViewer: Bool
    ) -> String {
        var svg = self
        // gnuplot escapes & and < in text, but not the one > that XML forbids.
        svg.text.replace("]]>", with: "]]&gt;")
        svg.useHexadecimalColors()
        svg.nameElements(script.elementTitles)
        svg.removeClutter()
        svg.replaceHead(chart, script, identifier, followsViewer)
        svg.text = svg.text.replacing("gpPt", with: "\(identifier)-mark-")
            .replacing("gpDot", with: "\(identifier)-dot")
            .replacing("id=\"plot_plot_", with: "id=\"\(identifier)-element-")
            .replacing("id=\"gnuplot_canvas\"", with: "id=\"\(identifier)-canvas\"")
            .replacing("font-family=\"sans-serif\"", with: "font-family=\"\(Self.fonts)\"")
        return svg.text
    }

    /// Fonts with Greek, ‖ and superscripts.
    private static let fonts = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

    /// `rgb(  0, 114, 178)` becomes `#0072b2`: one form for style rules to match.
    private mutating func useHexadecimalColors() {
        text.replace(/rgb\( *([0-9]+), *([0-9]+), *([0-9]+)\)/) { match in
            "#" + [match.1, match.2, match.3].map { part in
                let value = Int(part) ?? 0
                return (value < 16 ? "0" : "") + String(value, radix: 16)
            }.joined()
        }
    }

    /// gnuplot titles each element with its own name for it, which viewers show as a tooltip.
    private mutating func nameElements(_ titles: [String]) {
        text.replace(/<g id="plot_plot_([0-9]+)" ><title>[^<]*<\/title>/) { match in
            let index = (Int(match.1) ?? 0) - 1
            let title = titles.indices.contains(index) ? titles[index] : ""
            let name = title.isEmpty ? "" : "<title>\(title.xmlEscaped)</title>"
            return "<g id=\"plot_plot_\(match.1)\" class=\"element\">\(name)"
        }
    }

    private mutating func removeClutter() {
        text.replace(/\t?<filter [^>]*>(?:(?!<\/filter>)[\s\S])*<\/filter>\n/, with: "")
        var before = -1
        while before != text.utf8.count {
            before = text.utf8.count
            text.replace(/\t*<g [^>]*>\s*<\/g>\n?/, with: "")
        }
        text.replace(/<text><tspan font-family="[^"]*" ?>([^<]*)<\/tspan><\/text>/) {
            "<text>\($0.1)</text>"
        }
    }

    private mutating func replaceHead(
        _ chart: Chart, _ script: GnuplotScript, _ identifier: String, _ followsViewer: Bool
    ) {
        guard let end = text.firstRange(of: "<g id=\"gnuplot_canvas\"") else { return }
        let head = """
            <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \
            class="chart" viewBox="0 0 \(script.width) \(script.height)" role="img" \
            aria-labelledby="\(identifier)-title \(identifier)-description">
            <title id="\(identifier)-title">\(chart.title.xmlEscaped)</title>
            <desc id="\(identifier)-description">\(chart.summary.xmlEscaped)</desc>
            \(followsViewer ? Self.darkStyle : "")
            """
        text.replaceSubrange(..<end.lowerBound, with: head)
    }

    /// Replaces each light colour by its dark counterpart where the viewer prefers dark. A style rule beats
    /// the attribute that it matches; programs that know no style rules keep the light colours.
    private static let darkStyle: String = {
        let rules = zip(Palette.light.all, Palette.dark.all).map { light, dark in
            ["stroke", "fill", "color"].map { ".chart [\($0)=\"\(light)\"],.chart [\($0) = \"\(light)\"]{\($0):\(dark)}" }
                .joined()
        }
        return "<style>@media (prefers-color-scheme:dark){\(rules.joined(separator: "\n"))}</style>\n"
    }()
}
