/// A titled table whose rows fit its columns.
///
/// The fit is checked when rows are added, so that no renderer can meet a ragged table.
///
/// *Laws:* every row has `columns.count` cells; each cell is accepted by its column's format; keys
/// are distinct and there is at least one column.
public struct Table: Sendable, Equatable {
    /// The heading; part of what locates a value in CSV and JSON.
    public let title: String
    /// The columns, from left to right.
    public let columns: [Column]
    /// The rows, from top to bottom.
    public private(set) var rows: [[Cell]]
    /// Remarks below the table. Reasons of missing cells are added to them by the renderers.
    public var notes: [String]
    /// What the table shows, drawn: for a report and for `--chart`. Renderers of text leave charts out.
    public var charts: [Chart] = []

    /// A table with these rows; more may be appended.
    public init(
        title: String, columns: [Column], rows: [[Cell]] = [], notes: [String] = []
    ) throws(TableError) {
        guard !columns.isEmpty else { throw .noColumns(table: title) }
        var keys: Set<String> = []
        for column in columns where !keys.insert(column.key).inserted {
            throw .duplicateKey(table: title, key: column.key)
        }
        self.title = title
        self.columns = columns
        self.rows = []
        self.notes = notes
        for row in rows { try append(row) }
    }

    /// Adds a row at the end, or throws and leaves the table as it was.
    public mutating func append(_ row: [Cell]) throws(TableError) {
        guard row.count == columns.count else {
            throw .rowWidth(
                table: title, row: rows.count + 1, expected: columns.count, found: row.count)
        }
        for (column, cell) in zip(columns, row) where !column.format.accepts(cell) {
            throw .cellKind(
                table: title, row: rows.count + 1, column: column.key,
                expected: column.format.kind, found: cell.kind)
        }
        rows.append(row)
    }

    /// The table without the column of this key, for output that must be the same on every run.
    ///
    /// A key that is not there changes nothing; neither does that of the only column.
    public func removing(_ key: String) -> Table {
        guard let index = columns.firstIndex(where: { $0.key == key }), columns.count > 1 else {
            return self
        }
        var columns = columns
        columns.remove(at: index)
        let rows = rows.map { row in
            var row = row
            row.remove(at: index)
            return row
        }
        guard var table = try? Table(title: title, columns: columns, rows: rows, notes: notes) else { return self }
        table.charts = charts
        return table
    }

    /// The positions of the columns that say which row this is: those marked so, or else the first.
    var identifyingColumns: [Int] {
        let marked = columns.indices.filter { columns[$0].identifiesRow }
        return marked.isEmpty ? [0] : marked
    }
}

/// Why rows and columns do not make a table. Rows count from 1.
public enum TableError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The table has no columns at all.
    case noColumns(table: String)
    /// Two columns have the same key.
    case duplicateKey(table: String, key: String)
    /// A row has more or fewer cells than the table has columns.
    case rowWidth(table: String, row: Int, expected: Int, found: Int)
    /// A cell is not of the kind its column takes.
    case cellKind(table: String, row: Int, column: String, expected: String, found: String)

    public var description: String {
        switch self {
        case .noColumns(let table):
            "table “\(table)” has no columns"
        case .duplicateKey(let table, let key):
            "table “\(table)” has two columns with the key \(key)"
        case .rowWidth(let table, let row, let expected, let found):
            "table “\(table)”, row \(row): expected \(expected) cells, found \(found)"
        case .cellKind(let table, let row, let column, let expected, let found):
            "table “\(table)”, row \(row), column \(column): "
                + "expected a cell of kind \(expected), found \(found)"
        }
    }
}
