public import Documents
public import PropertyTesting
public import Theorems

/// One case of a theorem or claim, made again from its token.
public struct CaseReplay: Sendable {
    private let title: String
    private let replayed: ReplayedCase
    /// Of a claim only.
    private let conditions: Table?

    /// Whether the theorem is violated. A counterexample to a claim is no failure of anything.
    public var isFailure: Bool { conditions == nil && replayed.verdict.isFailure }

    public init(_ theorem: Theorem, token: ReplayToken) {
        title = "\(theorem.identifier.name) \(theorem.title)"
        replayed = theorem.replay(token)
        conditions = nil
    }

    public init(_ claim: Claim, token: ReplayToken) throws(TableError) {
        title = "\(claim.identifier.name) \(claim.title)"
        replayed = claim.replay(token)
        conditions = try Self.table(claim, replayed)
    }

    /// The case, its verdict and notes, and of a claim which conditions are true in it.
    public func document(_ provenance: Provenance) -> Document {
        var document = Document(title: title, provenance: provenance)
        document.appendParagraph("Case: \(replayed.description ?? "no value could be made")")
        document.appendParagraph("Verdict: \(replayed.verdict)")
        for note in replayed.notes { document.appendParagraph("Note: \(note)") }
        if !replayed.labels.isEmpty {
            document.appendParagraph("Labels: " + replayed.labels.joined(separator: ", "))
        }
        if let conditions { document.appendTable(conditions) }
        return document
    }

    private static func table(_ claim: Claim, _ replayed: ReplayedCase) throws(TableError) -> Table {
        var table = try Table(
            title: "Conditions",
            columns: [
                Column("condition", format: .text, identifiesRow: true),
                Column("isTrue", title: "true", format: .boolean),
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
