/// Writes a document as one HTML page that needs no network and no script.
public struct HTMLRenderer: Sendable {
    /// A renderer; there is nothing to configure.
    public init() {}

    /// The whole document: its title, its blocks in order, its provenance. Ends with a line break.
    public func render(_ document: Document) -> String {
        var page = HTMLPage(title: document.title)
        var section: HTMLPage.Section?
        for block in document.blocks {
            let element: HTMLPage.Element
            switch block {
            case .section(let heading):
                if let section { page.sections.append(section) }
                section = HTMLPage.Section("section-\(page.sections.count + 1)", heading: heading)
                continue
            case .paragraph(let text): element = .paragraph(text)
            case .table(let table): element = .table(table)
            }
            if section == nil { page.lead.append(element) } else { section?.elements.append(element) }
        }
        if let section { page.sections.append(section) }
        if let table = document.provenance.table {
            page.sections.append(
                HTMLPage.Section("provenance", heading: "Provenance", elements: [.table(table)]))
        }
        return page.html
    }
}

extension Provenance {
    /// The facts as a table of two columns; `nil` if there are none.
    package var table: Table? {
        guard !entries.isEmpty else { return nil }
        return try? Table(
            title: "Where these results come from",
            columns: [
                Column("fact", format: .text, identifiesRow: true), Column("value", format: .text),
            ], rows: entries.map { [.text($0.title), .text($0.value.exactText)] })
    }

    /// The facts in one line: `network 64-8-10; seeds 1,2`.
    package var line: String {
        entries.map { "\($0.title) \($0.value.exactText)" }.joined(separator: "; ")
    }
}
