internal import Foundation

/// Directories for results.
public enum OutputDirectory {
    /// Makes the directory and those above it that are missing; one that is there already is left as it is.
    ///
    /// - Throws: `FileError`.
    public static func make(at path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part
            let code = mkdir(made, 0o777) == 0 ? 0 : errno
            // On a read-only disk, say, the reason is not always that it is there already.
            guard code == 0 || access(made, F_OK) == 0 else { throw FileError(path, .inspect, code: code) }
            made += "/"
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw FileError(path, .inspect, code: ENOTDIR)
        }
    }
}
