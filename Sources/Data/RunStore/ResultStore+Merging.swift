internal import GRDB

/// What a merge did.
public struct MergeSummary: Sendable, Equatable {
    /// Runs that were not there before.
    public var added = 0
    /// Unfinished runs of which the other store had more.
    public var advanced = 0
    /// Runs of which both had the same, or this one more.
    public var kept = 0

    package init(added: Int = 0, advanced: Int = 0, kept: Int = 0) {
        self.added = added
        self.advanced = advanced
        self.kept = kept
    }
}

extension ResultStore {
    /// Takes over the runs of another store: those that are missing here, and those that are further
    /// there. The other store is only read.
    ///
    /// Rows depend on the configuration only, so where both stores have rows of a run the longer
    /// list must begin with the shorter one, and of two finished runs the lists are equal.
    ///
    /// - Throws: `StoreError.conflict` if they do not, which happens if one of them is of a changed
    ///   program with the same version, or of a processor whose sums round differently. Nothing is
    ///   merged then.
    @discardableResult
    public func merge(_ other: ResultStore) throws(StoreError) -> MergeSummary {
        let theirs = try other.snapshot()
        return try write { database in
            var summary = MergeSummary()
            var conflicts: [String] = []
            for run in theirs {
                let row = try Row.fetchOne(
                    database, sql: "SELECT isFinished, completedWork FROM runs WHERE key = ?",
                    arguments: [run.key])
                guard let row else {
                    try replace(run, database)
                    summary.added += 1
                    continue
                }
                let own = try checkedRows(database, run.key)
                let isFinished: Bool = try row.decode(forColumn: "isFinished")
                guard Self.agree(own, isFinished, run.rows, run.isFinished) else {
                    conflicts.append(run.key)
                    continue
                }
                let ownWork: Int = try row.decode(forColumn: "completedWork")
                if !isFinished, run.isFinished || run.completedWork > ownWork {
                    try replace(run, database)
                    summary.advanced += 1
                } else {
                    summary.kept += 1
                }
            }
            guard conflicts.isEmpty else {
                throw StoreError.conflict(path: path, source: other.path, keys: conflicts)
            }
            return summary
        }
    }

    private static func agree(
        _ own: [String], _ ownFinished: Bool, _ their: [String], _ theirFinished: Bool
    ) -> Bool {
        let (own, their) = (inPresentSpelling(own), inPresentSpelling(their))
        if ownFinished, theirFinished { return own == their }
        if ownFinished { return own.starts(with: their) }
        if theirFinished { return their.starts(with: own) }
        return own.count >= their.count ? own.starts(with: their) : their.starts(with: own)
    }

    /// A run with everything that the store has of it.
    private struct Snapshot {
        let row: Row
        let rows: [String]
        let key: String
        let isFinished: Bool
        let completedWork: Int
    }

    private func snapshot() throws(StoreError) -> [Snapshot] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM runs ORDER BY key").map { row in
                let record = try record(row)
                return Snapshot(
                    row: row, rows: try checkedRows(database, record.key), key: record.key,
                    isFinished: record.isFinished, completedWork: record.completedWork)
            }
        }
    }

    /// Writes a run of another store in the place of what is here, without its lease.
    private func replace(_ run: Snapshot, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM runs WHERE key = ?", arguments: [run.key])
        let columns = [
            "key", "kind", "configuration", "version", "label", "isFinished", "completedWork",
            "totalWork", "checkpoint", "checkpointHash", "rowCount", "rowHash", "seconds",
            "environments", "failure",
        ]
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        try database.execute(
            sql: "INSERT INTO runs (\(columns.joined(separator: ", "))) VALUES (\(marks))",
            arguments: StatementArguments(columns.map { run.row[$0] as DatabaseValue }))
        for (position, content) in run.rows.enumerated() {
            try database.execute(
                sql: "INSERT INTO rows (key, position, content) VALUES (?, ?, ?)",
                arguments: [run.key, position, content])
        }
    }
}
