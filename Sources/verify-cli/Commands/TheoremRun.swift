import Charts
import Foundation
import PropertyTesting
import Documents
import Theorems

/// Runs theorems and makes their verdict table.
struct TheoremRun {
    /// The cases of each theorem; nil means its own default.
    let cases: Int?
    let settings: CheckSettings
    let threads: Int
    let corpus: Corpus?

    struct Verdict {
        let theorem: Theorem
        let report: PropertyReport
        let seconds: Double
        let records: [CaseRecord]

        var word: String {
            switch report.outcome {
            case .passed: "holds"
            case .failed: "FAILS"
            case .exhausted: "exhausted"
            }
        }
    }

    /// How many cases were discarded for which reasons; nil if none was.
    static func discards(_ report: PropertyReport) -> String? {
        guard !report.discardReasons.isEmpty else { return nil }
        return report.discardReasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            .joined(separator: "; ")
    }

    private func settings(for theorem: Theorem) -> CheckSettings {
        var settings = settings
        settings.cases = cases ?? theorem.defaultCases
        return settings
    }

    func verdict(_ theorem: Theorem, advance: () -> Void) -> Verdict {
        let clock = ContinuousClock()
        let began = clock.now
        var records: [CaseRecord] = []
        let report = theorem.check(settings(for: theorem), threads: threads, corpus: corpus) {
            records.append($0)
            if case .discarded = $0.verdict { return }
            advance()
        }
        return Verdict(
            theorem: theorem, report: report, seconds: (clock.now - began) / .seconds(1),
            records: records)
    }

    /// The verdict table, and a paragraph for whatever needs words.
    static func blocks(_ verdicts: [Verdict]) throws -> [Document.Block] {
        [.table(try table(verdicts))] + verdicts.flatMap(remarks)
    }

    private static func table(_ verdicts: [Verdict]) throws -> Table {
        var table = try Table(
            title: "Verdicts",
            columns: [
                Column("id", format: .text, identifiesRow: true), Column("title", format: .text),
                Column("verdict", format: .text), Column("cases", format: .integer),
                Column("discarded", format: .integer),
                Column("worstMargin", title: "worst margin", format: .significant(2)),
                Column("seconds", title: "time", format: .seconds),
                Column("token", title: "replay token of the worst", format: .text),
            ])
        for verdict in verdicts {
            let report = verdict.report
            let none = Cell.missing(reason: "no case returned a margin")
            // The token of a shrunk counterexample may be long; it stands in its paragraph.
            try table.append([
                .text(verdict.theorem.identifier.name), .text(verdict.theorem.title),
                .text(verdict.word), .integer(report.cases), .integer(report.discards),
                report.worst.map { .number($0.margin) } ?? none, .number(verdict.seconds),
                report.worst.map { .text("\($0.token)") } ?? none,
            ])
        }
        return table
    }

    /// What needs words: counterexamples, discards, cases without an exact update, unreadable stored failures.
    static func remarks(_ verdict: Verdict) -> [Document.Block] {
        let report = verdict.report
        let name = verdict.theorem.identifier.name
        var blocks: [Document.Block] = []
        if let counterexample = report.counterexample {
            let end = counterexample.isFullyShrunk ? "nothing smaller fails" : "may be reducible"
            blocks.append(
                .paragraph(
                    "\(name) fails, \(counterexample.verdict) (\(end)), for "
                        + "\(counterexample.description). Replay: \(counterexample.token); as found: "
                        + "\(counterexample.originalToken)"))
            blocks += counterexample.notes.map { .paragraph("\(name): \($0)") }
        }
        if let discarded = discards(report) {
            let share = Double(report.discards) / Double(max(1, report.discards + report.cases))
            blocks.append(
                .paragraph(
                    "\(name) discarded \(NumberFormat.percent.string(share)) of the cases drawn: \(discarded)."))
        }
        let withoutCertificate = report.labels.count("solve without certificate")
        if withoutCertificate > 0 {
            blocks.append(
                .paragraph("\(name): \(withoutCertificate) cases ran without an exact update, for the part that needs none."))
        }
        for problem in report.corpus?.problems ?? [] {
            blocks.append(.paragraph("\(name): stored failures: \(problem)"))
        }
        return blocks
    }

    /// The worst margin of each theorem beside the tolerance.
    static func chart(_ verdicts: [Verdict]) -> Chart {
        let rows = verdicts.map { verdict in
            let kind: DotPlot.Verdict =
                switch verdict.report.outcome {
                case .passed: .good
                case .failed: .bad
                case .exhausted: .undecided
                }
            return DotPlot.Row(
                "\(verdict.theorem.identifier.name)  \(verdict.theorem.title)",
                value: verdict.report.worst?.margin, verdict: kind)
        }
        // Below a ten-thousandth of the tolerance it does not matter how far.
        let largest = rows.compactMap(\.value).filter(\.isFinite).max() ?? 1
        let range = 1e-4...max(3, 2 * largest)
        let cases = verdicts.reduce(0) { $0 + $1.report.cases }
        return Chart(
            title: "Worst margin of each theorem",
            subtitle: "Deviation in units of the derived tolerance; at most 1 holds; \(cases) random cases",
            content: .dots(
                DotPlot(
                    x: Axis("worst margin", .logarithmic, range: range), rows: rows,
                    limit: (1, "tolerance"),
                    verdictLabels: [.good: "holds", .bad: "fails", .undecided: "exhausted"])))
    }

    /// How many cases it took to catch each mutant.
    func mutantTable(
        _ theorems: [Theorem], advance: () -> Void
    ) throws -> (table: Table, isGood: Bool) {
        var table = try Table(
            title: "Mutants",
            columns: [
                Column("id", format: .text, identifiesRow: true),
                Column("mutant", format: .text, identifiesRow: true),
                Column("verdict", format: .text), Column("cases", title: "cases until caught", format: .integer),
                Column("margin", format: .significant(2)),
            ])
        var isGood = true
        for theorem in theorems {
            for mutant in theorem.mutants {
                var settings = settings(for: theorem)
                settings.shrinkLimit = 0
                let report = mutant.property.check(settings, threads: threads)
                advance()
                let found = report.counterexample
                if found == nil { isGood = false }
                let none = Cell.missing(reason: "not a number, or no case returned a margin")
                try table.append([
                    .text(theorem.identifier.name), .text(mutant.name),
                    .text(found == nil ? "SURVIVES" : "caught"), .integer(report.cases),
                    (found?.verdict.margin ?? report.worst?.margin).map { .number($0) } ?? none,
                ])
            }
        }
        return (table, isGood)
    }
}
