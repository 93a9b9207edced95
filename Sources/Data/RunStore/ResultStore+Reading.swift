internal import GRDB
internal import JSON

extension ResultStore {
    /// All runs, by kind and label.
    ///
    /// - Throws: `StoreError.damaged` if a key does not belong to its configuration.
    public func records() throws(StoreError) -> [RunRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM runs ORDER BY kind, label, key")
                .map { try record($0) }
        }
    }

    /// The run with this key, `nil` if the store does not have it.
    public func record(_ key: String) throws(StoreError) -> RunRecord? {
        try read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM runs WHERE key = ?", arguments: [key])
                .map { try record($0) }
        }
    }

    /// The one run whose key begins so.
    ///
    /// - Throws: `StoreError.noSuchRun`, `ambiguous`.
    public func record(prefix: String) throws(StoreError) -> RunRecord {
        let found = try records().filter { $0.key.hasPrefix(prefix.lowercased()) }
        guard let first = found.first, !prefix.isEmpty else {
            throw .noSuchRun(path: path, prefix: prefix)
        }
        guard found.count == 1 else {
            throw .ambiguous(path: path, prefix: prefix, count: found.count)
        }
        return first
    }

    /// The rows of a run in their order, in canonical JSON; none if the store does not have the run.
    ///
    /// - Throws: `StoreError.damaged` if they are not the rows that were written.
    public func rows(_ key: String) throws(StoreError) -> [String] {
        try read { Self.inPresentSpelling(try checkedRows($0, key)) }
    }

    /// The rows with infinity in the one spelling of `CanonicalJSON`. Rows of earlier programs have `"infinity"` too;
    /// no other string in them could be that.
    static func inPresentSpelling(_ rows: [String]) -> [String] {
        rows.map { $0.replacing("\"infinity\"", with: "\"Infinity\"") }
    }

    /// The rows of a finished run; `nil` if there is no such run or it is not finished.
    public func finishedRows<Value: Decodable>(
        _ identity: RunIdentity, as type: Value.Type
    ) throws(StoreError) -> [Value]? {
        guard let record = try record(identity.key), record.isFinished else { return nil }
        do {
            return try rows(identity.key).map { try CanonicalJSON.value(type, from: $0) }
        } catch let error as StoreError { throw error } catch {
            throw damaged("the rows of run \(RunRecord.shortKey(identity.key)) cannot be read: \(error)")
        }
    }

    func checkedRows(_ database: Database, _ key: String) throws -> [String] {
        let rows = try String.fetchAll(
            database, sql: "SELECT content FROM rows WHERE key = ? ORDER BY position",
            arguments: [key])
        let written = try Row.fetchOne(
            database, sql: "SELECT rowCount, rowHash FROM runs WHERE key = ?", arguments: [key])
        guard let written else { return [] }
        let count: Int = try written.decode(forColumn: "rowCount")
        let hash: String = try written.decode(forColumn: "rowHash")
        guard rows.count == count, Self.hash(rows) == hash else {
            throw damaged("the rows of run \(RunRecord.shortKey(key)) are not those that were written")
        }
        return rows
    }

    /// The hash of rows; `hash(a + b, after: "") == hash(b, after: hash(a, after: ""))`.
    static func hash(_ rows: [String], after earlier: String = "") -> String {
        rows.reduce(earlier) { SHA256.hexadecimal(($0 + "\n" + $1).utf8) }
    }

    func record(_ row: Row) throws -> RunRecord {
        let identity = RunIdentity(
            kind: try row.decode(forColumn: "kind"),
            configurationText: try row.decode(forColumn: "configuration"),
            version: try row.decode(forColumn: "version"))
        guard try identity.key == row.decode(String.self, forColumn: "key") else {
            throw damaged("the key of a run does not belong to its configuration")
        }
        let environments: String = try row.decode(forColumn: "environments")
        return RunRecord(
            identity: identity, label: try row.decode(forColumn: "label"),
            isFinished: try row.decode(forColumn: "isFinished"),
            completedWork: try row.decode(forColumn: "completedWork"),
            totalWork: try row.decode(forColumn: "totalWork"),
            rowCount: try row.decode(forColumn: "rowCount"),
            seconds: try row.decode(forColumn: "seconds"),
            environments: (try? CanonicalJSON.value([String].self, from: environments)) ?? [],
            failure: try row.decode(forColumn: "failure"))
    }
}
