internal import Foundation
public import Documents
public import JSON

/// Writes charts as Vega-Lite 6 specifications with their data in them. Needs no other program.
public struct VegaLiteRenderer: Sendable {
    /// `auto` is light: a specification does not know its viewer.
    public var theme: ChartTheme
    /// Whether the picture takes the width of its container instead of a fixed one.
    public var fitsContainer = false

    public init(theme: ChartTheme = .light) { self.theme = theme }

    var palette: Palette { theme == .dark ? .dark : .light }

    /// The specification; equal charts have equal bytes.
    public func specification(_ chart: Chart) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("$schema", "https://vega.github.io/schema/vega-lite/v6.json"),
            .init(
                "title",
                [
                    "text": .string(chart.title.singleLine), "subtitle": .string(chart.subtitle.singleLine),
                    "anchor": "start", "frame": "group",
                ]),
            .init("description", .string(chart.summary.singleLine)),
            .init("config", configuration),
            .init("autosize", ["type": "fit", "contains": "padding"]),
        ]
        func size(width: Int, height: Int) {
            members.append(.init("width", fitsContainer ? "container" : .integer(width)))
            members.append(.init("height", .integer(height)))
        }
        switch chart.content {
        case .lines(let lines):
            size(width: 880, height: 520)
            members += self.members(lines)
        case .dots(let plot):
            size(width: 880, height: 150 + 26 * max(plot.rows.count, 1))
            members += self.members(plot)
        case .heatMap(let map):
            size(
                width: min(max(420, 240 + 84 * map.columns.count), 1400),
                height: 170 + 44 * max(map.rows.count, 1))
            members += self.members(map)
        }
        return .object(members)
    }

    private var configuration: JSONValue {
        [
            "background": .string(palette.background),
            "font": "Helvetica, Arial, sans-serif",
            "title": [
                "color": .string(palette.text), "subtitleColor": .string(palette.quietText),
                "fontSize": 16, "fontWeight": "normal", "subtitleFontSize": 12, "subtitlePadding": 5, "offset": 14,
            ],
            "view": ["stroke": .null],
            "axis": [
                "labelColor": .string(palette.quietText), "titleColor": .string(palette.text),
                "domainColor": .string(palette.axis), "tickColor": .string(palette.axis),
                "gridColor": .string(palette.grid), "labelFontSize": 12, "titleFontSize": 13,
                "titleFontWeight": "normal", "titlePadding": 10,
            ],
            "legend": [
                "labelColor": .string(palette.text), "titleColor": .string(palette.text),
                "labelFontSize": 12, "labelLimit": 320, "symbolStrokeWidth": 0, "symbolSize": 90,
                "symbolOpacity": 1,
                "orient": "right",
            ],
        ]
    }

    /// An axis and the field that is placed on it.
    func encoding(_ axis: Axis, _ layout: AxisLayout, field: String) -> JSONValue {
        [
            "field": .string(field), "type": "quantitative", "title": .string(axis.title.singleLine),
            "scale": .object(
                [
                    .init("type", axis.scale == .logarithmic ? "log" : "linear"),
                    .init("domain", [.number(layout.low), .number(layout.high)]), .init("nice", false),
                ] + (axis.scale == .linear ? [.init("zero", false)] : [])),
            "axis": [
                "values": .array(layout.ticks.map { .number($0.value) }),
                "labelExpr": .string(Self.labels(layout.ticks)), "labelOverlap": false,
            ],
        ]
    }

    /// A Vega expression for the label of each tick: the same words as in the other formats.
    private static func labels(_ ticks: [AxisLayout.Tick]) -> String {
        let table = ticks.map { "\(JSONValue.number($0.value).text()): \(JSONValue.string($0.label).text())" }
        return "({\(table.joined(separator: ", "))})[datum.value] || datum.label"
    }

    /// A number, or null where JSON has none.
    func number(_ value: Double?) -> JSONValue {
        value.map { $0.isFinite ? .number($0) : .null } ?? .null
    }
}
