public import Documents
public import Foundation

/// Draws charts with gnuplot as SVG and PNG.
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
        let palette: Palette = theme == .dark ? .dark : .light
        let script = GnuplotScript(chart, palette: palette, fontUnit: Self.pointsPerPixel)
        return try tool.run(
            ["-d", "chart.gp"],
            files: [
                "chart.gp": """
                set terminal pngcairo size \(2 * script.width),\(2 * script.height) noenhanced \
                font 'sans-serif,\(13 * Self.pointsPerPixel)' fontscale 2 linewidth 2 pointscale 2 background rgb '\(palette.background)'
                set output 'chart.png'
                \(script.text)
                """
            ], result: "chart.png")
    }
}
