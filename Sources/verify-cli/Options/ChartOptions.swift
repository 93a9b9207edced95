import ArgumentParser
import Charts
import Documents

extension ChartTheme: NamedArgument {}

/// A chart of the result in files; the same for every subcommand that has one.
///
/// ```swift
/// @OptionGroup(title: "Chart") var chartOptions: ChartOptions
/// …
/// try chartOptions.write(document.charts)   // when the results are there
/// ```
struct ChartOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Draw the result to this file; may be repeated.",
            discussion: "The name says the format: .svg, .pdf and .png (need Debian's gnuplot-nox), .html "
                + "(interactive; needs PyPI's vl-convert-python), .vl.json (a Vega-Lite specification).",
            valueName: "file"),
        transform: Self.file)
    var chart: [ChartFile] = []

    @Option(
        name: .long,
        help: "Colours; with auto, SVG and HTML follow the viewer and others are light.")
    var chartTheme: ChartTheme = .auto

    private static func file(_ path: String) throws -> ChartFile {
        guard let file = ChartFile(path: path) else {
            let known = ChartFile.Format.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
            throw ValidationError("'\(path)' must end in one of \(known).")
        }
        return file
    }

    /// Whether there is a file to draw to.
    var isAsked: Bool { !chart.isEmpty }

    /// Stops before a long computation if its chart could not be drawn.
    func checkTools() throws {
        try reportingBadData { for file in chart { try file.checkTool() } }
    }

    /// Draws the first chart to each file asked for, the second beside it (`map-2.svg`), and so on.
    func write(_ charts: [Chart]) throws {
        try reportingBadData {
            for file in chart {
                for (index, result) in charts.enumerated() {
                    try file.numbered(index + 1).write(result, theme: chartTheme)
                }
            }
        }
    }
}
