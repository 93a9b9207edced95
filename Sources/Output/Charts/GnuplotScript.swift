import Foundation
internal import Documents

/// The gnuplot program that draws a chart, without output terminal.
///
/// Every string of the chart goes through ``quoted(_:)`` and enhanced text is off, so that none is
/// markup or program. Positions, ticks and colours are computed here and not by gnuplot: the same chart
/// has the same picture in every format.
struct GnuplotScript {
    /// In pixels of the SVG; a PNG has twice as many.
    private(set) var width = 880
    private(set) var height = 520
    /// The words for each plotted element in order, as SVG tooltips; empty for none.
    private(set) var elementTitles: [String] = []
    private var lines: [String] = []
    private var elements: [String] = []
    private let palette: Palette
    /// What a font of one pixel of the SVG is called on the terminal.
    private let fontUnit: Double
    private static let lineHeight = 20.0

    init(_ chart: Chart, palette: Palette, fontUnit: Double = 1) {
        self.palette = palette
        self.fontUnit = fontUnit
        switch chart.content {
        case .lines(let lineChart):
            // The legend is one column: two of them would lie on the plot.
            let entries = lineChart.series.count + lineChart.orderLegends.count
            height = max(height, 134 + Int(Self.lineHeight) * entries)
        case .dots(let plot):
            height = 150 + 26 * max(plot.rows.count, 1)
            // Beside long names the plot keeps its width.
            width = max(width, Int(Self.nameWidth(plot) + Self.dotLegendWidth(plot)) + Self.leastPlotWidth)
        case .heatMap(let map):
            let legend = Self.legendWidth(map.categories.map(\.legend), sample: 55)
            let square = map.remarks.isEmpty ? (width: 84, height: 44) : (width: 104, height: 56)
            width = min(max(420, 240 + square.width * map.columns.count + Int(legend)), 1800)
            height = 170 + square.height * max(map.rows.count, 1)
        }
        let top = heading(chart)
        switch chart.content {
        case .lines(let lineChart): draw(lineChart, top: top)
        case .dots(let plot): draw(plot, top: top)
        case .heatMap(let map): draw(map, top: top)
        }
        lines.append("plot " + elements.joined(separator: ", \\\n  "))
    }

    /// The program, to be run after `set terminal` and `set output`.
    var text: String { lines.joined(separator: "\n") + "\n" }

    /// The text as a gnuplot string, on one line and without what XML cannot hold.
    static func quoted(_ text: String) -> String {
        let harmless = text.singleLine.unicodeScalars.filter { $0.value != 0xFFFE && $0.value != 0xFFFF }
        return "'" + String(String.UnicodeScalarView(harmless)).replacing("'", with: "''") + "'"
    }

    /// The text as the label of a tick, which gnuplot takes for a format of the tick's value.
    static func quotedTick(_ text: String) -> String { quoted(text.replacing("%", with: "%%")) }

    /// The text as an entry of the legend, from which gnuplot leaves out what does not fit.
    private static func quotedEntry(_ text: String) -> String {
        let line = text.singleLine
        return quoted(line.count > longestEntry ? line.prefix(longestEntry - 1) + "…" : line)
    }

    private static let longestEntry = 38

    /// The pixels of a legend with these entries, each beside a sample.
    private static func legendWidth(_ entries: [String], sample: Double) -> Double {
        guard let longest = entries.map(\.displayWidth).max() else { return 24 }
        // What gnuplot takes for the width of a character of 13 px.
        return Double(min(longest, longestEntry)) * 13 * 2 / 3 + sample
    }

    // MARK: - Parts

    /// Title and subtitle at the left edge; returns the pixels that they and a margin take.
    private mutating func heading(_ chart: Chart) -> Double {
        lines += [
            "set encoding utf8", "set samples 2", "unset key",
            "set border 3 lc rgb '\(palette.axis)' lw 1",
            "set tics nomirror out scale 0.6,0.3",
        ]
        var y = 26.0
        for line in chart.title.wrapped(width: width / 9) where !line.isEmpty {
            label(line, x: 18, y: y, color: palette.text, size: 16)
            y += Self.lineHeight
        }
        for line in chart.subtitle.wrapped(width: width / 7) where !line.isEmpty {
            label(line, x: 18, y: y, color: palette.quietText, size: 12)
            y += Self.lineHeight - 3
        }
        return y + 4
    }

