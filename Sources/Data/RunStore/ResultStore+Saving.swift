public import Foundation
internal import GRDB
internal import JSON

/// What a run has done since it was last saved.
public struct RunProgress: Sendable {
    /// Rows that were not saved yet, in canonical JSON.
    public var newRows: [String]
    /// Where to continue; not needed when finished.
    public var checkpoint: Data?
    /// The units of work done so far, all in all.
    public var completedWork: Int
    /// Whether nothing is left to do.
    public var isFinished: Bool
    /// The time spent since it was last saved, in seconds.
    public var newSeconds: Double
    /// On what it was computed.
    public var environment: String

    /// All parts.
    public init(
        newRows: [String], checkpoint: Data?, completedWork: Int, isFinished: Bool,
        newSeconds: Double, environment: String
    ) {
        self.newRows = newRows
        self.checkpoint = checkpoint
        self.completedWork = completedWork
        self.isFinished = isFinished
        self.newSeconds = newSeconds
        self.environment = environment
    }
}

extension ResultStore {
    /// Writes rows and checkpoint together, or neither. A finished run loses its checkpoint and its
    /// lease.
    ///
    /// - Throws: `StoreError.leaseLost` if another process has taken the run over; nothing is
    ///   written then.
    public func save(_ progress: RunProgress, of claim: Claim) throws(StoreError) {
        try write { database in
            let row = try Row.fetchOne(
                database,
                sql: "SELECT rowCount, rowHash, environments FROM runs WHERE key = ? AND lease = ?",
                arguments: [claim.key, claim.lease])
            guard let row else { throw StoreError.leaseLost(path: path, key: claim.key) }
            let count: Int = try row.decode(forColumn: "rowCount")
            let hash: String = try row.decode(forColumn: "rowHash")
            for (offset, content) in progress.newRows.enumerated() {
                try database.execute(
                    sql: "INSERT INTO rows (key, position, content) VALUES (?, ?, ?)",
                    arguments: [claim.key, count + offset, content])
            }
            let checkpoint = progress.isFinished ? nil : progress.checkpoint
            try database.execute(
                sql: """
                    UPDATE runs SET isFinished = ?, completedWork = ?, checkpoint = ?,
                        checkpointHash = ?, rowCount = ?, rowHash = ?, seconds = seconds + ?,
                        environments = ?,
                        lease = CASE WHEN ? THEN NULL ELSE lease END
                    WHERE key = ?
                    """,
                arguments: [
                    progress.isFinished, progress.completedWork, checkpoint,
                    checkpoint.map { SHA256.hexadecimal($0) }, count + progress.newRows.count,
                    Self.hash(progress.newRows, after: hash), progress.newSeconds,
                    try Self.adding(progress.environment, to: row.decode(forColumn: "environments")),
                    progress.isFinished, claim.key,
                ])
        }
    }

    private static func adding(_ environment: String, to text: String) throws -> String {
        let known = (try? CanonicalJSON.value([String].self, from: text)) ?? []
        return known.contains(environment) ? text : try CanonicalJSON.text(known + [environment])
    }

    /// Removes runs with their rows and checkpoints, and gives the space back.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public func remove(_ keys: [String]) throws(StoreError) -> Int {
        let count = try write { database in
            try keys.reduce(0) { sum, key in
                try database.execute(sql: "DELETE FROM runs WHERE key = ?", arguments: [key])
                return sum + database.changesCount
            }
        }
        do { try queue.vacuum() } catch { throw StoreError(error, path: path) }
        return count
    }
}
