public import Documents
internal import ErrorTables
public import RunStore

/// A study whose parts are runs in a store: which runs it needs, and what it makes of their rows.
///
/// *Law:* the results depend on the rows in the store only, so that it is the same whether the
/// runs were made by one process, by many, or on many machines.
public protocol ExperimentStudy: Sendable {
    /// The name of the subcommand.
    var name: String { get }
    /// The runs, in the order in which they are to be made.
    func plan() throws -> [PlannedRun]
    /// Tables with their charts, and judgments. Runs that are missing are left out and counted in the notes.
    func results(_ store: ResultStore, provenance: Provenance) throws -> StudyResults
}

/// What the runs of a study say.
public struct StudyResults: Sendable {
    /// Tables, each with its charts.
    public var tables: Document
    /// On the claims that the study is about.
    public var judgments: Judgments

    /// The tables, then the judgments: under a heading of their own if the tables have headings.
    ///
    /// - Throws: `TableError`.
    public func document() throws(TableError) -> Document {
        guard let judged = try judgments.table() else { return tables }
        var document = tables
        let hasSections = tables.blocks.contains { if case .section = $0 { true } else { false } }
        if hasSections { document.appendSection("Claims") }
        document.appendTable(judged)
        return document
    }
}

/// The version under which results are stored, which is part of every run's key: the program's and what it computes.
public enum ResultVersion {
    /// Such as `0.1.0+5d2c90aa`.
    public static let current = RunProvenance.version + "+" + NumericsFingerprint.current

    /// Whether a stored version is that of the words: the whole of it, or the part before the fingerprint.
    public static func matches(_ stored: String, _ asked: String) -> Bool {
        stored == asked || stored.hasPrefix(asked + "+")
    }
}

extension ExperimentStudy {
    /// What a share of the study has done: one line for each run.
    public func shardDocument(
        _ store: ResultStore, runs: [PlannedRun], shard: Shard, provenance: Provenance
    ) throws -> Document {
        var document = Document(title: "Share \(shard) of \(name)", provenance: provenance)
        let keys = Set(runs.map(\.identity.key))
        let records = try store.records().filter { keys.contains($0.key) }
        document.appendTable(try StoreTables.runs(records))
        document.appendParagraph(
            "The tables of the study need all shares: verify-cli results merge --store ALL STORES…, "
                + "then the command without --shard and with --store ALL.")
        return document
    }
}
