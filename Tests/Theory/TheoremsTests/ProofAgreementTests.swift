import Foundation
import Testing
import Theorems

/// A theorem has three faces with one name: the executable check, the page for people, the Coq proof. So has a claim:
/// the survey, and page and proof of a network on which the claim fails.
///
/// What the pages claim is compared with `Proofs/STATUS.md`, which only the proof checker writes (`make proofs`).
@Suite("Agreement of theorems, pages and proofs")
struct ProofAgreementTests {
    static let stems = Theorem.all.map(\.identifier.stem)
        + Claim.all.map(\.identifier).filter { $0.refutation != nil }.map(\.stem)

    @Test("The registries, the pages, the Coq files and the status tables name the same theorems and claims")
    func sameTheorems() throws {
        let folder = try ProofFolder()
        #expect(Set(folder.stems(withExtension: "md")) == Set(Self.stems))
        #expect(folder.statusRows.map(\.stem) == Self.stems)
        let proved = folder.statusRows.filter { $0.status != "proved on paper" }.map(\.stem)
        #expect(Set(folder.stems(withExtension: "v")) == Set(proved))
    }

    @Test("A page claims the status that the checker's table gives it", arguments: stems)
    func sameStatus(_ stem: String) throws {
        let folder = try ProofFolder()
        let row = try #require(folder.statusRows.first { $0.stem == stem })
        let lines = try folder.text(stem + ".md").split(separator: "\n").filter { $0.hasPrefix("Status: ") }
        let line = try #require(lines.first)
        #expect(lines.count == 1)
        // A longer line says after the first full stop what stays on paper.
        #expect(line.dropFirst("Status: ".count).prefix { $0 != "." } == row.status)
        #expect((line.contains(".")) == (row.status == "partly machine-checked"))
    }

    @Test("The registries say of each statement what the checker's table says")
    func registeredStatus() throws {
        let registered = Theorem.all.map { ($0.identifier.stem, $0.identifier.proof) }
            + Claim.all.compactMap { claim in claim.identifier.refutation.map { (claim.identifier.stem, $0) } }
        let rows = try ProofFolder().statusRows
        #expect(registered.map(\.1.rawValue) == rows.map(\.status))
        #expect(registered.map(\.0) == rows.map(\.stem))
    }

    @Test("The results show the checker's table, assumptions included")
    func resultsTable() throws {
        let folder = try ProofFolder()
        let page = try String(
            contentsOf: folder.root.appending(path: "docs/results/proofs.md"), encoding: .utf8)
        let shown = Set(page.split(separator: "\n").map(String.init))
        #expect(folder.tableLines.count == Self.stems.count + 2)
        let missing = folder.tableLines.map { $0.replacing("](", with: "](../../Proofs/") }.filter { !shown.contains($0) }
        #expect(missing.isEmpty)
    }

    @Test("A page names its executable theorem and its main Coq theorem, and both exist", arguments: stems)
    func counterparts(_ stem: String) throws {
        let folder = try ProofFolder()
        let page = try folder.text(stem + ".md")
        let found = try #require(page.firstMatch(of: /Sources\/Theory\/Theorems\/[A-Za-z0-9]+\/[A-Za-z0-9_]+\.swift/))
        let source = String(found.0)
        #expect(source.hasSuffix("/\(stem).swift"))
        #expect(FileManager.default.fileExists(atPath: folder.root.appending(path: source).path))
        let row = try #require(folder.statusRows.first { $0.stem == stem })
        guard row.status != "proved on paper" else { return }
        #expect(page.contains("`\(row.constant)`"))
        let proof = try folder.text(stem + ".v").split(separator: "\n")
        #expect(proof.contains { $0.hasPrefix("Theorem \(row.constant) ") })
    }
}

/// The folder `Proofs` of this checkout.
private struct ProofFolder {
    /// One row of `STATUS.md`: `| [T01](stem.md) | status | [`constant`](stem.v) | assumptions |`.
    struct StatusRow: Equatable {
        let stem: String
        let status: String
        let constant: String
    }

    let root: URL
    let statusRows: [StatusRow]
    /// The rows of the tables of `STATUS.md` as they stand there, without headings.
    let tableLines: [String]
    private let names: [String]
    private let folder: URL

    init() throws {
        root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        folder = root.appending(path: "Proofs")
        names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let table = try String(contentsOf: folder.appending(path: "STATUS.md"), encoding: .utf8)
        tableLines = table.split(separator: "\n").filter { $0.hasPrefix("| [") }.map(String.init)
        statusRows = table.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("| [T") || line.hasPrefix("| [C") else { return nil }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count > 4, let link = cells[1].split(separator: "(").last else { return nil }
            let constant = cells[3].split(separator: "`")
            return StatusRow(
                stem: String(link.dropLast(".md)".count)), status: cells[2],
                constant: constant.count > 1 ? String(constant[1]) : "")
        }
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    /// The stems of the theorems' and claims' files with an extension; `README.md`, `Network.v` and the like are none.
    func stems(withExtension suffix: String) -> [String] {
        names.filter { $0.hasSuffix("." + suffix) && $0.wholeMatch(of: /[TC][0-9].*/) != nil }
            .map { String($0.dropLast(suffix.count + 1)) }
    }
}
