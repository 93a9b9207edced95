internal import Foundation
internal import Documents
internal import JSON

extension VegaLiteRenderer {
    /// Bands, lines and points over each other, with dotted lines of the slopes that theory predicts; a click on
    /// the legend dims the other series.
    func members(_ chart: LineChart) -> [JSONValue.Member] {
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
                        "lower": number(point.lower), "upper": number(point.upper),
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
                        ["field": "lower", "type": "quantitative", "title": .string(chart.band.lower), "format": ".3~g"],
                        ["field": "upper", "type": "quantitative", "title": .string(chart.band.upper), "format": ".3~g"],
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