    private mutating func label(_ text: String, x: Double, y: Double, color: String, size: Int) {
        lines.append(
            "set label \(Self.quoted(text)) at screen \(x / Double(width)), "
                + "\(1 - y / Double(height)) left noenhanced tc rgb '\(color)' font '\(font(size))'")
    }

    private func font(_ size: Int) -> String { ",\(Double(size) * fontUnit)" }

    private mutating func margins(left: Double, right: Double, top: Double, bottom: Double) {
        lines += [
            "set lmargin at screen \(left / Double(width))",
            "set rmargin at screen \(1 - right / Double(width))",
            "set tmargin at screen \(1 - top / Double(height))",
            "set bmargin at screen \(bottom / Double(height))",
        ]
    }

    private mutating func axis(_ name: String, _ axis: Axis, _ layout: AxisLayout) {
        if axis.scale == .logarithmic { lines.append("set logscale \(name)") }
        lines.append("set \(name)range [\(layout.low):\(layout.high)]")
        let major = layout.ticks.map { "\(Self.quotedTick($0.label)) \($0.value)" }
        let minor = layout.minorTicks.map { "'' \($0) 1" }
        lines.append(
            "set \(name)tics (\((major + minor).joined(separator: ", "))) tc rgb '\(palette.quietText)'")
        lines.append(
            "set \(name)label \(Self.quoted(axis.title)) noenhanced tc rgb '\(palette.text)'")
        lines.append("set grid \(name)tics back lt 1 lc rgb '\(palette.grid)' lw 1, "
            + "lt 1 lc rgb '\(palette.grid)' lw 0")
    }

    /// A legend to the right of the plot, where no data can be.
    private mutating func legend(sampleLength: Double = 3.2) {
        lines.append(
            "set key outside right top vertical Left reverse noenhanced samplen \(sampleLength) spacing 1.25 "
                + "tc rgb '\(palette.text)'")
    }

    private mutating func add(_ element: String, title: String = "") {
        elements.append(element)
        elementTitles.append(title)
    }

    private mutating func data(_ rows: [[Double]]) -> String {
        let name = "$data\(elements.count)"
        let text = rows.map { $0.map { "\($0)" }.joined(separator: " ") }.joined(separator: "\n")
        lines.append("\(name) << EndOfData\n\(text)\nEndOfData")
        return name
    }

    // MARK: - Lines

    private mutating func draw(_ chart: LineChart, top: Double) {
        let shown = chart.series.flatMap(chart.shown)
        let x = AxisLayout(chart.x, values: shown.map(\.x))
        let y = AxisLayout(
            chart.y, values: shown.flatMap { [$0.y, $0.lower ?? $0.y, $0.upper ?? $0.y] })
        let legends = chart.series.map(chart.legend) + chart.orderLegends.map(\.text)
        margins(left: 92, right: Self.legendWidth(legends, sample: 75), top: top, bottom: 68)
        axis("x", chart.x, x)
        axis("y", chart.y, y)
        legend()
        let styles = chart.styles
        for (series, style) in zip(chart.series, styles) {
            for run in chart.runs(series) { band(run, palette.color(style: style), y, "\(series.label): \(chart.band.words)") }
        }
        for (order, point) in chart.drawnOrders { predicted(order, point, x, y) }
        for (series, style) in zip(chart.series, styles) { curve(series, style, in: chart) }
        for (series, style) in zip(chart.series, styles) {
            add("keyentry with linespoints \(look(style)) title \(Self.quotedEntry(chart.legend(series)))")
        }
        for (index, entry) in chart.orderLegends.enumerated() {
            add("keyentry with lines \(orderLook(index)) title \(Self.quotedEntry(entry.text))")
        }
    }

