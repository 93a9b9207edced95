internal import Foundation
public import Reports

/// Writes charts as Vega-Lite 6 specifications with their data in them. Needs no other program.
public struct VegaLiteRenderer: Sendable {
    /// `auto` is light: a specification does not know its viewer.
    public var theme: ChartTheme
    /// Whether the picture takes the width of its container instead of a fixed one.
    public var fitsContainer = false

    public init(theme: ChartTheme = .light) { self.theme = theme }

    private var palette: Palette { theme == .dark ? .dark : .light }

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

    // MARK: - Lines

    private func members(_ chart: LineChart) -> [JSONValue.Member] {
        let styles = chart.styles
        let labels = chart.series.map(chart.legend)
        let shown = chart.series.flatMap(chart.shown)
        let x = AxisLayout(chart.x, values: shown.map(\.x))
        let y = AxisLayout(
            chart.y, values: shown.flatMap { [$0.y, $0.lower ?? $0.y, $0.upper ?? $0.y] })
        var rows: [JSONValue] = []
        for (series, label) in zip(chart.series, labels) {
            for (run, points) in chart.runs(series).enumerated() {
                for point in points {
                    // An end beyond the axis is cut at it; what is shown on touch is the value itself.
                    let lower = point.lower.map { max($0, y.low) }
                    let upper = point.upper.map { min($0, y.high) }
                    rows.append([
                        "series": .string(label), "run": .integer(run), "x": .number(point.x),
                        "y": .number(point.y), "lower": number(lower), "upper": number(upper),
                        "lowerQuartile": number(point.lower), "upperQuartile": number(point.upper),
                    ])
                }
            }
        }
        func scale(_ values: [JSONValue]) -> JSONValue {
            ["domain": .array(labels.map { .string($0) }), "range": .array(values)]
        }
        let colors = scale(styles.map { .string(palette.color(style: $0)) })
        let shapes = scale(styles.map { .string(SeriesStyle.all[$0].shape) })
        let dashes = scale(
            styles.map { style in
                let lengths = SeriesStyle.all[style].dashes
                return .array((lengths.isEmpty ? [1, 0] : lengths).map { .integer($0) })
            })
        let series: JSONValue = .string("series")
        let color: JSONValue = [
            "field": series, "type": "nominal", "scale": colors, "sort": .null, "title": .null,
        ]
        let dimmed: JSONValue = ["condition": ["param": "picked", "value": 1], "value": 0.12]
        let dimmedBand: JSONValue = ["condition": ["param": "picked", "value": 0.14], "value": 0.02]
        let place: JSONValue = encoding(chart.x, x, field: "x")
        let value: JSONValue = encoding(chart.y, y, field: "y")
        var layers: [JSONValue] = [
            [
                "mark": ["type": "area", "clip": true, "line": false],
                "encoding": [
                    "x": place, "y": encoding(chart.y, y, field: "lower"), "y2": ["field": "upper"],
                    "color": color, "detail": ["field": "run"],
                    "fillOpacity": dimmedBand,
                ],
            ],
            [
                "mark": ["type": "line", "clip": true, "strokeWidth": 2],
                "encoding": [
                    "x": place, "y": value, "color": color, "detail": ["field": "run"],
                    "strokeDash": ["field": series, "type": "nominal", "scale": dashes, "sort": .null, "title": .null],
                    "opacity": dimmed,
                ],
            ],
            [
                "mark": ["type": "point", "filled": true, "size": 70, "opacity": 1, "clip": true],
                "params": [["name": "picked", "select": ["type": "point", "fields": [series]], "bind": "legend"]],
                "encoding": [
                    "x": place, "y": value, "color": color,
                    "shape": ["field": series, "type": "nominal", "scale": shapes, "sort": .null, "title": .null],
                    "opacity": dimmed,
                    "tooltip": [
                        ["field": series, "title": "series"],
                        ["field": "x", "type": "quantitative", "title": .string(chart.x.title), "format": "~g"],
                        ["field": "y", "type": "quantitative", "title": .string(chart.y.title), "format": ".3~g"],
                        ["field": "lowerQuartile", "type": "quantitative", "title": "lower quartile", "format": ".3~g"],
                        ["field": "upperQuartile", "type": "quantitative", "title": "upper quartile", "format": ".3~g"],
                    ],
                ],
            ],
        ]
        let legends = chart.orderLegends
        let lines: [JSONValue] = chart.drawnOrders.enumerated().flatMap { index, drawn -> [JSONValue] in
            let name = legends.first { $0.order == drawn.order.order }?.text ?? ""
            // From the point to the place where the line leaves the picture.
            let reach = drawn.through.place(order: drawn.order.order, x: x, y: y)
            return [(drawn.through.x, drawn.through.y), reach].map {
                ["line": .integer(index), "order": .string(name), "x": .number($0.0), "y": .number($0.1)]
            }
        }
        if !lines.isEmpty {
            layers.insert(
                [
                    "data": ["values": .array(lines)],
                    "mark": [
                        "type": "line", "clip": true, "strokeWidth": 1.5, "strokeDash": [2, 3],
                    ],
                    "encoding": [
                        "x": place, "y": value, "detail": ["field": "line"],
                        "stroke": [
                            "field": "order", "type": "nominal", "title": .null, "sort": .null,
                            "scale": [
                                "domain": .array(legends.map { .string($0.text) }),
                                "range": .array(legends.map { _ in .string(palette.quietText) }),
                            ],
                            "legend": [
                                "symbolType": "stroke", "symbolDash": [2, 3], "symbolStrokeWidth": 2,
                            ],
                        ],
                    ],
                ], at: 1)
        }
        return [
            .init("data", ["values": .array(rows)]),
            .init("layer", .array(layers)),
        ]
    }

