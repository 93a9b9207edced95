internal import Files
public import Foundation
public import Documents
internal import JSON

/// A file that a chart is written to; its name says in which format.
public struct ChartFile: Sendable, Equatable {
    /// The formats by their file extensions.
    public enum Format: String, Sendable, CaseIterable {
        case svg, pdf, png, html
        /// A Vega-Lite specification.
        case vegaLite = "vl.json"

        /// What draws this format, `nil` if this program does.
        public var tool: ExternalTool? {
            switch self {
            case .svg, .pdf, .png: .gnuplot
            case .html: .python
            case .vegaLite: nil
            }
        }
    }

    public let path: String
    public let format: Format

    /// The file at `path`, or `nil` if its name ends in none of the formats' extensions (in any case).
    public init?(path: String) {
        let name = path.lowercased()
        guard let format = Format.allCases.first(where: { name.hasSuffix("." + $0.rawValue) }) else {
            return nil
        }
        self.path = path
        self.format = format
    }

    /// The file of the `number`-th of several charts: this one for the first, `map-2.svg` beside `map.svg`
    /// for the second.
    public func numbered(_ number: Int) -> ChartFile {
        guard number > 1 else { return self }
        let stem = path.dropLast(format.rawValue.count + 1)
        return ChartFile(path: "\(stem)-\(number).\(format.rawValue)") ?? self
    }

    /// Looks for what drawing needs, so that a long computation does not end without its chart.
    ///
    /// - Throws: `ExternalToolError`.
    public func checkTool() throws {
        guard let tool = format.tool else { return }
        if tool.path == nil { throw ExternalToolError.missing(tool) }
        if format == .html, !ChartPage.hasBundle(tool) {
            throw ExternalToolError.incomplete(tool, part: "vl_convert")
        }
    }

    /// The bytes of the file. Equal charts have equal bytes on the same machine.
    ///
    /// - Throws: `ExternalToolError`.
    public func contents(_ chart: Chart, theme: ChartTheme) throws -> Data {
        switch format {
        case .svg: Data(try GnuplotRenderer(theme: theme).svg(chart).utf8)
        case .pdf: try GnuplotRenderer(theme: theme).pdf(chart)
        case .png: try GnuplotRenderer(theme: theme).png(chart)
        case .html: Data(try ChartPage(theme: theme).html(chart).utf8)
        case .vegaLite: Data((VegaLiteRenderer(theme: theme).specification(chart).text() + "\n").utf8)
        }
    }

    /// Writes the chart; the file appears whole or not at all.
    ///
    /// - Throws: `ExternalToolError` or `FileError`.
    public func write(_ chart: Chart, theme: ChartTheme = .auto) throws {
        try AtomicFile.write(contents(chart, theme: theme), to: path)
    }
}
