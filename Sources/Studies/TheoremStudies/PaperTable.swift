public import Documents
internal import LearningRules
internal import Statistics
internal import Theorems

extension TheoremResults {
    /// Rules, theorems and claims by the work that they are from, with verdicts and proofs.
    public func paperDocument(_ provenance: Provenance) throws(TableError) -> Document {
        var document = Document(title: "Rules, theorems and claims by paper", provenance: provenance)
        document.appendTable(try paperTable())
        return document
    }

    /// A row for each rule, theorem, claim, and claim about training, paper by paper; this project's own come last, and then
    /// rules of works without a theorem.
    ///
    /// A claim's verdict is the finding of the condition that decides it, with its rate.
    public func paperTable() throws(TableError) -> Table {
        var table = try Table(
            title: "Rules, theorems and claims by paper",
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
            try appendRules(of: paper.rawValue, to: &table)
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
            for claim in BlockedClaim.all where claim.paper == paper {
                try table.append([
                    .text(paper.rawValue), .text(claim.name), .text(claim.title), .text("not judged"),
                    .missing(reason: claim.reason), noProof,
                ])
                table.notes.append("\(claim.name) is not judged: \(claim.reason).")
            }
        }
        let known = Set(Paper.allCases.map(\.rawValue))
        var others: [String] = []
        for work in RuleRegistry.builtIn.entries.compactMap(\.paper) where !known.contains(work) && !others.contains(work) {
            others.append(work)
        }
        for work in others { try appendRules(of: work, to: &table) }
        return table
    }

    /// The rules and optimisers of a work; none where not all theorems and claims are shown.
    private func appendRules(of work: String, to table: inout Table) throws(TableError) {
        guard isComplete else { return }
        let noNumber = Cell.missing(reason: "a rule")
        let rules = RuleRegistry.builtIn.entries.filter { $0.paper == work }.map { ($0.name, $0.summary) }
        let optimizers = Optimizer.allCases.filter { $0.paper == work && $0 != .adam }
            .map { ("…-\($0.rawValue)", "the optimiser \($0.rawValue) behind any rule") }
        for (name, summary) in rules + optimizers {
            try table.append([.text(work), .text(name), .text(summary), .text("runs"), noNumber, noNumber])
        }
    }

    /// Whether nothing of the registries is missing.
    private var isComplete: Bool {
        theorems.count == Theorem.all.count && claims.count == Claim.all.count
    }
}
