import Foundation
import FoundationXML
import Documents
import Testing

/// Pages: structure that browsers and screen readers rely on, and strings that would break it.
@Suite("HTML")
struct HTMLRendererTests {
    /// The page as an XML parser sees it; pages are well-formed XML on purpose.
    private func parsed(_ html: String) throws -> XMLDocument { try XMLDocument(data: Data(html.utf8)) }

    private func texts(_ document: XMLDocument, _ path: String) throws -> [String] {
        try document.nodes(forXPath: path).compactMap(\.stringValue)
    }

    @Test func `a document becomes one page with its provenance`() throws {
        let html = OutputFormat.html.render(try Samples.document())
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">") && html.hasSuffix("</html>\n"))
        let page = try parsed(html)
        #expect(try texts(page, "//h1") == ["Sample"])
        #expect(try texts(page, "//h2") == ["ReLU", "Speed", "Provenance"])
        #expect(try texts(page, "//nav//a/@href") == ["#section-1", "#section-2", "#provenance"])
        #expect(try texts(page, "//section/@id") == ["section-1", "section-2", "provenance"])
        #expect(
            try texts(page, "//caption")
                == ["Distance to the exact update", "Time", "Where these results come from"])
        #expect(try texts(page, "//tr[th='tolerance']/td") == ["1e-10"])
    }

    @Test func `headers have their scope and tables a container that the keyboard reaches`() throws {
        let page = try parsed(OutputFormat.html.render(try Samples.document()))
        #expect(try page.nodes(forXPath: "//thead//th[not(@scope='col')]").isEmpty)
        #expect(try page.nodes(forXPath: "//tbody//tr[not(th[@scope='row'])]").isEmpty)
        #expect(try page.nodes(forXPath: "//table[not(parent::div[@class='scroll'][@tabindex='0'])]").isEmpty)
        for name in try texts(page, "//div[@class='scroll']/@aria-labelledby") {
            #expect(try page.nodes(forXPath: "//caption[@id='\(name)']").count == 1)
        }
        #expect(try texts(page, "//li[starts-with(., '[1]')]") == ["[1] not converged, stopped"])
    }

    @Test func `text is never markup`() throws {
        let hostile = "<script>alert('x')</script> & \"q\" </title></style> \u{1}\u{FFFF}"
        let table = try Table(
            title: hostile, columns: [Column("k", title: hostile, format: .text)],
            rows: [[.text(hostile)], [.missing(reason: hostile)]], notes: [hostile])
        let page = HTMLPage(
            title: hostile, lead: [.paragraph(hostile)],
            sections: [.init("a", heading: hostile, elements: [.heading(hostile), .table(table)])])
        let document = try parsed(page.html)
        #expect(try document.nodes(forXPath: "//script").isEmpty)
        let shown = hostile.singleLine.replacing("\u{FFFF}", with: "\u{FFFD}")
        for path in ["//title", "//h1", "//h2", "//h3", "//caption", "//th[@scope='col']", "//header/p"] {
            #expect(try texts(document, path) == [shown], "\(path)")
        }
        #expect(try texts(document, "//tbody/tr[1]/th") == [shown])
        #expect(try texts(document, "//li").suffix(2) == ["[1] \(shown)", shown])
    }

    /// Nothing is fetched: no address but those of links, no script, no import.
    @Test func `a page needs no network`() throws {
        let html = OutputFormat.html.render(try Samples.document())
        #expect(!html.contains("http") && !html.contains("url(") && !html.contains("@import"))
        #expect(!html.contains("<script") && !html.contains("<link") && !html.contains("src="))
    }

    @Test func `a column can be left out`() throws {
        let table = try Samples.timings()
        let shorter = table.removing("seconds")
        #expect(shorter.columns.map(\.key) == ["solver", "share", "residual"])
        #expect(shorter.rows[0] == ["Newton", 0.125, 1.5e-11])
        #expect(table.removing("nothing").columns == table.columns)
    }
}
