/// Where the cells of a table stand on a page of text.
struct TextTableLayout {
    /// The reasons of missing cells, in reading order.
    private(set) var footnotes = Footnotes()
    private let titles: [String]
    private let cells: [[String]]
    private let alignments: [Alignment]
    private let identifying: [Int]
    private let widths: [Int]
    private static let gap = "  "

    init(_ table: Table) {
        var footnotes = Footnotes()
        titles = table.columns.map { $0.title.singleLine }
        cells = table.rows.map { row in
            zip(table.columns, row).map { column, cell in
                cell.text(as: column.format, footnotes: &footnotes) { "[\($0)]" }.singleLine
            }
        }
        self.footnotes = footnotes
        alignments = table.columns.map(\.alignment)
        identifying = table.identifyingColumns
        var widths = titles.map(\.displayWidth)
        for row in cells {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.displayWidth)
            }
        }
        self.widths = widths
    }

    /// The columns of each block: all of them in one block if they fit, or else in every block the
    /// identifying ones and as many of the others as fit, at least one.
    ///
    /// *Laws:* each column that does not identify is in exactly one block, in the table's order; a
    /// block with more than one of them is at most `width` wide.
    func blocks(width: Int) -> [[Int]] {
        let all = Array(titles.indices)
        let others = all.filter { !identifying.contains($0) }
        if others.isEmpty { return [all] }
        var blocks: [[Int]] = []
        var block: [Int] = []
        for column in others {
            if !block.isEmpty, self.width(identifying + block + [column]) > width {
                blocks.append(block)
                block = []
            }
            block.append(column)
        }
        blocks.append(block)
        return blocks.map { (identifying + $0).sorted() }
    }

    func header(_ columns: [Int]) -> String { line(columns, of: titles) }

    func rule(_ columns: [Int]) -> String {
        columns.map { String(repeating: "─", count: widths[$0]) }.joined(separator: Self.gap)
    }

    func rows(_ columns: [Int]) -> [String] { cells.map { line(columns, of: $0) } }

    private func line(_ columns: [Int], of texts: [String]) -> String {
        columns.map { texts[$0].padded(to: widths[$0], alignments[$0]) }
            .joined(separator: Self.gap).withoutTrailingSpaces
    }

    private func width(_ columns: [Int]) -> Int {
        columns.reduce(Self.gap.count * (columns.count - 1)) { $0 + widths[$1] }
    }
}
