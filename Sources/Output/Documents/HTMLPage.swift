/// A self-contained HTML page: no script, no network, light and dark by the viewer's preference; well-formed
/// as XML too.
///
/// Text and tables are escaped here; only ``Element/markup(_:)`` is taken as it is, for pictures and
/// formulas that other programs made.
public struct HTMLPage: Sendable, Equatable {
    /// One part of a section, in reading order.
    public enum Element: Sendable, Equatable {
        case paragraph(String)
        /// A table with its title as caption, in a container of its own that scrolls.
        case table(Table)
        /// A heading within the section.
        case heading(String)
        /// A heading below that.
        case subheading(String)
        /// What one must open to see it, under its title; without any script.
        case folded(String, [Element])
        /// HTML of a trusted maker.
        case markup(String)
    }

    /// A part of the page that the table of contents names.
    public struct Section: Sendable, Equatable {
        public var identifier: String
        public var heading: String
        public var elements: [Element]

        /// - Parameter identifier: letters, digits and hyphens, unique in its page; part of the address.
        /// - Parameter heading: what the section is called.
        /// - Parameter elements: what stands in it, from top to bottom.
        public init(_ identifier: String, heading: String, elements: [Element] = []) {
            self.identifier = identifier
            self.heading = heading
            self.elements = elements
        }
    }

    public var title: String
    /// Between the title and the table of contents.
    public var lead: [Element]
    public var sections: [Section]
    /// Style rules added to the page's own.
    public var extraStyle: String

    public init(
        title: String, lead: [Element] = [], sections: [Section] = [], extraStyle: String = ""
    ) {
        self.title = title
        self.lead = lead
        self.sections = sections
        self.extraStyle = extraStyle
    }