    private func encoding(_ axis: Axis, _ layout: AxisLayout, field: String) -> JSONValue {
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

    private func number(_ value: Double?) -> JSONValue {
        value.map { $0.isFinite ? .number($0) : .null } ?? .null
    }

    // MARK: - Dots

    private func members(_ plot: DotPlot) -> [JSONValue.Member] {
        let layout = AxisLayout(
            plot.x, values: plot.rows.compactMap(\.value) + [plot.limit?.value].compactMap { $0 })
        let rows: [JSONValue] = plot.rows.map { row in
            let place = row.value.map { $0.isNaN || $0 > layout.high ? layout.high : max($0, layout.low) }
            return [
                "row": .string(row.label.singleLine), "x": .number(place ?? layout.low),
                "value": .string(
                    row.value.map(NumberFormat.significant(2).string) ?? "no value"),
                "verdict": .string(plot.label(row.verdict)),
            ]
        }
        let verdicts = plot.verdicts
        func scale(_ values: [JSONValue]) -> JSONValue {
            ["domain": .array(verdicts.map { .string(plot.label($0)) }), "range": .array(values)]
        }
        var layers: [JSONValue] = [
            [
                "mark": ["type": "point", "filled": true, "size": 110, "opacity": 1, "strokeWidth": 2],
                "encoding": [
                    "x": encoding(plot.x, layout, field: "x"),
                    "y": [
                        "field": "row", "type": "nominal", "sort": .null, "title": .null,
                        "axis": [
                            "grid": true, "labelLimit": 420, "ticks": false, "domain": false,
                            "labelColor": .string(palette.text),
                        ],
                    ],
                    "color": [
                        "field": "verdict", "type": "nominal", "title": .null, "sort": .null,
                        "scale": scale(verdicts.map { .string(palette.color($0)) }),
                    ],
                    "shape": [
                        "field": "verdict", "type": "nominal", "title": .null, "sort": .null,
                        "scale": scale(
                            verdicts.map { $0 == .good ? "circle" : $0 == .bad ? "cross" : "triangle-up" }),
                    ],
                    "tooltip": [
                        ["field": "row", "title": " "], ["field": "verdict"],
                        ["field": "value", "title": .string(plot.x.title)],
                    ],
                ],
            ]
        ]
        if let limit = plot.limit, plot.x.scale.shows(limit.value) {
            layers.insert(
                [
                    "data": ["values": [["x": .number(limit.value), "limit": .string(limit.label)]]],
                    "mark": ["type": "rule", "strokeDash": [6, 4], "color": .string(palette.text)],
                    "encoding": [
                        "x": encoding(plot.x, layout, field: "x"), "tooltip": ["field": "limit"],
                    ],
                ], at: 0)
        }
        return [.init("data", ["values": .array(rows)]), .init("layer", .array(layers))]
    }

    // MARK: - Heat maps

    private func members(_ map: HeatMap) -> [JSONValue.Member] {
        var rows: [JSONValue] = []
        for (y, squares) in map.squares.enumerated() {
            for (x, square) in squares.enumerated() {
                let (fill, words): (String?, String) =
                    switch square {
                    case .value(let value):
                        (map.position(value).map(ColorScale.color), map.text(square))
                    case .category(let index):
                        (palette.color(category: index), map.categories[index].label)
                    case .missing: (nil, "no value")
                    }
                rows.append([
                    "column": .string(map.columns[x].singleLine), "row": .string(map.rows[y].singleLine),
                    "text": .string(map.text(square)), "value": .string(words),
                    "fill": .string(fill ?? palette.grid),
                    "ink": .string(fill.map(ColorScale.textColor) ?? palette.text),
                ])
            }
        }
        func place(_ field: String, _ title: String) -> JSONValue {
            [
                "field": .string(field), "type": "nominal", "sort": .null,
                "title": .string(title.singleLine),
                "axis": [
                    "labelAngle": 0, "ticks": false, "domain": false, "grid": false, "labelLimit": 320,
                    "labelColor": .string(palette.text),
                ],
                "scale": ["paddingInner": 0.05],
            ]
        }
        let places: [JSONValue.Member] = [
            .init("x", place("column", map.xTitle)), .init("y", place("row", map.yTitle)),
        ]
        func plain(_ field: String) -> JSONValue {
            ["field": .string(field), "type": "nominal", "scale": .null, "legend": .null]
        }
        let valueTitle = map.value.title.isEmpty ? "value" : map.value.title.singleLine
        var layers: [JSONValue] = [
            [
                "mark": "rect",
                "encoding": .object(
                    places + [
                        .init("color", plain("fill")),
                        .init(
                            "tooltip",
                            [
                                ["field": "row", "title": .string(map.yTitle.singleLine)],
                                ["field": "column", "title": .string(map.xTitle.singleLine)],
                                ["field": "value", "title": .string(valueTitle)],
                            ]),
                    ]),
            ],
            [
                "mark": ["type": "text", "fontSize": 12],
                "encoding": .object(
                    places + [
                        .init("text", ["field": "text"]), .init("color", plain("ink")),
                    ]),
            ],
        ]
        if !map.categories.isEmpty {
            let names = map.categories.map(\.legend)
            layers.append([
                "data": ["values": .array(names.map { ["name": .string($0)] })],
                "mark": ["type": "square", "opacity": 0],
                "encoding": [
                    "fill": [
                        "field": "name", "type": "nominal", "title": .null, "sort": .null,
                        "scale": [
                            "domain": .array(names.map { .string($0) }),
                            "range": .array(
                                names.indices.map { .string(palette.color(category: $0)) }),
                        ],
                        "legend": ["symbolType": "square", "symbolOpacity": 1],
                    ]
                ],
            ])
        }
        return [
            .init("data", ["values": .array(rows)]),
            .init("resolve", ["scale": ["color": "independent"]]), .init("layer", .array(layers)),
        ]
    }
}

extension LineChart.Point {
    /// Where the line of slope `order` through this point (on logarithmic axes) reaches the end of the
    /// picture towards larger `x`.
    func place(order: Double, x: AxisLayout, y: AxisLayout) -> (Double, Double) {
        let end = (value: x.high, height: self.y * pow(x.high / self.x, order))
        let limit = order > 0 ? y.high : y.low
        guard order != 0, order > 0 ? end.height > limit : end.height < limit else {
            return (end.value, end.height)
        }
        return (self.x * pow(limit / self.y, 1 / order), limit)
    }
}
