import Documents
import Testing

@Suite struct TableTests {
    private static let columns = [
        Column("rule", format: .text), Column("steps", format: .integer),
        Column("distance", format: .significant(3)),
    ]

    @Test func rowsThatFitAreKept() throws {
        var table = try Table(title: "t", columns: Self.columns, rows: [["bp", 1, 0.5]])
        try table.append(["il", .missing(reason: "not run"), 2])
        #expect(table.rows == [["bp", 1, 0.5], ["il", .missing(reason: "not run"), 2]])
    }

    @Test(arguments: [[], ["bp", 1], ["bp", 1, 0.5, 0.5]] as [[Cell]])
    func wrongWidthIsRefused(row: [Cell]) throws {
        var table = try Table(title: "t", columns: Self.columns, rows: [["bp", 1, 0.5]])
        let before = table
        #expect(throws: TableError.rowWidth(table: "t", row: 2, expected: 3, found: row.count)) {
            try table.append(row)
        }
        #expect(table == before)
    }

    @Test func wrongKindIsRefused() {
        #expect(
            throws: TableError.cellKind(
                table: "t", row: 1, column: "steps", expected: "integer", found: "number")
        ) {
            try Table(title: "t", columns: Self.columns, rows: [["bp", 1.5, 0.5]])
        }
    }

    @Test func columnsAreChecked() {
        #expect(throws: TableError.noColumns(table: "t")) { try Table(title: "t", columns: []) }
        #expect(throws: TableError.duplicateKey(table: "t", key: "rule")) {
            try Table(title: "t", columns: Self.columns + [Column("rule", format: .boolean)])
        }
    }

    @Test(
        "which cells a format takes",
        arguments: [
            (ColumnFormat.integer, "integer"), (.significant(3), "integer number"),
            (.seconds, "integer number"), (.percent, "integer number"),
            (.setting, "integer number"),
            (.quartiles(.seconds), "quartiles"), (.interval(.percent), "interval"), (.text, "text"), (.boolean, "boolean"),
        ])
    func acceptance(format: ColumnFormat, names: String) {
        let cells: [(name: String, cell: Cell)] = [
            ("integer", 1), ("number", 1.5), ("text", "a"), ("boolean", true),
            ("quartiles", .quartiles(median: 2, lower: 1, upper: 3)),
            ("interval", .interval(estimate: 2, lower: 1, upper: 3)),
        ]
        let accepted = cells.filter { format.accepts($0.cell) }.map(\.name)
        #expect(accepted.joined(separator: " ") == names)
        #expect(format.accepts(.missing(reason: "any")))
    }

    @Test func columnsHaveUsefulDefaults() {
        #expect(Column("a", format: .text).title == "a")
        #expect(Column("a", format: .text).alignment == .left)
        #expect(Column("a", format: .boolean).alignment == .left)
        #expect(Column("a", format: .integer).alignment == .right)
        #expect(Column("a", format: .seconds).alignment == .right)
        #expect(Column("a", format: .quartiles(.percent)).alignment == .right)
        #expect(Column("a", format: .text, alignment: .center).alignment == .center)
        #expect(Column("a", format: .text).identifiesRow == false)
    }

    @Test(arguments: [
        (TableError.noColumns(table: "t"), "table “t” has no columns"),
        (.duplicateKey(table: "t", key: "k"), "table “t” has two columns with the key k"),
        (
            .rowWidth(table: "t", row: 2, expected: 3, found: 1),
            "table “t”, row 2: expected 3 cells, found 1"
        ),
        (
            .cellKind(table: "t", row: 2, column: "k", expected: "integer", found: "text"),
            "table “t”, row 2, column k: expected a cell of kind integer, found text"
        ),
    ])
    func messages(error: TableError, message: String) { #expect(error.description == message) }
}

@Suite struct ProvenanceTests {
    @Test func keepsOrderAndReplacesInPlace() {
        var provenance: Provenance = ["version": "1", "seed": 7, "version": "2"]
        provenance.set("threads", title: "BLAS threads", to: 1)
        provenance.set("seed", to: 8)
        #expect(provenance.entries.map(\.key) == ["version", "seed", "threads"])
        #expect(provenance.entries.map(\.title) == ["version", "seed", "BLAS threads"])
        #expect(provenance["version"] == "2")
        #expect(provenance["seed"] == 8)
        #expect(provenance["network"] == nil)
    }
}
