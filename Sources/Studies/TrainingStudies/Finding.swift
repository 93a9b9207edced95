internal import Documents

/// What a study says about a claim of `docs/theory.md` §6: a measured quantity with its interval, judged by a
/// criterion that was declared before.
struct Finding {
    /// The claim's identifier, such as `C5`.
    let claim: String
    let quantity: String
    let estimate: Double
    /// 95 % confidence; `nil` where there is none.
    let interval: ClosedRange<Double>?
    let verdict: Verdict

    enum Verdict: String {
        case holds, fails = "does not hold", undecided, unmeasured = "not measured"
    }

    /// The findings, with their criteria as notes.
    static func table(_ findings: [Finding], criteria: [String]) throws(TableError) -> Table {
        var table = try Table(
            title: "Findings",
            columns: [
                Column("claim", format: .text, identifiesRow: true),
                Column("quantity", format: .text, identifiesRow: true),
                Column("estimate", format: .significant(3)),
                Column("lower", title: "95 % from", format: .significant(3)),
                Column("upper", title: "to", format: .significant(3)),
                Column("verdict", format: .text),
            ])
        for finding in findings {
            let none = Cell.missing(reason: "no interval: too few runs, or some did not end")
            try table.append([
                .text(finding.claim), .text(finding.quantity),
                finding.estimate.isNaN ? none : .number(finding.estimate),
                finding.interval.map { .number($0.lowerBound) } ?? none,
                finding.interval.map { .number($0.upperBound) } ?? none,
                .text(finding.verdict.rawValue),
            ])
        }
        table.notes = criteria
        return table
    }
}