    private mutating func band(
        _ run: [LineChart.Point], _ color: String, _ y: AxisLayout, _ title: String
    ) {
        let rows = run.compactMap { point -> [Double]? in
            guard let lower = point.lower, let upper = point.upper, !lower.isNaN, !upper.isNaN else {
                return nil
            }
            // An end beyond the axis is cut at it.
            return [point.x, point.y, max(lower, y.low), min(upper, y.high)]
        }
        guard !rows.isEmpty else { return }
        let name = data(rows)
        if rows.count == 1 {
            add("\(name) using 1:2:3:4 with yerrorbars lc rgb '\(color)' lw 1.5 pt 0 notitle", title: title)
        } else {
            add("\(name) using 1:3:4 with filledcurves fc rgb '\(color)' fs transparent solid 0.14 "
                + "noborder notitle", title: title)
        }
    }

    private mutating func predicted(
        _ order: LineChart.PredictedOrder, _ point: LineChart.Point, _ x: AxisLayout,
        _ y: AxisLayout
    ) {
        let end = point.place(order: order.order, x: x, y: y)
        let rows = [[point.x, point.y], [end.0, end.1]]
        let chartOrders = predictedLooks.firstIndex(of: order.order) ?? predictedLooks.count
        if chartOrders == predictedLooks.count { predictedLooks.append(order.order) }
        let name = data(rows)
        add("\(name) using 1:2 with lines \(orderLook(chartOrders)) notitle",
            title: "slope \(NumberFormat.setting.string(order.order)) through the first point of "
                + "\(order.series) (\(order.source))")
    }

    /// The orders drawn so far; each has its own dashes.
    private var predictedLooks: [Double] = []

    private func orderLook(_ index: Int) -> String {
        "lc rgb '\(palette.quietText)' lw 1.4 dt (\(index % 2 == 0 ? "2,3" : "7,3,2,3"))"
    }

    private func look(_ style: Int) -> String {
        let appearance = SeriesStyle.all[style]
        let dashes =
            appearance.dashes.isEmpty
            ? "1" : "(\(appearance.dashes.map(String.init).joined(separator: ",")))"
        return "lc rgb '\(palette.color(style: style))' lw 1.8 dt \(dashes) pt \(appearance.pointType) "
            + "ps \(appearance.pointSize)"
    }

    private mutating func curve(_ series: LineChart.Series, _ style: Int, in chart: LineChart) {
        for run in chart.runs(series) {
            let name = data(run.map { [$0.x, $0.y] })
            add("\(name) using 1:2 with linespoints \(look(style)) notitle", title: series.label)
        }
    }

    // MARK: - Dots

    private static let leastPlotWidth = 320

    /// The pixels of the rows' names.
    private static func nameWidth(_ plot: DotPlot) -> Double {
        min(max(Double(plot.rows.map(\.label.displayWidth).max() ?? 0) * 7.6 + 30, 60), 700)
    }

    private static func dotLegendWidth(_ plot: DotPlot) -> Double {
        legendWidth(plot.verdicts.map(plot.label) + [plot.limit?.label ?? ""], sample: 75)
    }

    private mutating func draw(_ plot: DotPlot, top: Double) {
        let values = plot.rows.compactMap(\.value) + [plot.limit?.value].compactMap { $0 }
        let layout = AxisLayout(plot.x, values: values)
        margins(left: Self.nameWidth(plot), right: Self.dotLegendWidth(plot), top: top, bottom: 68)
        axis("x", plot.x, layout)
        let rows = plot.rows.enumerated().map { "\(Self.quotedTick($1.label)) \(-$0)" }
        lines += [
            "set yrange [\(Double(-plot.rows.count) + 0.3):0.7]",
            "set ytics (\(rows.joined(separator: ", "))) scale 0 noenhanced tc rgb '\(palette.text)'",
            "set grid ytics",
        ]
        legend()
        if let limit = plot.limit, plot.x.scale.shows(limit.value) {
            let name = data([[limit.value, Double(-plot.rows.count) + 0.3], [limit.value, 0.7]])
            add("\(name) using 1:2 with lines lc rgb '\(palette.text)' lw 1.3 dt (6,4) "
                + "title \(Self.quotedEntry(limit.label))", title: limit.label)
        }
        for verdict in plot.verdicts {
            let mark: String =
                switch verdict {
                case .good: "pt 7 ps 1.1"
                case .bad: "pt 2 ps 1.4 lw 2.5"
                case .undecided: "pt 8 ps 1.2 lw 1.5"
                }
            let points = plot.rows.enumerated().filter { $1.verdict == verdict }.map { index, row in
                [nearest(row.value, plot.x, layout), Double(-index)]
            }
            let name = data(points)
            add("\(name) using 1:2 with points \(mark) lc rgb '\(palette.color(verdict))' "
                + "title \(Self.quotedEntry(plot.label(verdict)))", title: plot.label(verdict))
        }
        for (index, row) in plot.rows.enumerated() {
            guard let remark = plot.remark(row) else { continue }
            let atEnd = nearest(row.value, plot.x, layout) == layout.high
            lines.append(
                "set label \(Self.quoted(remark)) at \(atEnd ? layout.high : layout.low),\(-index) "
                    + "\(atEnd ? "right" : "left") offset \(atEnd ? -1.5 : 1.5),0 noenhanced "
                    + "tc rgb '\(palette.quietText)' font '\(font(11))'")
        }
    }