    /// The page as one HTML document, ending with a line break.
    public var html: String {
        var tables = 0
        let leadText = lead.map { $0.html(&tables) }.joined(separator: "\n")
        let body = sections.map { section in
            let name = section.identifier.xmlEscaped
            let parts = section.elements.map { $0.html(&tables) }.joined(separator: "\n")
            return """
                <section id="\(name)" aria-labelledby="\(name)-heading">
                <h2 id="\(name)-heading">\(section.heading.xmlEscaped)</h2>
                \(parts)
                </section>
                """
        }.joined(separator: "\n")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(title.xmlEscaped)</title>
            <style>
            \(Self.style)\(extraStyle)</style>
            </head>
            <body>
            <header>
            <h1>\(title.xmlEscaped)</h1>
            \(leadText)
            </header>
            \(contents)<main>
            \(body)
            </main>
            </body>
            </html>

            """
    }

    /// The table of contents, where there is more than one section to choose from.
    private var contents: String {
        guard sections.count > 1 else { return "" }
        let items = sections.map {
            "<li><a href=\"#\($0.identifier.xmlEscaped)\">\($0.heading.xmlEscaped)</a></li>"
        }
        return "<nav aria-label=\"Contents\"><ul>\(items.joined())</ul></nav>\n"
    }

    /// Text and links have a contrast of at least 4.5:1 to what they stand on.
    private static let style = """
        :root{color-scheme:light dark;--paper:#ffffff;--ink:#1b1f24;--quiet:#57606a;--line:#d5dae0;\
        --stripe:#f5f7f9;--link:#0a58b0;--good:#0b6e4f;--bad:#b3261e;--unsure:#7a5a00}
        @media (prefers-color-scheme:dark){:root{--paper:#14181f;--ink:#e9edf2;--quiet:#a6b0bb;\
        --line:#343c46;--stripe:#1a2028;--link:#7ab7ff;--good:#5fd0a5;--bad:#ff8f85;--unsure:#e3b341}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:68rem;padding:1.25rem;background:var(--paper);color:var(--ink);\
        font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
        h1{font-size:1.75rem;line-height:1.25;margin:.5rem 0 1rem}
        h2{font-size:1.35rem;line-height:1.3;margin:2.5rem 0 .75rem;padding-top:.75rem;\
        border-top:1px solid var(--line)}
        h3{font-size:1.08rem;margin:1.75rem 0 .4rem}
        h4{font-size:1rem;margin:1.25rem 0 .3rem}
        summary{color:var(--link);cursor:pointer;margin:.75rem 0}
        p,ul,dl{margin:.5rem 0;max-width:46rem}
        a{color:var(--link)}
        a:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--link);\
        outline-offset:2px}
        nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:1rem 0}
        code{font:.9em ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .scroll{overflow-x:auto;margin:1rem 0;max-width:100%}
        table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
        caption{caption-side:top;text-align:left;font-weight:600;padding:.25rem 0 .5rem}
        th,td{padding:.3rem .8rem .3rem 0;text-align:left;vertical-align:top;overflow-wrap:normal}
        th:last-child,td:last-child{padding-right:.2rem}
        thead th{border-bottom:2px solid var(--line);font-weight:600;white-space:nowrap}
        tbody th{font-weight:400}
        tbody tr{border-bottom:1px solid var(--line)}
        tbody tr:hover{background:var(--stripe)}
        .right{text-align:right}.center{text-align:center}tbody th:first-child{white-space:nowrap}
        @media (max-width:32rem){.cards,.cards caption,.cards tbody{display:block}
        .cards thead{display:none}
        .cards tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.15rem .8rem;padding:.5rem 0}
        th,td,tbody th:first-child{white-space:normal;overflow-wrap:anywhere}
        .cards th,.cards td{padding:0;text-align:left}
        .cards tbody th:first-child{font-weight:600;grid-column:1/-1}
        .cards [data-label]::before{content:attr(data-label);display:block;color:var(--quiet);font-size:.8rem}}
        .notes{color:var(--quiet);font-size:.88rem;padding-left:1.1rem}
        .quiet{color:var(--quiet)}
        @media print{nav{display:none}body{max-width:none}.scroll{overflow:visible}}

        """
}

extension HTMLPage.Element {
    fileprivate func html(_ tables: inout Int) -> String {
        switch self {
        case .paragraph(let text): return "<p>\(text.xmlEscaped)</p>"
        case .heading(let text): return "<h3>\(text.xmlEscaped)</h3>"
        case .subheading(let text): return "<h4>\(text.xmlEscaped)</h4>"
        case .folded(let title, let elements):
            let parts = elements.map { $0.html(&tables) }.joined(separator: "\n")
            return "<details><summary>\(title.xmlEscaped)</summary>\n\(parts)\n</details>"
        case .markup(let html): return html
        case .table(let table):
            tables += 1
            return table.html(identifier: "table-\(tables)")
        }
    }
}

extension Table {
    /// The table in HTML: caption, headers with their scope, footnotes; in a container that scrolls by itself
    /// and takes the keyboard's focus, so that everybody can scroll it.
    fileprivate func html(identifier: String) -> String {
        var footnotes = Footnotes()
        let identifying = Set(identifyingColumns)
        // On a phone each row of a wide table is a card that names its columns.
        let isWide = columns.count > 3
        let head = columns.map { column in
            "<th scope=\"col\"\(column.alignment.htmlClass)>\(column.title.xmlEscaped)</th>"
        }.joined()
        let body = rows.map { row in
            let cells = zip(columns, row).enumerated().map { index, pair in
                let (column, cell) = pair
                let text = cell.text(as: column.format, footnotes: &footnotes) { "[\($0)]" }
                let (tag, scope) = identifying.contains(index) ? ("th", " scope=\"row\"") : ("td", "")
                let label = isWide && index > 0 ? " data-label=\"\(column.title.xmlEscaped)\"" : ""
                return "<\(tag)\(scope)\(label)\(column.alignment.htmlClass)>\(text.xmlEscaped)</\(tag)>"
            }
            return "<tr>\(cells.joined())</tr>"
        }.joined(separator: "\n")
        let remarks = footnotes.reasons.enumerated().map { "[\($0 + 1)] \($1)" } + notes
        let list =
            remarks.isEmpty
            ? ""
            : "\n<ul class=\"notes\">"
                + remarks.map { "<li>\($0.xmlEscaped)</li>" }.joined() + "</ul>"
        return """
            <div class="scroll" role="region" tabindex="0" aria-labelledby="\(identifier)">
            <table\(isWide ? " class=\"cards\"" : "")>
            <caption id="\(identifier)">\(title.xmlEscaped)</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)
            </tbody>
            </table>
            </div>\(list)
            """
    }
}

extension Alignment {
    fileprivate var htmlClass: String {
        switch self {
        case .left: ""
        case .right: " class=\"right\""
        case .center: " class=\"center\""
        }
    }
}
