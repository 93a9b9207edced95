internal import Foundation
internal import GRDB

/// A file of runs: their rows, and for unfinished ones the checkpoint from which they continue.
///
/// - Rows and checkpoint are written in one transaction, so a process that is killed at any moment,
///   or a machine that loses power, leaves rows and the checkpoint that belongs to them.
/// - Several processes of one machine may work on one store (SQLite's write-ahead log does not work
///   over network file systems: give each machine its own store and merge them). A run that is
///   worked on is leased; see `claim`.
/// - What is read is checked: keys against configurations, rows and checkpoints against hashes.
///
/// A file that is not a store, or a damaged one, is refused before anything opens it for writing.
public final class ResultStore: Sendable {
    /// Where the file lies.
    public let path: String
    let queue: DatabaseQueue
    private let isForReading: Bool

    /// What to do about a file that is not there.
    public enum Absence: Sendable { case create, fail }

    /// Opens a store, or makes it.
    ///
    /// - Throws: `StoreError`: `missing`, `foreign`, `newer`, `damaged`, `busy`, `system`.
    public init(path: String, ifAbsent absence: Absence = .create) throws(StoreError) {
        self.path = path
        let file = StoreFile(path: path)
        if !file.exists, absence == .create { try Self.create(path) }
        try file.check()
        do { queue = try Self.open(path) } catch { throw StoreError(error, path: path) }
        isForReading = false
    }

    /// Opens a store to read it only: its file stays the same to the last byte, and whatever would
    /// write fails. (What a process that was killed left in the write-ahead log is moved into the file,
    /// as SQLite does whenever it is the last to close a database.)
    ///
    /// - Throws: `StoreError`: `missing`, `foreign`, `newer`, `damaged`, `busy`, `system`.
    public init(reading path: String) throws(StoreError) {
        self.path = path
        try StoreFile(path: path).check()
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(Self.patience)
            // Not as a read-only database, for then SQLite would leave its log and index files behind;
            // and not in GRDB's mode for the write-ahead log, which begins with a write.
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch { throw StoreError(error, path: path) }
        isForReading = true
    }

    /// For how long one waits while another process writes, in seconds.
    static let patience: TimeInterval = 30

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        configuration.journalMode = .wal
        configuration.prepareDatabase { database in
            // A transaction that was reported is on the disk: a finished run stays finished.
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Makes an empty store beside `path` and links it to its place, so that a half-made store is
    /// never seen, and of two processes that make it one wins and both use it.
    private static func create(_ path: String) throws(StoreError) {
        let temporary = path + ".\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36)).new"
        defer { for suffix in ["", "-wal", "-shm"] { unlink(temporary + suffix) } }
        do {
            let queue = try open(temporary)
            try queue.write { database in
                try database.execute(sql: tables)
                try database.execute(sql: "PRAGMA application_id = \(StoreFile.applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(StoreFile.schema)")
            }
            try queue.close()
        } catch let error as DatabaseError {
            throw .unwritable(path: path, reason: error.message ?? "\(error.resultCode)")
        } catch { throw StoreError(error, path: path) }
        if link(temporary, path) == 0 || errno == EEXIST { return }
        throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }

    private static let tables = """
        CREATE TABLE runs (
            key TEXT PRIMARY KEY, kind TEXT NOT NULL, configuration TEXT NOT NULL,
            version TEXT NOT NULL, label TEXT NOT NULL,
            isFinished INTEGER NOT NULL DEFAULT 0,
            completedWork INTEGER NOT NULL DEFAULT 0, totalWork INTEGER NOT NULL,
            checkpoint BLOB, checkpointHash TEXT,
            rowCount INTEGER NOT NULL DEFAULT 0, rowHash TEXT NOT NULL DEFAULT '',
            seconds REAL NOT NULL DEFAULT 0, environments TEXT NOT NULL DEFAULT '[]', failure TEXT,
            lease TEXT, leaseExpiry REAL, leaseMachine TEXT, leaseProcess INTEGER, leaseBegan TEXT
        ) WITHOUT ROWID;
        CREATE TABLE rows (
            key TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
            position INTEGER NOT NULL, content TEXT NOT NULL,
            PRIMARY KEY (key, position)
        ) WITHOUT ROWID;
        """

    /// Reads in one transaction.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try queue.read(body) } catch { throw StoreError(error, path: path) }
    }

    /// Writes in one transaction that excludes other writers from its beginning.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        guard !isForReading else { throw .system(path: path, reason: "was opened to be read only") }
        do { return try queue.write(body) } catch { throw StoreError(error, path: path) }
    }

    func damaged(_ reason: String) -> StoreError { .damaged(path: path, reason: reason) }
}
