public import Documents
internal import Statistics
internal import Theorems

extension TheoremResults {
    /// Theorems and claims by the work that they are from, with verdicts and proofs.
    public func paperDocument(_ provenance: Provenance) throws(TableError) -> Document {
        var document = Document(title: "Theorems and claims by paper", provenance: provenance)
        document.appendTable(try paperTable())
        return document
    }

    /// A row for each theorem, claim, and claim about training, paper by paper; this project's own come last.
    ///
    /// A claim's verdict is the finding of the condition that decides it, with its rate.
    public func paperTable() throws(TableError) -> Table {
        var table = try Table(
            title: "Theorems and claims by paper",
            columns: [
                Column("paper", format: .text, identifiesRow: true), Column("id", format: .text, identifiesRow: true),
                Column("title", format: .text), Column("verdict", format: .text),
                Column("rate", title: "rate [95 %]", format: .interval(.significant(2))), Column("proof", format: .text),
            ],
            notes: [
                "Verdict and rate of a claim: of the condition that decides it. Proof: of a theorem; of a claim, that it fails "
                    + "on some network.",
            ])
        let noRate = Cell.missing(reason: "a theorem, or a claim about training")
        let noProof = Cell.missing(reason: "measured only")
        for paper in Paper.allCases {
            for result in theorems where result.theorem.paper == paper {
                let theorem = result.theorem
                try table.append([
                    .text(paper.rawValue), .text(theorem.identifier.name), .text(theorem.title), .text(result.word), noRate,
                    .text(theorem.identifier.proof.rawValue),
                ])
            }
            for result in claims where result.claim.paper == paper {
                let claim = result.claim
                try table.append([
                    .text(paper.rawValue), .text(claim.identifier.name), .text(claim.title), .text(result.word),
                    .rate(result.report.rates[0].overall),
                    claim.identifier.refutation.map { .text($0.rawValue) } ?? noProof,
                ])
            }
            // A choice of theorems and claims is not one of trainings.
            guard isComplete else { continue }
            for claim in TrainingClaim.all where claim.paper == paper {
                try table.append([
                    .text(paper.rawValue), .text(claim.name), .text(claim.title), .text("see verify-cli \(claim.study)"), noRate,
                    noProof,
                ])
            }
        }
        return table
    }

    /// Whether nothing of the registries is missing.
    private var isComplete: Bool {
        theorems.count == Theorem.all.count && claims.count == Claim.all.count
    }
}
