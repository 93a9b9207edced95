internal import Files
internal import Foundation
internal import GRDB

/// Looks at a file before anything writes to it.
struct StoreFile {
    let path: String

    /// `iSGD` in SQLite's header: this file is ours.
    static let applicationID: UInt32 = 0x6953_4744
    /// The layout of the tables; counted up when it changes.
    static let schema = 1

    var exists: Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// Throws unless the file is a whole store of this program. Opens it for reading only.
    func check() throws(StoreError) {
        let header = try readHeader()
        guard header.starts(with: Array("SQLite format 3\0".utf8)), header.count == 100 else {
            throw .foreign(path: path, found: Self.describe(header))
        }
        let application = Self.integer(header, at: 68)
        guard application == Self.applicationID else {
            throw .foreign(
                path: path,
                found: "an SQLite database of another program (application id \(application))")
        }
        let schema = Int(Self.integer(header, at: 60))
        guard schema <= Self.schema else {
            throw .newer(path: path, schema: schema, known: Self.schema)
        }
        try checkLength(header)
        try checkPages()
    }

    private func readHeader() throws(StoreError) -> [UInt8] {
        do throws(FileError) {
            return try RegularFile(path: path).bytes(100)
        } catch {
            switch error.code {
            case ENOENT: throw .missing(path: path)
            case nil: throw .foreign(path: path, found: "a directory or device")
            default: throw .system(path: path, reason: error.reason)
            }
        }
    }

    private static func describe(_ header: [UInt8]) -> String {
        if header.isEmpty { return "an empty file" }
        if header.starts(with: Array("SQLite format 3\0".utf8)) {
            return "the first \(header.count) bytes of an SQLite database"
        }
        return "a file that is no SQLite database"
    }

    /// A file that is shorter than its header says was cut off, unless a write-ahead log still holds
    /// the rest.
    private func checkLength(_ header: [UInt8]) throws(StoreError) {
        var log = stat()
        if stat(path + "-wal", &log) == 0, log.st_size > 0 { return }
        // The number of pages counts only if it was written by the last change.
        guard Self.integer(header, at: 24) == Self.integer(header, at: 92) else { return }
        let pages = Int64(Self.integer(header, at: 28))
        let stored = Int64(header[16]) << 8 | Int64(header[17])
        let size = stored == 1 ? 65536 : stored
        var status = stat()
        guard stat(path, &status) == 0, Int64(status.st_size) < pages * size else { return }
        throw .damaged(
            path: path,
            reason: "it has \(status.st_size) bytes where its header says \(pages * size)")
    }

    /// SQLite's own check of every page.
    private func checkPages() throws(StoreError) {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(ResultStore.patience)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            let problem = try queue.read { database in
                try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            }
            guard problem == "ok" else {
                throw StoreError.damaged(path: path, reason: problem ?? "no answer")
            }
        } catch { throw StoreError(error, path: path) }
    }

    private static func integer(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension StoreError {
    /// What an error of the database library means for the store.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError:
            let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, reason: reason)
            case .SQLITE_FULL, .SQLITE_READONLY: self = .unwritable(path: path, reason: reason)
            case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
            default: self = .system(path: path, reason: reason)
            }
        case is RowDecodingError:
            self = .damaged(path: path, reason: "a value is not of the kind that was written")
        default: self = .system(path: path, reason: "\(error)")
        }
    }
}
