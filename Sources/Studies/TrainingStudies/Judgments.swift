public import Documents

/// The judgments of a study, with the criteria by which it judges.
public struct Judgments: Sendable, Equatable {
    package let all: [Judgment]
    /// Sentences, each beginning with the claim that it is about.
    package let criteria: [String]

    package init(_ all: [Judgment], criteria: [String]) {
        self.all = all
        self.criteria = criteria
    }

    /// Of a study that is about no claim.
    static let none = Judgments([], criteria: [])

    /// A line for each judgment, the criteria as notes; `nil` of a study that is about no claim.
    public func table() throws(TableError) -> Table? {
        criteria.isEmpty
            ? nil
            : try Table(
                title: "Findings", columns: Self.columns, rows: all.map(Self.row), notes: criteria)
    }

    /// The judgments of several studies in one table, in the order of the claims; each with the number of its
    /// study, counted from 1.
    ///
    /// - Returns: `nil` if there are none.
    public static func overview(_ studies: [Judgments]) throws(TableError) -> Table? {
        let numbered = studies.enumerated().flatMap { index, one in one.all.map { (study: index + 1, $0) } }
        guard !numbered.isEmpty else { return nil }
        var criteria: [String] = []
        for one in studies where !one.all.isEmpty { criteria += one.criteria.filter { !criteria.contains($0) } }
        var columns = columns
        columns.insert(Column("study", format: .integer, identifiesRow: true), at: 1)
        return try Table(
            title: "Findings about training", columns: columns,
            rows: numbered.sorted { ($0.1.claimNumber, $0.study) < ($1.1.claimNumber, $1.study) }.map {
                let row = row($0.1)
                return row[..<1] + [.integer($0.study)] + row[1...]
            },
            notes: criteria.sorted { Judgment.claimNumber(in: $0) < Judgment.claimNumber(in: $1) })
    }

    private static let columns = [
        Column("claim", format: .text, identifiesRow: true),
        Column("quantity", format: .text, identifiesRow: true),
        Column("estimate", format: .significant(3)),
        Column("lower", title: "95 % from", format: .significant(3)),
        Column("upper", title: "to", format: .significant(3)), Column("verdict", format: .text),
    ]

    private static func row(_ judgment: Judgment) -> [Cell] {
        let none = Cell.missing(reason: "no interval: too few runs, or some did not end")
        return [
            .text(judgment.claim), .text(judgment.quantity),
            judgment.estimate.isNaN ? none : .number(judgment.estimate),
            judgment.interval.map { .number($0.lowerBound) } ?? none,
            judgment.interval.map { .number($0.upperBound) } ?? none,
            .text(judgment.verdict.rawValue),
        ]
    }
}
