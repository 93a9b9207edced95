internal import Documents
internal import JSON

extension VegaLiteRenderer {
    /// A point in each row, and a rule at the limit.
    func members(_ plot: DotPlot) -> [JSONValue.Member] {
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
}
