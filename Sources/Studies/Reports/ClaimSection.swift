internal import Documents
internal import PropertyTesting
internal import TheoremStudies
internal import Theorems

/// The section of a report on claims about single updates: findings with their intervals,
/// and for each claim what it says, of which networks, and the smallest counterexample.
struct ClaimSection {
    let results: TheoremResults
    let sources: ReportSources

    func section(_ pictures: ReportPictures) throws -> HTMLPage.Section {
        let statements = pictures.formulas(results.claims.map(\.claim.statement))
        var elements: [HTMLPage.Element] = [
            .paragraph(
                "A claim is measured over a stated population of networks. It holds where the exact 95 % interval "
                    + "of the rate at which it is true lies at or above 0.95; it is refuted where the interval lies "
                    + "at or below 0.5 and no region may hold. It is conditional where it holds in regions that "
                    + "can be named, and mixed where it is true in most cases but no such region is known. Cases "
                    + "without a certified exact update are left out and counted."),
            .table(try results.findingsTable()),
        ]
        for (result, statement) in zip(results.claims, statements) {
            elements.append(.markup(article(result, statement)))
        }
        return HTMLPage.Section("claims", heading: "Claims", elements: elements)
    }

    private func article(_ result: ClaimResult, _ statement: String) -> String {
        let claim = result.claim
        let name = claim.identifier.name
        let tone: Article.Tone =
            switch result.report.finding {
            case .holds: .good
            case .refuted: .bad
            case .conditional, .mixed, .undecided: .unsure
            }
        var facts: [(String, String)] = [
            ("Population", claim.population.xmlEscaped),
            ("Cases", "\(result.report.survey.cases), and \(result.report.survey.discards) discarded"),
        ]
        if let counterexample = result.report.counterexample {
            facts.append(("Smallest counterexample", counterexample.description.xmlEscaped))
            facts.append(("It measures", counterexample.notes.joined(separator: ", ").xmlEscaped))
            facts.append((
                "Again by",
                "<code>verify-cli theorems \(name) --replay \("\(counterexample.token)".xmlEscaped)</code>"
            ))
        }
        let path = "Sources/Theory/Theorems/\(claim.identifier.folder)/\(claim.identifier.stem).swift"
        if let address = sources.address(path) {
            facts.append(("Files", "<a href=\"\(address.xmlEscaped)\">measurement</a>"))
        }
        return Article(
            name: name, title: claim.title, verdict: result.word, tone: tone,
            statement: statement, facts: facts
        ).markup
    }
}
