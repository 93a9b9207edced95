public import Documents
internal import PropertyTesting
package import Statistics
internal import Theorems

extension TheoremResults {
    /// The rates of the conditions that matter most, or of all, beside the findings on record.
    public func findingsTable(allConditions: Bool = false) throws(TableError) -> Table {
        var table = try Table(
            title: "Findings",
            columns: [
                Column("id", format: .text, identifiesRow: true), Column("paper", format: .text),
                Column("condition", format: .text, identifiesRow: true),
                Column("finding", format: .text),
                Column("rate", title: "rate [95 %]", format: .interval(.significant(2))),
                Column("cases", format: .integer), Column("undecided", format: .integer),
                Column("recorded", format: .text),
            ],
            notes: [
                "Rate: the share of cases in which the condition is true, with the interval of Clopper and "
                    + "Pearson. The first condition of a claim decides it.",
                "Undecided: cases in which a rule did not converge or the exact update was not found. The interval's "
                    + "lower end counts them as false, its upper end as true.",
            ])
        for result in claims {
            for rates in result.report.rates where allConditions || rates.condition.isHeadline {
                let recorded = rates.condition.recorded.rawValue
                try table.append([
                    .text(result.claim.identifier.name), .text(result.claim.paper.rawValue),
                    .text(rates.condition.words),
                    .text(result.word(of: rates)), .rate(rates.overall), .integer(rates.overall.trials),
                    .integer(rates.overall.undecided),
                    .text(rates.contradictsRecord ? "CONTRADICTS \(recorded)" : recorded),
                ])
            }
        }
        return table
    }
}

extension ClaimResult {
    /// The population, the smallest counterexample, and what was discarded.
    var remarks: [String] {
        let name = claim.identifier.name
        var remarks = ["\(name) \(claim.title). Population: \(claim.population)."]
        if let counterexample = report.counterexample {
            let end = counterexample.isFullyShrunk ? "nothing smaller is one" : "may be reducible"
            remarks.append(
                "\(name), smallest counterexample (\(end)): \(counterexample.description). Measured: "
                    + "\(counterexample.notes.joined(separator: ", ")). Replay: \(counterexample.token)")
        }
        let regions = report.rates.filter { $0.condition.isHeadline && $0.finding == .conditional }
            .map { "\($0.condition.words) for \(regionsWhereTrue($0).joined(separator: "; "))" }
        if !regions.isEmpty {
            remarks.append("\(name) is conditional. True in nearly all cases: \(regions.joined(separator: ". ")).")
        }
        if let discarded = report.survey.discardRemark(of: name) { remarks.append(discarded) }
        return remarks
    }

    /// The regions in which a condition holds, axis by axis: `α 10^1 to 10^2, 10^2 to 10^3`.
    func regionsWhereTrue(_ rates: ConditionRates) -> [String] {
        zip(claim.axes, rates.regions).compactMap { axis, intervals in
            let labels = zip(axis.regions, intervals).filter { claim.criteria.holds($0.1) }.map(\.0.label)
            return labels.isEmpty ? nil : "\(axis.title) \(labels.joined(separator: ", "))"
        }
    }

    /// For each axis and group of conditions: rates with their intervals, regions in rows.
    func regionTables() throws(TableError) -> [Table] {
        var groups: [String] = []
        for rates in report.rates where !groups.contains(rates.condition.group) {
            groups.append(rates.condition.group)
        }
        var tables: [Table] = []
        for group in groups {
            let members = report.rates.filter { $0.condition.group == group }
            for (n, axis) in claim.axes.enumerated() {
                var table = try Table(
                    title: "\(claim.identifier.name) \(group), by \(axis.title)",
                    columns: [Column("region", title: axis.title, format: .text, identifiesRow: true)]
                        + members.map {
                            Column(
                                $0.condition.name, title: $0.condition.column, format: .interval(.significant(2)))
                        },
                    notes: ["Rates with simultaneous 95 % intervals."])
                for (m, region) in axis.regions.enumerated() {
                    try table.append([.text(region.label)] + members.map { .rate($0.regions[n][m]) })
                }
                tables.append(table)
            }
        }
        return tables
    }
}

extension Cell {
    /// A rate with its interval; missing where there was no case.
    package static func rate(_ interval: ClopperPearson) -> Cell {
        guard interval.trials > 0 else { return .missing(reason: "no case") }
        return .interval(estimate: interval.rate, lower: interval.lower, upper: interval.upper)
    }
}
