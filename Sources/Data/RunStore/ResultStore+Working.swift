public import Foundation
internal import GRDB

/// A run that this process may work on until it is finished or released.
public struct Claim: Sendable {
    /// The place of the run among those that were asked for.
    public let index: Int
    /// Where to continue; `nil` to begin.
    public let checkpoint: Data?
    /// The units of work done so far.
    public let completedWork: Int
    let key: String
    /// Names this claim and no other: whoever writes must still hold it.
    let lease: String
}

/// What there is to do among runs.
public enum Claiming: Sendable {
    /// This run; nobody else works on it now.
    case claimed(Claim)
    /// So many are unfinished and worked on by others; they may yet be left behind.
    case othersAtWork(Int)
    /// Nothing: all are finished.
    case finished
}

extension ResultStore {
    /// Takes the first run that is unfinished and that nobody works on.
    ///
    /// A lease ends when its holder releases it, when it was not renewed in time, or at once if its
    /// holder was a process of this machine that is gone. Whoever has lost its lease cannot write
    /// any more, so no run is ever written by two.
    ///
    /// - Parameters:
    ///   - runs: those that are wanted, in the order of preference.
    ///   - excluded: keys of runs that are not to be tried.
    ///   - duration: for how long, unless renewed.
    /// - Throws: `StoreError`.
    public func claim(
        among runs: [PlannedRun], except excluded: Set<String> = [], for duration: TimeInterval
    ) throws(StoreError) -> Claiming {
        try write { database in
            var others = 0
            let now = Date().timeIntervalSince1970
            for (index, run) in runs.enumerated() where !excluded.contains(run.identity.key) {
                let row = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT isFinished, completedWork, checkpoint, checkpointHash, lease,
                            leaseExpiry, leaseMachine, leaseProcess, leaseBegan
                        FROM runs WHERE key = ?
                        """, arguments: [run.identity.key])
                if let row {
                    if try row.decode(Bool.self, forColumn: "isFinished") { continue }
                    if try isHeld(row, now) {
                        others += 1
                        continue
                    }
                } else {
                    try insert(run, database)
                }
                return .claimed(try take(run, index, row, now + duration, database))
            }
            return others > 0 ? .othersAtWork(others) : .finished
        }
    }

    private func isHeld(_ row: Row, _ now: TimeInterval) throws -> Bool {
        guard try row.decode(String?.self, forColumn: "lease") != nil,
            let expiry = try row.decode(Double?.self, forColumn: "leaseExpiry"), expiry > now
        else { return false }
        guard let machine = try row.decode(String?.self, forColumn: "leaseMachine"),
            let process = try row.decode(Int?.self, forColumn: "leaseProcess"),
            let began = try row.decode(String?.self, forColumn: "leaseBegan")
        else { return true }
        return !ProcessIdentity(machine: machine, process: process, began: began).isCertainlyGone
    }

    private func insert(_ run: PlannedRun, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO runs (key, kind, configuration, version, label, totalWork)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                run.identity.key, run.identity.kind, run.identity.configuration,
                run.identity.version, run.label, run.work,
            ])
    }

    private func take(
        _ run: PlannedRun, _ index: Int, _ row: Row?, _ expiry: TimeInterval, _ database: Database
    ) throws -> Claim {
        let checkpoint = try row?.decode(Data?.self, forColumn: "checkpoint")
        let hash = try row?.decode(String?.self, forColumn: "checkpointHash")
        if let checkpoint, SHA256.hexadecimal(checkpoint) != hash {
            throw damaged(
                "the checkpoint of run \(RunRecord.shortKey(run.identity.key)) is not the one that "
                    + "was written")
        }
        let claim = Claim(
            index: index, checkpoint: checkpoint,
            completedWork: try row?.decode(Int.self, forColumn: "completedWork") ?? 0,
            key: run.identity.key, lease: UUID().uuidString)
        let holder = ProcessIdentity.current
        try database.execute(
            sql: """
                UPDATE runs SET lease = ?, leaseExpiry = ?, leaseMachine = ?, leaseProcess = ?,
                    leaseBegan = ?, failure = NULL WHERE key = ?
                """,
            arguments: [
                claim.lease, expiry, holder.machine, holder.process, holder.began, claim.key,
            ])
        return claim
    }

    /// Puts off the end of leases. Those that were lost stay lost.
    public func renew(_ claims: [Claim], for duration: TimeInterval) throws(StoreError) {
        try write { database in
            let expiry = Date().timeIntervalSince1970 + duration
            for claim in claims {
                try database.execute(
                    sql: "UPDATE runs SET leaseExpiry = ? WHERE key = ? AND lease = ?",
                    arguments: [expiry, claim.key, claim.lease])
            }
        }
    }

    /// Gives a run back, with the reason if it ended with an error.
    public func release(_ claim: Claim, failure: String? = nil) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: """
                    UPDATE runs SET lease = NULL, leaseExpiry = NULL, failure = ?
                    WHERE key = ? AND lease = ?
                    """, arguments: [failure, claim.key, claim.lease])
        }
    }
}
