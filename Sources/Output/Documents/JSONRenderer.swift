public import JSON

/// Writes a document as one JSON object, the same bytes for the same document.
///
/// ```json
/// {
///   "title": "…",
///   "provenance": {"version": "0.1.0", "seed": 7},
///   "tables": [
///     {
///       "section": null,
///       "title": "…",
///       "columns": [{"key": "rule", "title": "rule", "kind": "text", "unit": null}],
///       "rows": [{"rule": "bp", "distance": {"median": 0.5, "lower": 0.25, "upper": 1.0}}],
///       "missing": [{"row": 2, "column": "distance", "reason": "not converged"}],
///       "notes": []
///     }
///   ],
///   "notes": ["a paragraph of the document"]
/// }
/// ```
///
/// All members are always there. A missing cell is `null`, and its reason is in `missing`, with
/// rows counted from 1. Numbers are unformatted (`unit` is `"s"` for durations, `"fraction"` for what
/// text shows in percent); NaN and infinities are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`.
public struct JSONRenderer: Sendable {
    /// A renderer; there is nothing to configure.
    public init() {}

    /// The whole document. Ends with a line break.
    public func render(_ document: Document) -> String { value(of: document).text() + "\n" }

    /// The document as a value, for a caller that adds members of its own.
    public func value(of document: Document) -> JSONValue {
        var tables: [JSONValue] = []
        var notes: [JSONValue] = []
        for (section, block) in document.blocksUnderHeadings {
            switch block {
            case .section: break
            case .paragraph(let text): notes.append(.string(text))
            case .table(let table): tables.append(value(of: table, section: section))
            }
        }
        return [
            "title": .string(document.title),
            "provenance": value(of: document.provenance),
            "tables": .array(tables),
            "notes": .array(notes),
        ]
    }

    /// The provenance as an object from key to value.
    public func value(of provenance: Provenance) -> JSONValue {
        .object(provenance.entries.map { JSONValue.Member($0.key, $0.value.json) })
    }

    private func value(of table: Table, section: String?) -> JSONValue {
        let columns = table.columns.map { column -> JSONValue in
            [
                "key": .string(column.key),
                "title": .string(column.title),
                "kind": .string(column.format.kind),
                "unit": column.format.unit.map(JSONValue.string) ?? .null,
            ]
        }
        var missing: [JSONValue] = []
        let rows = table.rows.enumerated().map { index, row in
            JSONValue.object(
                zip(table.columns, row).map { column, cell in
                    if case .missing(let reason) = cell {
                        missing.append([
                            "row": .integer(index + 1), "column": .string(column.key),
                            "reason": .string(reason),
                        ])
                    }
                    return JSONValue.Member(column.key, cell.json)
                })
        }
        return [
            "section": section.map(JSONValue.string) ?? .null,
            "title": .string(table.title),
            "columns": .array(columns),
            "rows": .array(rows),
            "missing": .array(missing),
            "notes": .array(table.notes.map(JSONValue.string)),
        ]
    }
}

extension Cell {
    fileprivate var json: JSONValue {
        switch self {
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let value): .string(value)
        case .boolean(let value): .boolean(value)
        case .missing: .null
        case .quartiles(let median, let lower, let upper):
            ["median": .number(median), "lower": .number(lower), "upper": .number(upper)]
        case .interval(let estimate, let lower, let upper):
            ["estimate": .number(estimate), "lower": .number(lower), "upper": .number(upper)]
        case .enclosure(let lower, let upper): ["lower": .number(lower), "upper": .number(upper)]
        }
    }
}
