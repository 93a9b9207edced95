/// Why a result store cannot be used. The messages name the file.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no such file, and none was to be made.
    case missing(path: String)
    /// The file is something else. It was not touched.
    case foreign(path: String, found: String)
    /// The file is a store of a later version of this program. It was not touched.
    case newer(path: String, schema: Int, known: Int)
    /// The file was a store and is damaged.
    case damaged(path: String, reason: String)
    /// Another process wrote for longer than one can wait.
    case busy(path: String)
    /// It cannot be made or added to: disk full, no permission.
    case unwritable(path: String, reason: String)
    /// The system refused for another reason.
    case system(path: String, reason: String)
    /// Another process has taken over the run; what was computed here was not stored.
    case leaseLost(path: String, key: String)
    /// Two stores have different rows for the same runs; nothing was merged.
    case conflict(path: String, source: String, keys: [String])
    /// No run's key begins like this.
    case noSuchRun(path: String, prefix: String)
    /// Several runs' keys begin like this.
    case ambiguous(path: String, prefix: String, count: Int)

    public var description: String {
        switch self {
        case .missing(let path): "\(path): there is no such result store"
        case .foreign(let path, let found): "\(path): not a result store but \(found); not touched"
        case .newer(let path, let schema, let known):
            "\(path): written by a later version of this program (layout \(schema), this one knows "
                + "\(known)); not touched"
        case .damaged(let path, let reason): "\(path): the result store is damaged: \(reason)"
        case .busy(let path): "\(path): another process has been writing for too long; try again"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        case .system(let path, let reason): "\(path): \(reason)"
        case .leaseLost(let path, let key):
            "\(path): run \(RunRecord.shortKey(key)) was taken over by another process"
        case .conflict(let path, let source, let keys):
            "\(path): \(source) has other rows for \(keys.count) of the same runs "
                + "(\(keys.prefix(3).map(RunRecord.shortKey).joined(separator: ", "))"
                + "\(keys.count > 3 ? ", …" : "")); nothing was merged"
        case .noSuchRun(let path, let prefix): "\(path): no run's key begins with '\(prefix)'"
        case .ambiguous(let path, let prefix, let count):
            "\(path): \(count) runs' keys begin with '\(prefix)'; give more digits"
        }
    }
}
