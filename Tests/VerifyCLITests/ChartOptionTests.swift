import Foundation
import FoundationXML
import Testing

/// `--chart` from outside: files, formats, and what happens without the programs that draw.
@Suite("--chart")
struct ChartOptionTests {
    private let table = [
        "table", "--cases", "2", "--alpha", "0.01,0.1,1", "--quiet", "--rules", "bp,il-prox-equilibrium,il-exact",
        "--measures", "relative-distance",
    ]

    @Test func `draws SVG, PNG and a specification, the same ones every time`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            table + ["--chart", "a.svg", "--chart", "a.png", "--chart", "a.vl.json", "--chart", "B.SVG"],
            in: workspace)
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(workspace.names == ["B.SVG", "a.png", "a.svg", "a.vl.json"])
        #expect(try workspace.text("a.svg") == workspace.text("B.SVG"))
        let svg = try XMLDocument(data: Data(try workspace.text("a.svg").utf8))
        let texts = try svg.nodes(forXPath: "//*[local-name()='text']").compactMap {
            $0.stringValue?.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        for text in ["bp", "il-prox-equilibrium", "il-exact (0)", "slope 1 (T6, T9)", "learning rate α"] {
            #expect(texts.contains(text), "\(text)")
        }
        let first = try Data(contentsOf: URL(fileURLWithPath: workspace.path("a.png")))
        _ = try Executable.run(table + ["--chart", "a.png", "--threads", "1"], in: workspace)
        #expect(try Data(contentsOf: URL(fileURLWithPath: workspace.path("a.png"))) == first)
    }

    @Test func `each measure has a chart, the first under the name that was given`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            table + ["--measures", "proximal-gap,cosine", "--chart", "gap.vl.json"], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        #expect(workspace.names == ["gap-2.vl.json", "gap.vl.json"])
        let text = try workspace.text("gap.vl.json")
        #expect(text.contains("slope 2 (T6, T9)") && text.contains("Proximal gap"))
        let second = try workspace.text("gap-2.vl.json")
        #expect(second.contains("Cosine") && !second.contains("slope") && !second.contains("Proximal gap"))
    }

    @Test func `theorems are drawn by their margins`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(
            ["theorems", "T1", "T5", "--cases", "5", "--quiet", "--chart", "m.svg"], in: workspace)
        #expect(run.status == 0)
        let svg = try workspace.text("m.svg")
        #expect(svg.contains("T1  Minimum-norm local update") && svg.contains("tolerance"))
        let mutants = try Executable.run(["theorems", "--mutants", "--chart", "m.svg"], in: workspace)
        #expect(mutants.status == 64)
    }

    @Test func `an unknown format is wrong usage`() throws {
        for name in ["a.eps", "svg", "", "a.json"] {
            let run = try Executable.run(table + ["--chart", name])
            #expect(run.status == 64 && run.output.isEmpty)
            #expect(run.errors.contains(".svg, .pdf, .png, .html, .vl.json"))
        }
    }

    @Test func `a missing program is said before the work begins`() throws {
        let workspace = try Workspace()
        for (name, package) in [("a.svg", "gnuplot-nox"), ("a.png", "gnuplot-nox"), ("a.html", "vl-convert-python")] {
            let run = try Executable.run(
                table + ["--chart", name], in: workspace,
                environment: ["PATH": workspace.directory.path, "VERIFY_CLI_PYTHON": ""])
            #expect(run.status == 69 && run.output.isEmpty)
            #expect(run.errors.contains(package), "\(run.errors)")
        }
        let python = try Executable.run(
            table + ["--chart", "a.html"], in: workspace, environment: ["VERIFY_CLI_PYTHON": "/bin/true"])
        #expect(python.status == 69 && python.errors.contains("no vl_convert"))
        let own = try Executable.run(
            table + ["--chart", "a.vl.json"], in: workspace,
            environment: ["PATH": workspace.directory.path])
        #expect(own.status == 0)
        #expect(workspace.names == ["a.vl.json"])
    }

    @Test func `a directory that is not there is bad data and leaves nothing behind`() throws {
        let workspace = try Workspace()
        let run = try Executable.run(table + ["--chart", "nowhere/a.vl.json"], in: workspace)
        #expect(run.status == 74 && run.errors.contains("nowhere/a.vl.json"))
        #expect(workspace.names.isEmpty)
    }

    private static let training = ["--sizes", "64-8-10", "--iterations", "60", "--seeds", "2", "--test-examples", "50"]

    @Test("studies are drawn from their stores", arguments: [
        (["stability", "--rules", "bp,il-prox", "--alpha", "0.1,1"] + Self.training, ["learning rate α", "bp", "il-prox"]),
        (["convergence", "--rules", "bp", "--alpha", "0.1", "--batch-sizes", "1"] + Self.training, ["iteration", "bp, α = 0.1"]),
        (["autoencoder", "--rules", "bp", "--alpha", "0.1", "--batch-sizes", "1", "--sizes", "64-8-64",
          "--iterations", "60", "--seeds", "2", "--test-examples", "50"], ["iteration", "test loss"]),
        (["trajectory", "--rules", "bp,il-exact", "--alpha", "0.1"] + Self.training, ["iteration", "bp, α = 0.1"]),
        (["phase", "--cases", "2", "--alpha", "0.1,10", "--steps", "5,25", "--depths", "1", "--widths", "8",
          "--rules", "bp,il-prox"], ["α", "steps"]),
    ])
    func studies(command: [String], expected: [String]) throws {
        let workspace = try Workspace()
        let first = try Executable.run(command + ["--quiet", "--chart", "a.svg"], in: workspace)
        #expect(first.status == 0, "\(first.errors)")
        let svg = try XMLDocument(data: Data(try workspace.text("a.svg").utf8))
        let texts = try svg.nodes(forXPath: "//*[local-name()='text']").compactMap {
            $0.stringValue?.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        for text in expected { #expect(texts.contains(text), "\(text) in \(texts)") }
        // A second chart of the same store, without running anything, has the same bytes.
        let second = try Executable.run(
            command + ["--quiet", "--tables-only", "--chart", "b.svg"], in: workspace)
        #expect(second.status == 0, "\(second.errors)")
        #expect(try workspace.text("a.svg") == workspace.text("b.svg"))
        #expect(command[0] != "phase" || workspace.exists("a-2.svg"))
    }

    @Test func `a share of a study has no chart`() throws {
        let run = try Executable.run(["stability", "--shard", "1/2", "--chart", "a.svg"])
        #expect(run.status == 64 && run.errors.contains("--shard"))
    }
}
