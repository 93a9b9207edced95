import Documents
import Foundation
import PropertyTesting
import Statistics
import Theorems

/// Runs claims and makes their tables.
struct ClaimRun {
    /// The cases of each claim; nil means its own default.
    let cases: Int?
    let settings: CheckSettings
    let threads: Int

    struct Result {
        let claim: Claim
        let report: ClaimReport
        let seconds: Double
        let records: [CaseRecord]

        /// The finding of the first condition, unless too few cases could be run.
        var word: String { report.isExhausted ? "exhausted" : report.finding.rawValue }
    }

    private func settings(for claim: Claim) -> CheckSettings {
        var settings = settings
        settings.cases = cases ?? claim.defaultCases
        return settings
    }

    func result(_ claim: Claim, advance: () -> Void) -> Result {
        let clock = ContinuousClock()
        let began = clock.now
        var records: [CaseRecord] = []
        let report = claim.measure(settings(for: claim), threads: threads) {
            records.append($0)
            if case .discarded = $0.verdict { return }
            advance()
        }
        return Result(
            claim: claim, report: report, seconds: (clock.now - began) / .seconds(1), records: records)
    }

    /// The table of findings, and a paragraph for each counterexample and for what was discarded.
    static func blocks(_ results: [Result], withRegions: Bool) throws -> [Document.Block] {
        var blocks: [Document.Block] = [.section("Claims"), .table(try findings(results, all: withRegions))]
        for result in results {
            let name = result.claim.identifier.name
            let report = result.report
            blocks.append(.paragraph("\(name) \(result.claim.title). Population: \(result.claim.population)."))
            if let counterexample = report.counterexample {
                let end = counterexample.isFullyShrunk ? "nothing smaller is one" : "may be reducible"
                blocks.append(
                    .paragraph(
                        "\(name), smallest counterexample (\(end)): \(counterexample.description). Measured: "
                            + counterexample.notes.joined(separator: ", ")
                            + ". Replay: \(counterexample.token)"))
            }
            let survey = report.survey
            if survey.discards > 0 {
                let reasons = survey.discardReasons.sorted { $0.key < $1.key }
                    .map { "\($0.value) \($0.key)" }.joined(separator: "; ")
                let share = Double(survey.discards) / Double(max(1, survey.discards + survey.cases))
                blocks.append(
                    .paragraph(
                        "\(name) discarded \(NumberFormat.percent.string(share)) of the cases drawn: \(reasons)."))
            }
            if withRegions { blocks += try regionTables(result).map { .table($0) } }
        }
        return blocks
    }

    /// The rates of the conditions that matter most, or of all, beside the findings on record.
    static func findings(_ results: [Result], all: Bool) throws -> Table {
        var table = try Table(
            title: "Findings",
            columns: [
                Column("id", format: .text, identifiesRow: true),
                Column("condition", format: .text, identifiesRow: true),
                Column("finding", format: .text),
                Column("rate", title: "rate [95 %]", format: .interval(.significant(2))),
                Column("cases", format: .integer), Column("recorded", format: .text),
            ])
        table.notes.append(
            "Rate: the share of cases in which the condition is true, with the interval of Clopper and Pearson. "
                + "The first condition of a claim decides it.")
        for result in results {
            for rates in result.report.rates where all || rates.condition.isHeadline {
                let recorded = rates.condition.recorded.rawValue
                try table.append([
                    .text(result.claim.identifier.name), .text(rates.condition.words),
                    .text(result.report.isExhausted ? "exhausted" : rates.finding.rawValue),
                    cell(rates.overall), .integer(rates.overall.trials),
                    .text(rates.contradictsRecord ? "CONTRADICTS \(recorded)" : recorded),
                ])
            }
        }
        return table
    }

    /// For each axis and group of conditions: rates with their intervals, regions in rows.
    private static func regionTables(_ result: Result) throws -> [Table] {
        var groups: [String] = []
        for rates in result.report.rates where !groups.contains(rates.condition.group) {
            groups.append(rates.condition.group)
        }
        var tables: [Table] = []
        for group in groups {
            let members = result.report.rates.filter { $0.condition.group == group }
            for (n, axis) in result.claim.axes.enumerated() {
                let regions = Column("region", title: axis.title, format: .text, identifiesRow: true)
                var table = try Table(
                    title: "\(result.claim.identifier.name) \(group), by \(axis.title)",
                    columns: [regions]
                        + members.map {
                            Column(
                                $0.condition.name, title: $0.condition.column, format: .interval(.significant(2)))
                        })
                for (m, region) in axis.regions.enumerated() {
                    try table.append([.text(region.label)] + members.map { cell($0.regions[n][m]) })
                }
                table.notes.append("Rates with simultaneous 95 % intervals.")
                tables.append(table)
            }
        }
        return tables
    }

    private static func cell(_ interval: ClopperPearson) -> Cell {
        guard interval.trials > 0 else { return .missing(reason: "no case") }
        return .interval(estimate: interval.rate, lower: interval.lower, upper: interval.upper)
    }

    /// Whether each planted rule has the finding that is known of it.
    func plantTable(_ claims: [Claim], advance: () -> Void) throws -> (table: Table, isGood: Bool) {
        var table = try Table(
            title: "Planted rules",
            columns: [
                Column("id", format: .text, identifiesRow: true),
                Column("plant", title: "planted rule", format: .text, identifiesRow: true),
                Column("verdict", format: .text), Column("expected", format: .text),
                Column("finding", format: .text),
                Column("rate", title: "rate [95 %]", format: .interval(.significant(2))),
            ])
        var isGood = true
        for claim in claims {
            for plant in claim.plants {
                var settings = settings(for: claim)
                settings.cases = cases ?? Claim.plantCases
                let rates = claim.measure(plant, settings, threads: threads)
                advance()
                let isCaught = rates.finding == plant.expected
                if !isCaught { isGood = false }
                try table.append([
                    .text(claim.identifier.name), .text(plant.name), .text(isCaught ? "caught" : "SURVIVES"),
                    .text(plant.expected.rawValue), .text(rates.finding.rawValue), Self.cell(rates.overall),
                ])
            }
        }
        return (table, isGood)
    }

    /// What one case measured, and which conditions are true in it.
    static func replayTable(_ claim: Claim, _ replayed: ReplayedCase) throws -> Table {
        var table = try Table(
            title: "Conditions",
            columns: [
                Column("condition", format: .text, identifiesRow: true), Column("isTrue", title: "true", format: .boolean),
                Column("measured", format: .significant(4)), Column("bound", format: .significant(4)),
            ])
        let none = Cell.missing(reason: "not measured in this case")
        for condition in claim.conditions {
            let sides = condition.sides(replayed.measurements)
            try table.append([
                .text(condition.words), condition.isHeld(replayed.measurements).map { .boolean($0) } ?? none,
                sides.map { .number($0.left) } ?? none, sides.map { .number($0.right) } ?? none,
            ])
        }
        return table
    }
}
