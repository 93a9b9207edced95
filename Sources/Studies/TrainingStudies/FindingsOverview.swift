public import Documents

/// The findings of several studies in one table, in the order of the claims.
public enum FindingsOverview {
    /// Whether a table is one of findings, as every study of training ends with.
    public static func isFindings(_ table: Table) -> Bool { table.columns.map(\.key) == keys }

    /// The findings of documents, each with the number of its document, counted from 1; their criteria as
    /// notes.
    ///
    /// - Returns: `nil` if there are none.
    public static func table(_ documents: [Document]) throws(TableError) -> Table? {
        var found: [(number: Int, claim: Int, row: [Cell])] = []
        var columns: [Column] = []
        var criteria: [String] = []
        for (index, document) in documents.enumerated() {
            for case .table(let table) in document.blocks where isFindings(table) {
                columns = table.columns
                for row in table.rows { found.append((index + 1, number(of: row), row)) }
                if !table.rows.isEmpty { criteria += table.notes.filter { !criteria.contains($0) } }
            }
        }
        guard !found.isEmpty else { return nil }
        let order = found.indices.sorted {
            (found[$0].claim, found[$0].number, $0) < (found[$1].claim, found[$1].number, $1)
        }
        columns.insert(Column("study", format: .integer, identifiesRow: true), at: 1)
        return try Table(
            title: "Findings about training", columns: columns,
            rows: order.map { found[$0].row[..<1] + [.integer(found[$0].number)] + found[$0].row[1...] },
            notes: criteria.indices.sorted { (number(in: criteria[$0]), $0) < (number(in: criteria[$1]), $1) }
                .map { criteria[$0] })
    }

    private static let keys = ["claim", "quantity", "estimate", "lower", "upper", "verdict"]

    private static func number(of row: [Cell]) -> Int {
        if case .text(let claim) = row[0] { number(in: claim) } else { .max }
    }

    /// 7 of `C7` and of `C7: …`; after all others what names no claim.
    private static func number(in text: String) -> Int {
        guard text.hasPrefix("C") else { return .max }
        return Int(text.dropFirst().prefix(while: \.isNumber)) ?? .max
    }
}