    /// The place on the axis of what may have none.
    private func nearest(_ value: Double?, _ axis: Axis, _ layout: AxisLayout) -> Double {
        guard let value else { return layout.low }
        if value.isNaN || value == .infinity { return layout.high }
        return axis.scale.shows(value) ? min(max(value, layout.low), layout.high) : layout.low
    }

    // MARK: - Heat maps

    private mutating func draw(_ map: HeatMap, top: Double) {
        let labelWidth = Double(map.rows.map(\.displayWidth).max() ?? 0) * 7.6 + 62
        let names = map.categories.map(\.legend)
        margins(
            left: min(max(labelWidth, 70), 300), right: Self.legendWidth(names, sample: 55), top: top,
            bottom: 68)
        let columns = map.columns.enumerated().map { "\(Self.quotedTick($1)) \($0)" }
        let rows = map.rows.enumerated().map { "\(Self.quotedTick($1)) \(-$0)" }
        lines += [
            "unset border",
            "set xrange [-0.5:\(Double(max(map.columns.count, 1)) - 0.5)]",
            "set yrange [\(0.5 - Double(max(map.rows.count, 1))):0.5]",
            "set xtics (\(columns.joined(separator: ", "))) scale 0 noenhanced tc rgb '\(palette.text)'",
            "set ytics (\(rows.joined(separator: ", "))) scale 0 noenhanced tc rgb '\(palette.text)'",
            "set xlabel \(Self.quoted(map.xTitle)) noenhanced tc rgb '\(palette.text)'",
            "set ylabel \(Self.quoted(map.yTitle)) noenhanced tc rgb '\(palette.text)'",
        ]
        legend(sampleLength: 0.5)
        var number = 0
        for (y, row) in map.squares.enumerated() {
            for (x, square) in row.enumerated() {
                number += 1
                let fill = square.map { palette.color($0, of: map) }
                lines.append(
                    "set object \(number) rectangle from \(Double(x) - 0.48),\(Double(-y) - 0.46) to "
                        + "\(Double(x) + 0.48),\(Double(-y) + 0.46) fc rgb '\(fill ?? palette.grid)' "
                        + "fs solid 1 noborder front")
                let textColor = palette.ink(on: fill)
                let remark = map.remark(y, x)
                lines.append(
                    "set label \(Self.quoted(map.text(square))) at \(x),\(Double(-y) + (remark.isEmpty ? 0 : 0.16)) "
                        + "center noenhanced front tc rgb '\(textColor)' font '\(font(12))'")
                if !remark.isEmpty {
                    lines.append(
                        "set label \(Self.quoted(remark)) at \(x),\(Double(-y) - 0.18) center noenhanced front "
                            + "tc rgb '\(textColor)' font '\(font(10))'")
                }
            }
        }
        add("NaN notitle")
        for (index, name) in names.enumerated() {
            add("keyentry with points pt 5 ps 1.6 lc rgb '\(palette.color(index, of: map))' "
                + "title \(Self.quotedEntry(name))")
        }
    }
}
