public import Documents
public import Foundation

/// Draws charts with gnuplot as SVG, PDF and PNG.
///
/// The same chart has the same bytes on every run with the same gnuplot (and, for PNG, fonts).
public struct GnuplotRenderer: Sendable {
    public var theme: ChartTheme
    public var tool: ExternalTool

    public init(theme: ChartTheme = .auto, tool: ExternalTool = .gnuplot) {
        self.theme = theme
        self.tool = tool
    }

    /// The chart as an SVG document that scales to its place and names its parts.
    ///
    /// - Parameter identifier: prefix of all identifiers in it, so that several charts can stand in one
    ///   page. Letters, digits and hyphens; others are dropped.
    /// - Parameter chart: what is drawn.
    public func svg(_ chart: Chart, identifier: String = "chart") throws -> String {
        let script = GnuplotScript(chart, palette: theme == .dark ? .dark : .light)
        let data = try tool.run(
            ["-d", "chart.gp"],
            files: [
                "chart.gp": """
                set terminal svg size \(script.width),\(script.height) dynamic noenhanced font 'sans-serif,13' \
                background rgb '\(theme == .dark ? Palette.dark.background : Palette.light.background)' name 'plot'
                set output 'chart.svg'
                \(script.text)
                """
            ], result: "chart.svg")
        let name = identifier.unicodeScalars.filter {
            $0.isASCII && ($0.properties.isAlphabetic || $0 == "-" || ("0"..."9").contains($0))
        }
        return GnuplotSVG(String(decoding: data, as: UTF8.self)).finished(
            chart, script: script, identifier: String(String.UnicodeScalarView(name)),
            followsViewer: theme == .auto)
    }

    /// Cairo counts fonts in points of 4/3 pixels.
    private static let pointsPerPixel = 0.75

    /// The chart as a PNG with two pixels for each unit of the SVG; light unless the theme is dark.
    public func png(_ chart: Chart) throws -> Data {
        try cairo(chart, result: "chart.png") { script in
            "pngcairo size \(2 * script.width),\(2 * script.height) fontscale 2 linewidth 2 pointscale 2"
        }
    }

    /// The chart as a PDF page with one point of 1/72 inch for each unit of the SVG; light unless the theme is dark.
    /// Its date of creation is 1970, so that equal charts have equal bytes.
    public func pdf(_ chart: Chart) throws -> Data {
        var data = try cairo(chart, result: "chart.pdf") { script in
            "pdfcairo size \(Double(script.width) / 72)in,\(Double(script.height) / 72)in"
        }
        let (mark, date) = (Data("/CreationDate (D:".utf8), Data("19700101000000".utf8))
        if let place = data.range(of: mark), place.upperBound + date.count <= data.endIndex {
            data.replaceSubrange(place.upperBound..<(place.upperBound + date.count), with: date)
        }
        return data
    }

    private func cairo(_ chart: Chart, result: String, terminal: (GnuplotScript) -> String) throws -> Data {
        let palette: Palette = theme == .dark ? .dark : .light
        let script = GnuplotScript(chart, palette: palette, fontUnit: Self.pointsPerPixel)
        return try tool.run(
            ["-d", "chart.gp"],
            files: [
                "chart.gp": """
                set terminal \(terminal(script)) noenhanced font 'sans-serif,\(13 * Self.pointsPerPixel)' \
                background rgb '\(palette.background)'
                set output '\(result)'
                \(script.text)
                """
            ], result: result)
    }
}
