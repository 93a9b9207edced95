import ErrorTables
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
        #expect(names == [1, 2, 3, 4, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24].map { "C\($0)" } + (1...29).map { "T\($0)" })
        // A claim may be said in words alone; a theorem cannot.
        #expect(
            try page.nodes(forXPath: "//section[@id='theorems']//article[not(.//*[local-name()='math'])]").isEmpty)
        #expect(try page.nodes(forXPath: "//article[not(.//div[contains(@class,'statement')]//p)]").isEmpty)
        #expect(try page.nodes(forXPath: "//figure//*[local-name()='svg'][@role='img']").count == 4)
        #expect(
            try texts(page, "//article[@id='T8']//a/@href") == [
                "https://example.org/r/Proofs/T08_UpdatedFeedback.md",
                "https://example.org/r/Proofs/T08_UpdatedFeedback.v",
                "https://example.org/r/Sources/Theory/Theorems/Alonso2022/T08_UpdatedFeedback.swift",
                "https://example.org/r/Tests/Theory/TheoremsTests/TheoremTests.swift",
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
        #expect(try page.nodes(forXPath: "//article").count == 47)
        #expect(try page.nodes(forXPath: "//table").count >= 5)
        #expect(try texts(page, "//header/p").contains { $0.contains("gnuplot-nox") })
        #expect(try texts(page, "//article[@id='T5']//p[@class='source']")[0].contains("\\alpha"))
        // Nothing to link to outside of a checkout.
        #expect(try page.nodes(forXPath: "//article//a").isEmpty)
    }

    private static let training = [
        ["stability", "--sizes", "64-4-10", "--iterations", "100", "--alpha", "0.1,1000"],
        ["convergence", "--sizes", "64-4-10", "--iterations", "60", "--batch-sizes", "1,4", "--alpha", "0.1"],
        ["autoencoder", "--sizes", "64-4-64", "--iterations", "60", "--batch-sizes", "1", "--alpha", "0.1"],
        ["trajectory", "--sizes", "64-4-10", "--iterations", "20", "--alpha", "0.1"],
    ].map { $0 + ["--rules", "bp,il-prox", "--seeds", "2", "--test-examples", "50", "--store", "x.sqlite", "--quiet"] }

    /// Rows of the tables within an element, each with its caption; cells joined by bars.
    private func rows(_ page: XMLDocument, in path: String) throws -> [String] {
        try page.nodes(forXPath: "\(path)//table").flatMap { table -> [String] in
            let caption = try table.nodes(forXPath: "caption").first?.stringValue ?? ""
            return try table.nodes(forXPath: ".//tr").map { row in
                let cells = try row.nodes(forXPath: "th|td").map { $0.stringValue ?? "" }
                return ([caption] + cells).joined(separator: " | ")
            }
        }
    }

    @Test func `with a store, the studies whose runs it holds, as their own commands print them`() throws {
        let workspace = try Workspace()
        for command in Self.training {
            let run = try Executable.run(command, in: workspace)
            #expect(run.status == 0, "\(run.errors)")
        }
        let store = URL(fileURLWithPath: workspace.path("x.sqlite"))
        let before = try Data(contentsOf: store)
        let run = try Executable.run(quick + ["--output", "out", "--store", "x.sqlite"], in: workspace)
        #expect([0, 1].contains(run.status), "\(run.errors)")
        #expect(run.output == "out/index.html\n" && run.errors.isEmpty)
        #expect(try Data(contentsOf: store) == before, "the store was written to")
        #expect(workspace.names == ["out", "x.sqlite"])
        let page = try page(workspace)
        // The runs of stability and those of convergence at mini-batch 1 answer each other's questions where they
        // can; trajectories are trained in double precision and stand alone.
        #expect(
            try texts(page, "//section[@id='training']/h3") == [
                "Study 1: Stability over learning rates", "Study 2: Convergence", "Study 3: Convergence",
                "Study 4: Autoencoder", "Study 5: Distance of trained weights from those of exact implicit SGD",
            ])
        let shown = Set(try rows(page, in: "//section[@id='training']"))
        for command in Self.training {
            let course = ["convergence", "autoencoder"].contains(command[0]) ? ["--course"] : []
            let tables = try Executable.run(
                command + ["--tables-only", "--format", "html"] + course, in: workspace)
            #expect(tables.status == 0, "\(tables.errors)")
            let printed = try rows(XMLDocument(data: Data(tables.output.utf8)), in: "//body")
                .filter { !$0.hasPrefix("Findings") && !$0.hasPrefix("Where these") }
            #expect(printed.count >= 8)
            for row in printed { #expect(shown.contains(row), "\(command[0]): \(row)") }
        }
        let findings = try rows(page, in: "//section[@id='training']").filter { $0.hasPrefix("Findings") }
        #expect(findings.contains { $0.contains("| C5 | 1 | share of il-prox runs that trained, every α |") })
        #expect(findings.contains { $0.contains("| C8 | 4 |") })
        #expect(try page.nodes(forXPath: "//section[@id='training']//figure//*[@role='img']").count >= 6)
        #expect(try page.nodes(forXPath: "//script|//link|//img|//iframe").isEmpty)
        let identifiers = try texts(page, "//@id")
        #expect(Set(identifiers).count == identifiers.count)
        #expect(try texts(page, "//tr[th='result store']/td") == ["x.sqlite"])
    }

    @Test("a store that is none is named before anything is computed", arguments: [
        ("none.sqlite", "no such result store"), ("text.sqlite", "no SQLite database"),
        ("cut.sqlite", "damaged"),
    ])
    func badStore(name: String, words: String) throws {
        let workspace = try Workspace()
        try Data("not a database".utf8).write(to: URL(fileURLWithPath: workspace.path("text.sqlite")))
        _ = try Executable.run(Self.training[3], in: workspace)
        let whole = try Data(contentsOf: URL(fileURLWithPath: workspace.path("x.sqlite")))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: workspace.path("cut.sqlite")))
        let before = workspace.names
        let run = try Executable.run(quick + ["--output", "out", "--store", name], in: workspace)
        #expect(run.status == 65)
        #expect(run.errors.contains(name) && run.errors.contains(words), "\(run.errors)")
        #expect(run.output.isEmpty && workspace.names == before)
    }

    @Test func `a store without runs of training says so`() throws {
        let workspace = try Workspace()
        _ = try Executable.run(Self.training[3], in: workspace)
        let removal = try Executable.run(
            ["results", "remove", "--of-version", RunProvenance.version, "--store", "x.sqlite"], in: workspace)
        #expect(removal.status == 0, "\(removal.errors)")
        let run = try Executable.run(quick + ["--output", "out", "--store", "x.sqlite"], in: workspace)
        #expect([0, 1].contains(run.status), "\(run.errors)")
        #expect(
            try texts(page(workspace), "//section[@id='training']/p") == [
                "x.sqlite holds no finished run of a study of training."
            ])
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
        (["--output", "/dev/null/x"], 74), (["--output", "o", "--store", "./o/index.html"], 64),
        (["--output", "o", "--data", "fashion-mnist", "--data-directory", "/nowhere"], 65),
    ])
    func bad(options: [String], status: Int) throws {
        let run = try Executable.run(["report", "--quiet", "--theorem-cases", "1", "--claim-cases", "1"] + options)
        #expect(Int(run.status) == status, "\(run.errors)")
        #expect(run.output.isEmpty)
    }
}
