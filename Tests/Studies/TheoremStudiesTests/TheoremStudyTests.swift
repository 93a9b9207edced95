import Documents
import Foundation
import PropertyTesting
import Testing
import TheoremStudies
import Theorems

/// What becomes of theorems and claims of known outcome: words, tables, paragraphs, lines.
@Suite("Theorem studies")
struct TheoremStudyTests {
    private func study(_ theorems: [Theorem], claims: [String] = [], threads: Int = 1) -> TheoremStudy {
        TheoremStudy(
            theorems: theorems, claims: claims.compactMap { Claim.named($0) }, claimCases: 40, threads: threads)
    }

    private func text(_ table: Table, _ column: String) throws -> [String] {
        let index = try #require(table.columns.firstIndex { $0.key == column })
        return table.rows.map { if case .text(let text) = $0[index] { text } else { "" } }
    }

    private func paragraphs(_ document: Document) -> [String] {
        document.blocks.compactMap { if case .paragraph(let text) = $0 { text } else { nil } }
    }

    @Test func `a theorem that holds, with its worst case and what was discarded`() throws {
        var advanced = 0
        let study = study([PlantedTheorem.numbersBelow(1000)])
        let results = study.run { advanced += 1 }
        #expect(study.caseCount == 40 && advanced == 40)
        #expect(results.isAsExpected && results.theorems.map(\.word) == ["holds"])
        let table = try results.verdictTable()
        #expect(try text(table, "verdict") == ["holds"])
        let worst = try #require(results.theorems[0].report.worst)
        let measured = results.theorems[0].records.compactMap { $0.measurements["n"] }
        #expect(worst.margin == (measured.max() ?? 0) / 1000)
        #expect(table.rows[0].contains(.number(worst.margin)))
        let discards = results.theorems[0].records.count - 40
        #expect(discards > 0)
        let words = paragraphs(try results.document([:]))
        #expect(words.count == 1 && words[0].hasPrefix("T5 discarded "))
        #expect(words[0].hasSuffix("of the cases drawn: \(discards) odd."))
    }

    @Test func `a theorem that fails, with its smallest counterexample`() throws {
        let results = study([PlantedTheorem.numbersBelow(100)]).run()
        #expect(!results.isAsExpected && results.theorems.map(\.word) == ["FAILS"])
        let words = paragraphs(try results.document([:]))
        let failure = try #require(words.first)
        #expect(failure.contains("nothing smaller fails") && failure.contains("for n = 102, \"even\"."))
        #expect(words.contains("T5: n is 102"))
        let token = try #require(failure.split(separator: " ").first { $0.hasPrefix("pt1c-") })
        let replay = CaseReplay(
            PlantedTheorem.numbersBelow(100), token: try ReplayToken(parsing: token.filter { $0 != ";" }))
        #expect(replay.isFailure)
        let document = replay.document([:])
        #expect(paragraphs(document)[0] == "Case: n = 102, \"even\"")
        #expect(paragraphs(document)[1].hasPrefix("Verdict: violated"))
    }

    @Test func `margins in a chart: a mark for each theorem, its verdict, the tolerance`() throws {
        let results = study([PlantedTheorem.numbersBelow(1000), PlantedTheorem.numbersBelow(100)]).run()
        guard case .dots(let plot) = try results.verdictTable().charts[0].content else { throw Unexpected() }
        #expect(plot.rows.map(\.verdict) == [.good, .bad])
        #expect(plot.rows.map(\.value) == results.theorems.map(\.report.worst?.margin))
        #expect(plot.limit?.value == 1)
    }

    @Test func `a mutant that is caught, and one that survives`() throws {
        let good = study([PlantedTheorem.numbersBelow(1000, mutants: [PlantedTheorem.caught])])
        #expect(try good.runMutants().areAllCaught)
        let blind = study(
            [PlantedTheorem.numbersBelow(1000, mutants: [PlantedTheorem.caught, PlantedTheorem.survivor])])
        var advanced = 0
        let results = try blind.runMutants { advanced += 1 }
        #expect(advanced == 2 && blind.mutantCount == 2)
        #expect(!results.areAllCaught && results.tables.count == 1)
        #expect(try text(results.tables[0], "verdict") == ["caught", "SURVIVES"])
        #expect(results.tables[0].rows[1][3] == .integer(40))
    }

    @Test func `a claim: its conditions, population and counterexample`() throws {
        let results = study([], claims: ["C4"]).run()
        let claim = try #require(Claim.named("C4"))
        let headlines = claim.conditions.filter(\.isHeadline)
        #expect(try text(results.findingsTable(), "condition") == headlines.map(\.words))
        #expect(try text(results.findingsTable(allConditions: true), "condition") == claim.conditions.map(\.words))
        // Forty cases cannot show a rate of 95 %.
        #expect(results.claims.map(\.word) != ["exhausted"])
        let document = try results.document([:], regions: true)
        #expect(document.blocks.first == .section("Claims"))
        #expect(paragraphs(document).contains("C4 \(claim.title). Population: \(claim.population)."))
        let counterexample = try #require(results.claims[0].report.counterexample)
        #expect(paragraphs(document).contains { $0.hasSuffix("Replay: \(counterexample.token)") })
        // Regions partition the cases, whatever they are divided by.
        for rates in results.claims[0].report.rates {
            for regions in rates.regions {
                #expect(regions.reduce(0) { $0 + $1.trials } == rates.overall.trials)
            }
        }
        let replay = try CaseReplay(claim, token: counterexample.token)
        #expect(!replay.isFailure, "a counterexample to a claim is no failure")
        #expect(replay.document([:]).blocks.last.map { if case .table(let table) = $0 { table.rows.count } else { 0 } }
            == claim.conditions.count)
    }

    @Test func `one table by paper, with verdicts and proofs`() throws {
        let claims = ["C18", "C9"]
        let results = study([PlantedTheorem.numbersBelow(1000)], claims: claims).run()
        let table = try results.paperTable()
        // The planted theorem, called T5, is this project's own, which come last.
        #expect(try text(table, "paper") == ["Alonso 2022", "Zahid 2023", "this project"])
        #expect(try text(table, "id") == ["C9", "C18", "T5"])
        #expect(try text(table, "proof") == ["machine-checked", "", "machine-checked"])
        #expect(try text(table, "verdict").last == "holds")
        // Claims about training stand beside all others only: T5 and two claims are a choice.
        #expect(table.rows.count == 3)
        guard case .table = try results.paperDocument([:]).blocks[0] else { throw Unexpected() }
    }

    @Test func `one line for each case drawn, with quotes where CSV needs them`() throws {
        let results = study([PlantedTheorem.numbersBelow(1000)], claims: ["C9"]).run()
        let lines = results.caseLines.split(separator: "\n")
        #expect(lines[0] == "id,case,verdict,margin,token,labels,measurements")
        let cases = results.theorems[0].records.count + results.claims[0].records.count
        #expect(lines.count == 1 + cases)
        #expect(lines.count { $0.hasPrefix("T5,") && $0.contains(",held,") } == 40)
        #expect(lines.contains { $0.hasPrefix("T5,") && $0.contains(",discarded: odd,,") })
    }

    @Test func `results do not depend on the number of threads`() throws {
        let one = study([PlantedTheorem.numbersBelow(1000)], claims: ["C2"], threads: 1).run()
        let two = study([PlantedTheorem.numbersBelow(1000)], claims: ["C2"], threads: 2).run()
        #expect(one.caseLines == two.caseLines)
        #expect(try one.findingsTable(allConditions: true) == two.findingsTable(allConditions: true))
    }

    private struct Unexpected: Error {}
}
