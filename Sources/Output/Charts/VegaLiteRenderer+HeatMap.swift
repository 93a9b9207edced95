internal import Documents
internal import JSON

extension VegaLiteRenderer {
    /// Squares with their words; colours are computed here, the same as in the other formats.
    func members(_ map: HeatMap) -> [JSONValue.Member] {
        var rows: [JSONValue] = []
        for (y, squares) in map.squares.enumerated() {
            for (x, square) in squares.enumerated() {
                let fill = square.map { palette.color($0, of: map) }
                let words = square.map { map.categories[$0].label } ?? "no value"
                rows.append([
                    "column": .string(map.columns[x].singleLine), "row": .string(map.rows[y].singleLine),
                    "text": .string(map.text(square)), "value": .string(words),
                    "remark": .string(map.remark(y, x).singleLine),
                    "fill": .string(fill ?? palette.grid),
                    "ink": .string(palette.ink(on: fill)),
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
        var tooltip: [JSONValue] = [
            ["field": "row", "title": .string(map.yTitle.singleLine)],
            ["field": "column", "title": .string(map.xTitle.singleLine)],
            ["field": "value", "title": "value"],
        ]
        if !map.remarks.isEmpty { tooltip.append(["field": "remark", "title": "margin"]) }
        func words(_ field: String, size: Int, up: Int) -> JSONValue {
            [
                "mark": ["type": "text", "fontSize": .integer(size), "dy": .integer(-up)],
                "encoding": .object(places + [.init("text", ["field": .string(field)]), .init("color", plain("ink"))]),
            ]
        }
        var layers: [JSONValue] = [
            [
                "mark": "rect",
                "encoding": .object(
                    places + [
                        .init("color", plain("fill")),
                        .init(
                            "tooltip",
                            .array(tooltip)),
                    ]),
            ],
            words("text", size: 12, up: map.remarks.isEmpty ? 0 : 8),
        ]
        if !map.remarks.isEmpty { layers.append(words("remark", size: 10, up: -9)) }
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
                                names.indices.map { .string(palette.color($0, of: map)) }),
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
