/// What one run has to say: sections, paragraphs and tables in reading order, with provenance.
///
/// All strings are plain text. A document knows nothing of output formats; a renderer takes it
/// whole, so that no output can lose its provenance.
public struct Document: Sendable, Equatable {
    /// One element of the reading order.
    public enum Block: Sendable, Equatable {
        /// A heading. It holds for everything up to the next one.
        case section(String)
        /// A paragraph. Line breaks in it are spaces: renderers break lines where they must.
        case paragraph(String)
        /// A table.
        case table(Table)
    }

    /// What the run was about; the first heading.
    public let title: String
    /// Where the results come from.
    public var provenance: Provenance
    /// The contents, in reading order.
    public var blocks: [Block]

    /// A document with these blocks; more may be appended.
    public init(title: String, provenance: Provenance, blocks: [Block] = []) {
        self.title = title
        self.provenance = provenance
        self.blocks = blocks
    }

    /// Adds a heading at the end.
    public mutating func appendSection(_ heading: String) { blocks.append(.section(heading)) }

    /// Adds a paragraph at the end.
    public mutating func appendParagraph(_ text: String) { blocks.append(.paragraph(text)) }

    /// Adds a table at the end.
    public mutating func appendTable(_ table: Table) { blocks.append(.table(table)) }

    /// The charts of all tables, in reading order.
    public var charts: [Chart] {
        blocks.flatMap { block -> [Chart] in if case .table(let table) = block { table.charts } else { [] } }
    }

    /// The blocks other than headings, each with the heading it stands under.
    var blocksUnderHeadings: [(section: String?, block: Block)] {
        var section: String?
        var result: [(section: String?, block: Block)] = []
        for block in blocks {
            if case .section(let heading) = block {
                section = heading
            } else {
                result.append((section, block))
            }
        }
        return result
    }
}

/// The formats a document can be written in.
public enum OutputFormat: String, Sendable, CaseIterable {
    case text, markdown, latex, csv, json, html

    /// The whole document in this format, ending with a line break.
    ///
    /// - Parameters:
    ///   - width: the columns of the page, for `text` only.
    ///   - styled: bold and faint type, for `text` only. Ask for it only on a terminal.
    ///   - document: what is written.
    public func render(_ document: Document, width: Int = 100, styled: Bool = false) -> String {
        switch self {
        case .text: TextRenderer(width: width, styled: styled).render(document)
        case .markdown: MarkdownRenderer().render(document)
        case .latex: LaTeXRenderer().render(document)
        case .csv: CSVRenderer().render(document)
        case .json: JSONRenderer().render(document)
        case .html: HTMLRenderer().render(document)
        }
    }
}
