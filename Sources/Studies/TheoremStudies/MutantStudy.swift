public import Documents
internal import PropertyTesting
internal import Theorems

/// What became of the mutants of theorems and the planted rules of claims.
public struct MutantResults: Sendable {
    /// The tables of mutants and of planted rules; one of a study without theorems or claims is left out.
    public let tables: [Table]
    /// Whether every check found its mutants, and every planted rule its known finding.
    public let areAllCaught: Bool
}

extension TheoremStudy {
    /// How often `runMutants(advance:)` calls `advance`.
    public var mutantCount: Int {
        theorems.reduce(0) { $0 + $1.mutants.count } + claims.reduce(0) { $0 + $1.plants.count }
    }

    /// Checks deliberately broken variants: whether each is caught, and after how many cases.
    public func runMutants(advance: () -> Void = {}) throws(TableError) -> MutantResults {
        var tables: [Table] = []
        if !theorems.isEmpty { tables.append(try mutantTable(advance)) }
        if !claims.isEmpty { tables.append(try plantTable(advance)) }
        return MutantResults(
            tables: tables,
            areAllCaught: !tables.contains { $0.rows.contains { $0[2] == Self.survives } })
    }

    private static let survives = Cell.text("SURVIVES")

    private func mutantTable(_ advance: () -> Void) throws(TableError) -> Table {
        var table = try Table(
            title: "Mutants",
            columns: [
                Column("id", format: .text, identifiesRow: true),
                Column("mutant", format: .text, identifiesRow: true), Column("verdict", format: .text),
                Column("cases", title: "cases until caught", format: .integer),
                Column("margin", format: .significant(2)),
            ])
        for theorem in theorems {
            var settings = settings(theoremCases ?? theorem.defaultCases)
            settings.shrinkLimit = 0
            for mutant in theorem.mutants {
                let report = mutant.property.check(settings, threads: threads)
                advance()
                let found = report.counterexample
                try table.append([
                    .text(theorem.identifier.name), .text(mutant.name),
                    found == nil ? Self.survives : "caught", .integer(report.cases),
                    (found?.verdict.margin ?? report.worst?.margin).map { .number($0) }
                        ?? .missing(reason: "not a number, or no case returned a margin"),
                ])
            }
        }
        return table
    }

    private func plantTable(_ advance: () -> Void) throws(TableError) -> Table {
        var table = try Table(
            title: "Planted rules",
            columns: [
                Column("id", format: .text, identifiesRow: true),
                Column("plant", title: "planted rule", format: .text, identifiesRow: true),
                Column("verdict", format: .text), Column("expected", format: .text),
                Column("finding", format: .text),
                Column("rate", title: "rate [95 %]", format: .interval(.significant(2))),
            ])
        for claim in claims {
            for plant in claim.plants {
                let rates = claim.measure(plant, settings(claimCases ?? claim.plantCases), threads: threads)
                advance()
                try table.append([
                    .text(claim.identifier.name), .text(plant.name),
                    rates.finding == plant.expected ? "caught" : Self.survives,
                    .text(plant.expected.rawValue), .text(rates.finding.rawValue), .rate(rates.overall),
                ])
            }
        }
        return table
    }
}
