public import Documents
internal import PropertyTesting
public import TheoremStudies
internal import Theorems

/// One HTML page with everything: claims, theorems, training, distances, and where they come from.
///
/// The same results give the same bytes on one machine.
public struct Report {
    private let results: TheoremResults
    private let distances: [DistanceSection]
    private let training: TrainingSection?
    private let sources: ReportSources
    private let provenance: Provenance

    /// - Parameters:
    ///   - results: of theorems and claims.
    ///   - distances: one for each distribution of cases.
    ///   - training: what a result store holds, if one is shown.
    ///   - sources: where links to proofs and tests lead.
    ///   - provenance: of the command; the store's name is added.
    public init(
        results: TheoremResults, distances: [DistanceSection], training: TrainingSection? = nil,
        sources: ReportSources, provenance: Provenance
    ) {
        self.results = results
        self.distances = distances
        self.training = training
        self.sources = sources
        self.provenance = provenance
    }

    /// Makes the page.
    ///
    /// - Returns: the page, and what it lacks because another program is missing, a sentence each; the page
    ///   says so too.
    public func page() throws -> (page: HTMLPage, problems: [String]) {
        let pictures = ReportPictures()
        var sections = [
            try ClaimSection(results: results, sources: sources).section(pictures),
            try TheoremSection(results: results, sources: sources).section(pictures),
        ]
        if let training { sections.append(try training.section(pictures)) }
        for part in distances { sections.append(try part.section(pictures)) }
        sections.append(provenanceSection)
        let page = HTMLPage(
            title: "Is inference learning implicit SGD?",
            lead: try lead() + pictures.problems.map { .paragraph($0) }, sections: sections,
            extraStyle: Self.style)
        return (page, pictures.problems)
    }

    /// The answer: what became of the claims, then of the theorems.
    private func lead() throws -> [HTMLPage.Element] {
        let held = results.theorems.filter(\.report.isPassed).count
        return [
            .paragraph(
                answer + "Implicit SGD is θ⁺ = argmin L(θ) + ‖θ − θ_b‖²/(2α). Of \(results.claims.count) claims about "
                    + "single updates, of the paper and of works around it, \(findingWords). \(held) of "
                    + "\(results.theorems.count) theorems hold in all their cases. Distances are to exact updates that "
                    + "carry a certificate, their implicit residual."),
            .table(try results.answerTable()),
        ]
    }

    /// What the claim that names the title, C1, came to; nothing where it was not measured.
    private var answer: String {
        guard let nearness = results.claims.first(where: { $0.claim.identifier == .closerThanBackpropagation }),
            case .interval(let rate, let lower, let upper) = Cell.rate(nearness.report.rates[0].overall)
        else { return "" }
        let start =
            switch nearness.report.finding {
            case .holds: "Nearer to it than backpropagation, yes"
            case .refuted: "No"
            case .conditional, .mixed: "Not in general"
            case .undecided: "Undecided"
            }
        let share = NumberFormat.significant(2)
        return "\(start): one update of il-prox is nearer to implicit SGD than one of bp in a share of "
            + "\(share.string(rate)) [\(share.string(lower)), \(share.string(upper))] of random cases (C1: \(nearness.word)). "
    }

    /// `2 hold, 1 is refuted`: how many claims had which finding, most favourable first.
    private var findingWords: String {
        let words = results.claims.map(\.word)
        return (Finding.allCases.map(\.rawValue) + ["exhausted"]).compactMap { word in
            let count = words.count { $0 == word }
            guard count > 0 else { return nil }
            if word == "holds" { return count == 1 ? "1 holds" : "\(count) hold" }
            return "\(count) \(count == 1 ? "is" : "are") \(word)"
        }.joined(separator: ", ")
    }

    private var provenanceSection: HTMLPage.Section {
        var provenance = provenance
        if let training { provenance.set("store", title: "result store", to: .text(training.store)) }
        return HTMLPage.Section(
            "provenance", heading: "Provenance",
            elements: provenance.table.map { [.table($0)] } ?? [])
    }

    private static let style = """
        figure{margin:1.25rem 0}
        figure svg{display:block;width:100%;min-width:38rem;max-width:56rem;height:auto}
        .theorem{border-left:3px solid var(--line);padding-left:1rem;margin:2rem 0}
        .theorem h3{margin-top:0}
        .statement{margin:.25rem 0}.statement p{margin:.25rem 0}
        .verdict{font-size:.85rem;font-weight:600;padding:.05rem .5rem;border:1px solid;\
        border-radius:1rem;white-space:nowrap}
        .good{color:var(--good)}.bad{color:var(--bad)}.unsure{color:var(--unsure)}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;font-size:.9rem}
        dt{color:var(--quiet)}dd{margin:0}
        @media (max-width:32rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .4rem}}
        math{font-size:1.08em;font-family:"Latin Modern Math","STIX Two Math","XITS Math","Cambria Math",\
        "DejaVu Math TeX Gyre",math}

        """
}

extension TheoremResults {
    /// A line for each claim: what it says, its finding, and the rate that decides it.
    func answerTable() throws(TableError) -> Table {
        var table = try Table(
            title: "Claims",
            columns: [
                Column("id", format: .text, identifiesRow: true), Column("claim", format: .text),
                Column("finding", format: .text),
                Column("rate", title: "rate [95 %]", format: .interval(.significant(2))),
                Column("paper", format: .text),
            ],
            notes: ["Rate: the share of random networks in which the claim is true, with its 95 % interval."])
        for result in claims {
            try table.append([
                .text(result.claim.identifier.name), .text(result.claim.title), .text(result.word),
                .rate(result.report.rates[0].overall), .text(result.claim.paper.rawValue),
            ])
        }
        return table
    }
}
