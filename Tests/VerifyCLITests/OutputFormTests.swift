import Foundation
import Testing

/// What the surroundings and the form of a word change in the output of the built program, and what they do not.
@Suite struct OutputFormTests {
    private static let table = [
        "table", "--data", "gaussian", "--sizes", "3-4-2", "--cases", "2", "--rules", "bp", "--quiet", "--measures",
        "cosine",
    ]

    @Test("a page is as wide as COLUMNS says; what is no width counts as 100", arguments: [
        ("200", 0, 200), ("40", 3, 40), ("0", 2, 100), ("wide", 2, 100),
    ])
    func pageWidth(columns: String, parts: Int, width: Int) throws {
        let run = try Executable.run(Self.table, environment: ["COLUMNS": columns])
        #expect(run.status == 0)
        let found = run.lines.filter { $0.contains("(part ") }.count
        #expect(parts == 0 ? found == 0 : found >= parts, "\(run.output)")
        #expect(run.lines.prefix { $0 != "Provenance" }.allSatisfy { $0.count <= width })
    }

    /// Guards: escape sequences where nobody reads them; `script` is a terminal, and util-linux has it everywhere.
    @Test("titles are bold on a terminal, unless NO_COLOR is set", arguments: [(nil, true), ("", true), ("1", false)])
    func styles(noColor: String?, isStyled: Bool) throws {
        let workspace = try Workspace()
        let run = try RunningProgram(
            Self.table, in: workspace, environment: ["NO_COLOR": noColor],
            shell: ["sh", "-c", "script -qec \"$(printf '%s ' \"$0\" \"$@\")\" /dev/null"]
        ).end()
        #expect(run.status == 0)
        #expect(run.output.contains("\u{1B}[1m") == isStyled)
        #expect(try !Executable.run(Self.table).output.contains("\u{1B}"))
    }

    @Test func `names are taken in capitals too`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.deep())
        func output(_ activation: String, _ loss: String, _ rules: String, _ format: String) throws -> String {
            let run = try Executable.run(
                ["compare", path, "--activation", activation, "--loss", loss, "--rules", rules, "--format", format],
                in: workspace)
            #expect(run.status == 0, "\(run.errors)")
            return run.output.components(separatedBy: "\r\n").filter { !$0.contains("provenance") && !$0.contains("econds") }
                .joined(separator: "\n")
        }
        #expect(try output("TanH", "Squared-Error", "BP,IL-prox", "CSV")
            == output("tanh", "squared-error", "bp,il-prox", "csv"))
    }

    /// Guards: a verdict about another network than the user's.
    @Test("a network of unknown activation is not guessed", arguments: [
        ["prox", "case.safetensors"], ["compare", "case.safetensors"], ["audit", "case.safetensors", "case.safetensors"],
    ])
    func unknownActivation(arguments: [String]) throws {
        let workspace = try Workspace()
        try workspace.write(CaseFixtures.deep())
        let run = try Executable.run(arguments, in: workspace)
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("case.safetensors does not say the hidden activation: give --activation (identity,"))
        try workspace.write(CaseFixtures.deep(), metadata: ["activation": "tanh"])
        #expect(try Executable.run(arguments, in: workspace).status == 0)
        try workspace.write(CaseFixtures.linear)
        #expect(try Executable.run(arguments + ["--loss", "squared-error"], in: workspace).status == 0)
    }

    @Test("the case is not replaced by its new weights, under whatever name", arguments: [
        "case.safetensors", "./d/../case.safetensors", "link",
    ])
    func outputOntoTheCase(name: String) throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        try FileManager.default.createDirectory(atPath: workspace.path("d"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: workspace.path("link"), withDestinationPath: path)
        let before = try Data(contentsOf: workspace.directory.appending(path: path))
        let run = try Executable.run(["prox", path, "--loss", "squared-error", "--output", name], in: workspace)
        #expect(run.status == 64)
        #expect(run.errors.contains("--output is the case itself"))
        #expect(try Data(contentsOf: workspace.directory.appending(path: path)) == before)
    }

    @Test("a claim about training names the study that judges it", arguments: [
        ("C5", "stability"), ("c7", "convergence"), ("C8", "autoencoder"),
    ])
    func claimsAboutTraining(name: String, command: String) throws {
        let run = try Executable.run(["theorems", name])
        #expect(run.status == 64)
        #expect(run.errors.contains("\(name.uppercased()) is a claim about training, which 'verify-cli \(command)'"))
    }
}
