import Charts
import Documents
import Theorems

/// The section of a report on theorems: verdicts, margins, and for each theorem what it says, what was
/// measured and where its proof and its check are.
struct ReportTheorems {
    let verdicts: [TheoremRun.Verdict]
    let sources: ReportSources

    func section(_ pictures: ReportPictures) throws -> HTMLPage.Section {
        let statements = pictures.formulas(verdicts.map(\.theorem.statement))
        let status = sources.proofStatus()
        var elements: [HTMLPage.Element] = [
            .paragraph(
                "Each theorem is checked on random networks or matrices, many of them degenerate on purpose. "
                    + "A margin is the deviation from what the theorem says in units of a tolerance that is "
                    + "derived from rounding and from the certificate of the solve; at most 1 holds."),
            .table(try table(status)), pictures.figure(TheoremRun.chart(verdicts)),
        ]
        for (verdict, statement) in zip(verdicts, statements) {
            elements.append(.markup(article(verdict, statement, status)))
        }
        return HTMLPage.Section("theorems", heading: "Theorems", elements: elements)
    }

    private func table(_ status: [TheoremIdentifier: String]) throws -> Table {
        var columns = [
            Column("id", format: .text, identifiesRow: true), Column("title", format: .text),
            Column("verdict", format: .text), Column("cases", format: .integer),
            Column("discarded", format: .integer),
            Column("worstMargin", title: "worst margin", format: .significant(2)),
        ]
        if !status.isEmpty { columns.append(Column("proof", format: .text)) }
        var table = try Table(title: "Verdicts", columns: columns)
        for verdict in verdicts {
            let report = verdict.report
            var row: [Cell] = [
                .text(verdict.theorem.identifier.name), .text(verdict.theorem.title),
                .text(verdict.word), .integer(report.cases), .integer(report.discards),
                report.worst.map { .number($0.margin) }
                    ?? .missing(reason: "no case returned a margin"),
            ]
            if !status.isEmpty { row.append(.text(status[verdict.theorem.identifier] ?? "–")) }
            try table.append(row)
        }
        return table
    }

    private func article(
        _ verdict: TheoremRun.Verdict, _ statement: String, _ status: [TheoremIdentifier: String]
    ) -> String {
        let theorem = verdict.theorem
        let name = theorem.identifier.name
        let tone: ReportArticle.Tone =
            switch verdict.report.outcome {
            case .passed: .good
            case .failed: .bad
            case .exhausted: .unsure
            }
        var facts: [(String, String)] = [
            ("Supposes", theorem.hypotheses.joined(separator: " ").xmlEscaped),
            ("Measured", theorem.quantity.xmlEscaped), ("Must be", theorem.bound.xmlEscaped),
            ("Tolerance", theorem.tolerance.xmlEscaped),
        ]
        if let worst = verdict.report.worst {
            facts.append((
                "Worst case",
                "margin \(NumberFormat.significant(2).string(worst.margin)); "
                    + "<code>verify-cli theorems \(name) --replay \("\(worst.token)".xmlEscaped)</code>"
            ))
        }
        facts.append(("Statement by", theorem.source == .paper ? "the paper" : "this project"))
        let links = self.links(theorem.identifier, status)
        if !links.isEmpty { facts.append(("Files", links)) }
        let remarks = TheoremRun.remarks(verdict).compactMap { block -> String? in
            guard case .paragraph(let text) = block else { return nil }
            return text
        }
        return ReportArticle(
            name: name, title: theorem.title, verdict: verdict.word, tone: tone,
            statement: statement, facts: facts, remarks: remarks
        ).markup
    }

    private func links(
        _ theorem: TheoremIdentifier, _ status: [TheoremIdentifier: String]
    ) -> String {
        let files: [(String, String)] = [
            ("proof", "Proofs/\(theorem.stem).md"), ("Coq", "Proofs/\(theorem.stem).v"),
            ("check", "Sources/Theory/Theorems/Alonso2022/\(theorem.stem).swift"),
            ("test", "Tests/Theory/TheoremsTests/TheoremTests.swift"),
        ]
        return files.compactMap { label, path in
            sources.address(path).map { "<a href=\"\($0.xmlEscaped)\">\(label)</a>" }
        }.joined(separator: " · ")
    }
}
