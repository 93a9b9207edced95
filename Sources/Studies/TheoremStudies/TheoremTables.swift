public import Documents
internal import PropertyTesting
internal import Theorems

extension TheoremResults {
    /// Verdicts and findings, with a paragraph for whatever needs words, and with `regions` the rates of all conditions,
    /// region by region.
    public func document(_ provenance: Provenance, regions: Bool = false) throws(TableError) -> Document {
        var document = Document(title: "Theorems and claims", provenance: provenance)
        if !theorems.isEmpty {
            document.appendTable(try verdictTable())
            for remark in theorems.flatMap(\.remarks) { document.appendParagraph(remark) }
        }
        if !claims.isEmpty {
            document.appendSection("Claims")
            document.appendTable(try findingsTable(allConditions: regions))
            for result in claims {
                for remark in result.remarks { document.appendParagraph(remark) }
                if regions { for table in try result.regionTables() { document.appendTable(table) } }
            }
        }
        return document
    }

    /// The verdict on each theorem, with the worst margin and how to replay it; and the margins as a chart.
    public func verdictTable() throws(TableError) -> Table {
        var table = try Table(
            title: "Verdicts",
            columns: [
                Column("id", format: .text, identifiesRow: true), Column("title", format: .text),
                Column("paper", format: .text), Column("verdict", format: .text), Column("cases", format: .integer),
                Column("discarded", format: .integer),
                Column("worstMargin", title: "worst margin", format: .significant(2)),
                Column("seconds", title: "time", format: .seconds),
                Column("token", title: "replay token of the worst", format: .text),
            ])
        for result in theorems {
            let report = result.report
            let none = Cell.missing(reason: "no case returned a margin")
            // The token of a shrunk counterexample may be long; it stands in its paragraph.
            try table.append([
                .text(result.theorem.identifier.name), .text(result.theorem.title),
                .text(result.theorem.paper.rawValue), .text(result.word), .integer(report.cases), .integer(report.discards),
                report.worst.map { .number($0.margin) } ?? none, .number(result.seconds),
                report.worst.map { .text("\($0.token)") } ?? none,
            ])
        }
        table.charts = [marginChart]
        return table
    }

    /// The worst margin of each theorem beside the tolerance.
    private var marginChart: Chart {
        let rows = theorems.map { result in
            let kind: DotPlot.Verdict =
                switch result.report.outcome {
                case .passed: .good
                case .failed: .bad
                case .exhausted: .undecided
                }
            return DotPlot.Row(
                "\(result.theorem.identifier.name)  \(result.theorem.title)",
                value: result.report.worst?.margin, verdict: kind)
        }
        // Below a ten-thousandth of the tolerance it does not matter how far.
        let largest = rows.compactMap(\.value).filter(\.isFinite).max() ?? 1
        let cases = theorems.reduce(0) { $0 + $1.report.cases }
        return Chart(
            title: "Worst margin of each theorem",
            subtitle: "Deviation in units of the derived tolerance; at most 1 holds; \(cases) random cases",
            content: .dots(
                DotPlot(
                    x: Axis("worst margin", .logarithmic, range: 1e-4...max(3, 2 * largest)), rows: rows,
                    limit: (1, "tolerance"),
                    verdictLabels: [.good: "holds", .bad: "fails", .undecided: "exhausted"])))
    }
}

extension TheoremResult {
    /// What needs words: counterexamples, discards, cases without an exact update, unreadable stored failures.
    package var remarks: [String] {
        let name = theorem.identifier.name
        var remarks: [String] = []
        if let counterexample = report.counterexample {
            let end = counterexample.isFullyShrunk ? "nothing smaller fails" : "may be reducible"
            remarks.append(
                "\(name) fails, \(counterexample.verdict) (\(end)), for \(counterexample.description). Replay: "
                    + "\(counterexample.token); as found: \(counterexample.originalToken)")
            remarks += counterexample.notes.map { "\(name): \($0)" }
        }
        if let discarded = report.discardRemark(of: name) { remarks.append(discarded) }
        let withoutCertificate = report.labels.count("solve without certificate")
        if withoutCertificate > 0 {
            remarks.append(
                "\(name): \(withoutCertificate) cases ran without an exact update, for the part that needs none.")
        }
        return remarks + (report.corpus?.problems ?? []).map { "\(name): stored failures: \($0)" }
    }
}

extension PropertyReport {
    /// Which share of the cases drawn was discarded, and why; `nil` if none was.
    func discardRemark(of name: String) -> String? {
        guard discards > 0 else { return nil }
        let reasons = discardReasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let share = Double(discards) / Double(discards + cases)
        return "\(name) discarded \(NumberFormat.percent.string(share)) of the cases drawn: "
            + "\(reasons.joined(separator: "; "))."
    }
}
