/// Writes a document for a terminal or a plain text file, with aligned columns.
///
/// A table that is too wide for the page is split into blocks side by side, one below the other,
/// each repeating the columns that identify a row; lines of a table are never wrapped. A single
/// column that does not fit beside the identifying ones sticks out.
public struct TextRenderer: Sendable {
    /// The columns of the page.
    public var width: Int
    /// Whether to set titles in bold and footnotes in faint type, by ANSI escape sequences.
    ///
    /// The caller knows whether the output is a terminal; the renderer never looks.
    public var styled: Bool

    /// A renderer for pages of `width` columns.
    public init(width: Int = 100, styled: Bool = false) {
        self.width = width
        self.styled = styled
    }

    /// The whole document: its title, its blocks in order, its provenance. Ends with a line break.
    public func render(_ document: Document) -> String {
        var parts = [heading(document.title, underline: "=")]
        for block in document.blocks {
            switch block {
            case .section(let title): parts.append(heading(title, underline: "-"))
            case .paragraph(let text): parts.append(text.wrapped(width: width))
            case .table(let table): parts.append(lines(of: table))
            }
        }
        if !document.provenance.entries.isEmpty { parts.append(lines(of: document.provenance)) }
        return parts.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    /// One table with its title and footnotes. Ends with a line break.
    public func render(_ table: Table) -> String {
        lines(of: table).joined(separator: "\n") + "\n"
    }

    private func lines(of table: Table) -> [String] {
        let layout = TextTableLayout(table)
        let blocks = layout.blocks(width: width)
        var result: [String] = []
        for (index, columns) in blocks.enumerated() {
            if index > 0 { result.append("") }
            let part = blocks.count > 1 ? " (part \(index + 1) of \(blocks.count))" : ""
            result += (table.title + part).wrapped(width: width).map { style($0, .bold) }
            result.append(style(layout.header(columns), .bold))
            result.append(layout.rule(columns))
            result += layout.rows(columns)
            if table.rows.isEmpty { result.append("(no rows)") }
        }
        for (index, reason) in layout.footnotes.reasons.enumerated() {
            let mark = "[\(index + 1)] "
            let indent = String(repeating: " ", count: mark.count)
            let note = reason.wrapped(width: width, first: mark, rest: indent)
            result += note.map { style($0, .faint) }
        }
        for note in table.notes { result += note.wrapped(width: width).map { style($0, .faint) } }
        return result
    }

    private func lines(of provenance: Provenance) -> [String] {
        let titles = provenance.entries.map { $0.title.singleLine }
        let titleWidth = titles.map(\.displayWidth).max() ?? 0
        var result = [style("Provenance", .bold)]
        for (title, entry) in zip(titles, provenance.entries) {
            let lines = entry.value.exactText.wrapped(
                width: width, first: "  " + title.padded(to: titleWidth, .left) + "  ",
                rest: String(repeating: " ", count: titleWidth + 4))
            result += lines.map(\.withoutTrailingSpaces)
        }
        return result
    }

    private func heading(_ title: String, underline: String) -> [String] {
        let lines = title.wrapped(width: width)
        let longest = lines.map(\.displayWidth).max() ?? 0
        return lines.map { style($0, .bold) } + [String(repeating: underline, count: longest)]
    }

    private enum Style: Int {
        case bold = 1
        case faint
    }

    private func style(_ line: String, _ style: Style) -> String {
        styled && !line.isEmpty ? "\u{1B}[\(style.rawValue)m\(line)\u{1B}[0m" : line
    }
}
