/// Writes a document as GitHub-flavoured Markdown.
///
/// Tables are padded, so that the source reads as well as the page. All text is escaped: what would
/// be markup, HTML or the end of a table cell is shown as the characters it is made of.
public struct MarkdownRenderer: Sendable {
    /// A renderer; there is nothing to configure.
    public init() {}

    /// The whole document: its title, its blocks in order, its provenance. Ends with a line break.
    public func render(_ document: Document) -> String {
        var parts = ["# " + document.title.markdownEscaped]
        var tableLevel = "## "
        for block in document.blocks {
            switch block {
            case .section(let title):
                parts.append("## " + title.markdownEscaped)
                tableLevel = "### "
            case .paragraph(let text): parts.append(text.markdownLine)
            case .table(let table):
                parts.append(tableLevel + table.title.markdownEscaped)
                parts += Self.parts(of: table)
            }
        }
        if !document.provenance.entries.isEmpty {
            parts.append("## Provenance")
            parts.append(
                Self.list(
                    document.provenance.entries.map { entry in
                        "\(entry.title): \(entry.value.exactText)"
                    }))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// One table with its footnotes but without its title. Ends with a line break.
    public func render(_ table: Table) -> String {
        Self.parts(of: table).joined(separator: "\n\n") + "\n"
    }

    private static func parts(of table: Table) -> [String] {
        var footnotes = Footnotes()
        var lines = [table.columns.map(\.title.markdownEscaped)]
        lines += table.rows.map { row in
            zip(table.columns, row).map { column, cell in
                if case .text(let text) = cell { return text.markdownEscaped }
                return cell.text(as: column.format, footnotes: &footnotes) { "\\[\($0)\\]" }
            }
        }
        let widths = table.columns.indices.map { column in
            max(3, lines.map { $0[column].displayWidth }.max() ?? 0)
        }
        let alignments = table.columns.map(\.alignment)
        var text = lines.map { line in
            let cells = line.indices.map { line[$0].padded(to: widths[$0], alignments[$0]) }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        let rules = zip(widths, alignments).map(rule)
        text.insert("| " + rules.joined(separator: " | ") + " |", at: 1)
        var parts = [text.joined(separator: "\n")]
        let remarks =
            footnotes.reasons.enumerated().map { "[\($0 + 1)] \($1)" } + table.notes
        if !remarks.isEmpty { parts.append(list(remarks)) }
        return parts
    }

    private static func rule(width: Int, alignment: Alignment) -> String {
        switch alignment {
        case .left: String(repeating: "-", count: width)
        case .right: String(repeating: "-", count: width - 1) + ":"
        case .center: ":" + String(repeating: "-", count: width - 2) + ":"
        }
    }

    private static func list(_ items: [String]) -> String {
        items.map { "- " + $0.markdownLine }.joined(separator: "\n")
    }
}

extension String {
    /// The text on one line, shown by Markdown as it is within a line or a table cell.
    ///
    /// An underscore between letters or digits needs no escape: `relative_distance` stays readable.
    var markdownEscaped: String {
        let scalars = Array(singleLine.unicodeScalars)
        func isWord(_ index: Int) -> Bool {
            guard scalars.indices.contains(index) else { return false }
            let properties = scalars[index].properties
            return properties.isAlphabetic || properties.numericType != nil
        }
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "_" where isWord(index - 1) && isWord(index + 1): break
            case "\\", "`", "*", "_", "<", ">", "[", "]", "|", "~", "$", "&": result.append("\\")
            default: break
            }
            result.append(scalar)
        }
        return String(result)
    }

    /// The text shown as it is at the start of a line, where more characters are markup.
    fileprivate var markdownLine: String {
        let text = String(markdownEscaped.drop { $0 == " " })
        guard let first = text.first else { return text }
        if "#+-=".contains(first) { return "\\" + text }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let after = text.dropFirst(digits.count)
        if !digits.isEmpty, [".", ")", ". ", ") "].contains(String(after.prefix(2))) {
            return digits + "\\" + after
        }
        return text
    }
}
