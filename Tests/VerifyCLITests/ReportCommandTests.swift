import Foundation
import FoundationXML
import Testing

/// `verify-cli report` from outside. How the page looks in a browser is checked by `make test-report`.
@Suite("report")
struct ReportCommandTests {
    private let quick = [
        "report", "--cases", "2", "--theorem-cases", "2", "--claim-cases", "5", "--activations", "tanh", "--quiet",
    ]

    private func page(_ workspace: Workspace) throws -> XMLDocument {
        try XMLDocument(data: Data(try workspace.text("out/index.html").utf8))
    }

    private func texts(_ document: XMLDocument, _ path: String) throws -> [String] {
        try document.nodes(forXPath: path).compactMap(\.stringValue)
    }

    @Test func `one page with every theorem, formulas, charts and tables`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            quick + ["--output", "out", "--source", "https://example.org/r"], in: workspace)
        #expect([0, 1].contains(run.status), "\(run.errors)")
        #expect(run.output == "out/index.html\n" && run.errors.isEmpty)
        let page = try page(workspace)
        let names = try texts(page, "//article/@id")
        #expect(names == (1...16).map { "T\($0)" } + ["C1", "C2", "C3", "C4", "C9", "C10"])
        // A claim may be said in words alone; a theorem cannot.
        #expect(
            try page.nodes(forXPath: "//section[@id='theorems']//article[not(.//*[local-name()='math'])]").isEmpty)
        #expect(try page.nodes(forXPath: "//article[not(.//div[contains(@class,'statement')]//p)]").isEmpty)
        #expect(try page.nodes(forXPath: "//figure//*[local-name()='svg'][@role='img']").count == 4)
        #expect(
            try texts(page, "//article[@id='T8']//a/@href") == [
                "https://example.org/r/Proofs/T08_UpdatedFeedback.md",
                "https://example.org/r/Proofs/T08_UpdatedFeedback.v",
                "https://example.org/r/Sources/Theorems/T08_UpdatedFeedback.swift",
                "https://example.org/r/Tests/TheoremsTests/TheoremTests.swift",
            ])
        #expect(try page.nodes(forXPath: "//script|//link|//img|//iframe").isEmpty)
        let identifiers = try texts(page, "//@id")
        #expect(Set(identifiers).count == identifiers.count)
        // Five cases decide nothing, and the page says so.
        #expect(try texts(page, "//article[@id='C1']//span[@class='verdict unsure']") == ["undecided"])
        #expect(try texts(page, "//section[@id='claims']//tbody/tr/th").contains("C10"))
        let rules = try texts(page, "//section[@id='distances-tanh']//tbody/tr/th")
        #expect(rules.contains("il-prox-equilibrium") && rules.contains("bp"))
        #expect(try texts(page, "//tr[th='seed']/td") == ["1"])
    }

    @Test func `the same options give the same bytes`() throws {
        let (a, b) = (try Workspace(), try Workspace())
        for workspace in [a, b] { _ = try Executable.run(quick + ["--output", "out"], in: workspace) }
        #expect(try a.text("out/index.html") == b.text("out/index.html"))
    }

    @Test func `without pandoc and gnuplot it says what is missing, and has its tables`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            quick + ["--output", "out"], in: workspace,
            environment: ["PATH": workspace.directory.path])
        #expect([0, 1].contains(run.status))
        #expect(run.errors.contains("pandoc") && run.errors.contains("gnuplot-nox"))
        let page = try page(workspace)
        #expect(try page.nodes(forXPath: "//article").count == 22)
        #expect(try page.nodes(forXPath: "//table").count >= 5)
        #expect(try texts(page, "//header/p").contains { $0.contains("gnuplot-nox") })
        #expect(try texts(page, "//article[@id='T5']//p[@class='source']")[0].contains("\\alpha"))
        // Nothing to link to outside of a checkout.
        #expect(try page.nodes(forXPath: "//article//a").isEmpty)
    }

    @Test func `text from outside is never markup`() throws {
        let workspace = try Workspace()
        _ = try Executable.run(
            quick + ["--output", "out", "--source", "\"><script>x</script>"], in: workspace)
        #expect(try page(workspace).nodes(forXPath: "//script").isEmpty)
    }

    @Test("bad options and places", arguments: [
        (["--output", ""], 64), ([], 64), (["--output", "o", "--cases", "0"], 64),
        (["--output", "o", "--activations", "relu,relu"], 64), (["--output", "o", "--activations", "sine"], 64),
        (["--output", "/dev/null/x"], 65),
        (["--output", "o", "--data", "fashion-mnist", "--data-directory", "/nowhere"], 65),
    ])
    func bad(options: [String], status: Int) throws {
        let run = try Executable.run(["report", "--quiet", "--theorem-cases", "1", "--claim-cases", "1"] + options)
        #expect(Int(run.status) == status, "\(run.errors)")
        #expect(run.output.isEmpty)
    }
}
