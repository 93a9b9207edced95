internal import JSON

/// Writes a document as one CSV table (RFC 4180: CRLF line breaks, no comments), in long format.
///
/// One header line, then one line for each cell. Every line has the same fields, however many and
/// different tables the document has:
///
/// - `section`, `table`: the heading and the title the cell stands under;
/// - `row`: the row's number in its table, from 1;
/// - one field for each key of a column that identifies rows, in any table: which row this is. A column whose key is
///   `alpha=0.1` says so of its own cells: the field `alpha` is then 0.1 in their lines;
/// - `column`: the key of the cell's column; identifying columns make no lines of their own, unless
///   a table has no others;
/// - `value`, `lower`, `upper`: the value at full precision, the median with its quartiles, an
///   estimate with its confidence interval, or no value and the bounds that are proved;
/// - `note`: why the value is missing.
///
/// What is not a cell has no `row`: a fact of the provenance is a line with `provenance` as its
/// table, its key as `column`, and its `value`; a paragraph or a table's note is a line with
/// nothing but its place and `note`. So values and their provenance travel together, a reader that
/// wants values only keeps the lines with a `row`, and no line needs to be skipped in parsing.
/// Titles of columns and of the document are left out; they are for people.
public struct CSVRenderer: Sendable {
    /// A renderer; there is nothing to configure.
    public init() {}

    /// The whole document: header, cells and notes in reading order, provenance last.
    public func render(_ document: Document) -> String {
        var records = CSVRecords(identifyingKeys: Self.identifyingKeys(of: document))
        for (section, block) in document.blocksUnderHeadings {
            switch block {
            case .section: break
            case .paragraph(let text): records.append(section: section, note: text)
            case .table(let table): records.append(table, section: section)
            }
        }
        for entry in document.provenance.entries {
            records.append(table: "provenance", column: entry.key, cell: entry.value)
        }
        return records.lines.text
    }

    private static func identifyingKeys(of document: Document) -> [String] {
        var keys: [String] = []
        for case .table(let table) in document.blocks {
            let identifying = table.identifyingColumns.map { table.columns[$0].key }
            for key in identifying + table.columns.compactMap({ $0.setting?.key }) where !keys.contains(key) {
                keys.append(key)
            }
        }
        return keys
    }
}

/// The lines of a CSV text, all with the same fields.
private struct CSVRecords {
    private(set) var lines = CSVText(lineBreak: "\r\n")
    private let identifyingKeys: [String]

    init(identifyingKeys: [String]) {
        self.identifyingKeys = identifyingKeys
        let before = ["section", "table", "row"]
        let after = ["column", "value", "lower", "upper", "note"]
        // A table may have an identifying column called `row`: two fields must not share a name.
        var names = before
        for key in identifyingKeys {
            var name = key
            while names.contains(name) || after.contains(name) { name = "key." + name }
            names.append(name)
        }
        lines.append(names + after)
    }

    mutating func append(_ table: Table, section: String?) {
        let identifying = table.identifyingColumns
        let others = table.columns.indices.filter { !identifying.contains($0) }
        for (index, row) in table.rows.enumerated() {
            var identity: [String: String] = [:]
            for column in identifying {
                identity[table.columns[column].key] = row[column].csvFields.value
            }
            for column in others.isEmpty ? identifying : others {
                var identity = identity
                if let setting = table.columns[column].setting { identity[setting.key] = setting.value }
                append(
                    section: section, table: table.title, row: index + 1, identity: identity,
                    column: table.columns[column].key, cell: row[column])
            }
        }
        for note in table.notes { append(section: section, table: table.title, note: note) }
    }

    mutating func append(
        section: String? = nil, table: String = "", row: Int? = nil,
        identity: [String: String] = [:], column: String = "", cell: Cell? = nil, note: String = ""
    ) {
        let fields = cell?.csvFields ?? CSVFields(note: note)
        lines.append(
            [section ?? "", table, row.map(String.init) ?? ""]
                + identifyingKeys.map { identity[$0] ?? "" }
                + [column, fields.value, fields.lower, fields.upper, fields.note])
    }
}

extension Column {
    /// What the key `alpha=0.1` says of all cells of the column.
    fileprivate var setting: (key: String, value: String)? {
        let parts = key.split(separator: "=", maxSplits: 1).map(String.init)
        return parts.count == 2 && !identifiesRow ? (parts[0], parts[1]) : nil
    }
}

private struct CSVFields {
    var value = ""
    var lower = ""
    var upper = ""
    var note = ""
}

extension Cell {
    fileprivate var csvFields: CSVFields {
        switch self {
        case .integer, .number, .text, .boolean: CSVFields(value: exactText)
        case .missing(let reason): CSVFields(note: reason)
        case .quartiles(let median, let lower, let upper), .interval(let median, let lower, let upper):
            CSVFields(
                value: median.exactText, lower: lower.exactText, upper: upper.exactText)
        case .enclosure(let lower, let upper): CSVFields(lower: lower.exactText, upper: upper.exactText)
        }
    }
}
