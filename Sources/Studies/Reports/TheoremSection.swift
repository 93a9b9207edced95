internal import Documents
internal import PropertyTesting
internal import TheoremStudies
internal import Theorems

/// The section of a report on theorems: verdicts, margins, and for each theorem what it says, what was
/// measured and where its proof and its check are.
struct TheoremSection {
    let results: TheoremResults
    let sources: ReportSources

    func section(_ pictures: ReportPictures) throws -> HTMLPage.Section {
        let statements = pictures.formulas(results.theorems.map(\.theorem.statement))
        let status = sources.proofStatus()
        var elements: [HTMLPage.Element] = [
            .paragraph(
                "Each theorem is checked on random networks or matrices, many of them degenerate on purpose. "
                    + "A margin is the deviation from what the theorem says in units of a tolerance that is "
                    + "derived from rounding and from the certificate of the solve; at most 1 holds."),
        ]
        elements += pictures.figure(try table(status))
        for (verdict, statement) in zip(results.theorems, statements) {
            elements.append(.markup(article(verdict, statement, status)))
        }
        return HTMLPage.Section("theorems", heading: "Theorems", elements: elements)
    }

    /// The verdicts without what differs from run to run or is said below, and with the state of each proof.
    private func table(_ status: [TheoremIdentifier: String]) throws -> Table {
        let verdicts = try results.verdictTable().removing("seconds").removing("token")
        guard !status.isEmpty else { return verdicts }
        var table = try Table(
            title: verdicts.title, columns: verdicts.columns + [Column("proof", format: .text)],
            rows: zip(verdicts.rows, results.theorems).map { row, result in
                row + [.text(status[result.theorem.identifier] ?? "–")]
            })
        table.charts = verdicts.charts
        return table
    }

    private func article(
        _ verdict: TheoremResult, _ statement: String, _ status: [TheoremIdentifier: String]
    ) -> String {
        let theorem = verdict.theorem
        let name = theorem.identifier.name
        let tone: Article.Tone =
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
        facts.append(("Statement by", theorem.paper.rawValue.xmlEscaped))
        let links = self.links(theorem.identifier, status)
        if !links.isEmpty { facts.append(("Files", links)) }
        return Article(
            name: name, title: theorem.title, verdict: verdict.word, tone: tone,
            statement: statement, facts: facts, remarks: verdict.remarks
        ).markup
    }

    private func links(
        _ theorem: TheoremIdentifier, _ status: [TheoremIdentifier: String]
    ) -> String {
        let files: [(String, String)] = [
            ("proof", "Proofs/\(theorem.stem).md"), ("Coq", "Proofs/\(theorem.stem).v"),
            ("check", "Sources/Theory/Theorems/\(theorem.folder)/\(theorem.stem).swift"),
            ("test", "Tests/Theory/TheoremsTests/TheoremTests.swift"),
        ]
        return files.compactMap { label, path in
            sources.address(path).map { "<a href=\"\($0.xmlEscaped)\">\(label)</a>" }
        }.joined(separator: " · ")
    }
}
