internal import Foundation

/// A regular file open for reading; closed when released.
///
/// Directories, pipes and devices are refused: their size is not known before they are read, and
/// the readers check sizes before they allocate.
package final class RegularFile {
    /// The size in bytes when the file was opened.
    package let size: Int
    private let file: OpenFile

    package init(path: String) throws(FileError) {
        guard !path.utf8.contains(0) else {
            throw FileError(path, .open, reason: "the path contains a NUL byte")
        }
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        file = try OpenFile(opening: path, named: path, flags: O_RDONLY | O_NONBLOCK, step: .open)
        do throws(FileError) {
            let status = try file.status(.open)
            let kind = status.st_mode & S_IFMT
            guard kind == S_IFREG else {
                throw FileError(
                    path, .open,
                    reason: (kind == S_IFDIR ? "is a directory" : "is a pipe or a device")
                        + "; expected a regular file")
            }
            size = Int(clamping: status.st_size)
        } catch {
            close(file.descriptor)
            throw error
        }
    }

    deinit { close(file.descriptor) }

    /// Reads up to `target.count` bytes; fewer only at the end of the file.
    package func read(into target: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
        try file.read(into: target)
    }

    /// The next bytes: `count` of them, or as many as are left. The caller has checked that so much can be
    /// allocated.
    package func bytes(_ count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try bytes.withUnsafeMutableBufferPointer {
            (target) throws(FileError) -> Int in try read(into: target)
        }
        bytes.removeLast(count - found)
        return bytes
    }

    /// The bytes from the current position on, at most as many as the file had when it was opened.
    /// The caller has checked `size`: this allocates it.
    package func contents() throws(FileError) -> [UInt8] { try bytes(size) }

    /// Whether a regular file, readable or not, is at `path`.
    package static func isThere(_ path: String) -> Bool {
        var status = stat()
        return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
