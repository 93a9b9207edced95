#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why the operating system refused, in its own words. The readers add the file's name.
struct FileFailure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// The reason that `errno` stands for.
    static func system(_ code: Int32) -> FileFailure {
        FileFailure(String(cString: strerror(code)))
    }
}

/// A regular file open for reading; closed when released.
///
/// Directories, pipes and devices are refused: their size is not known before they are read, and
/// the readers check sizes before they allocate.
final class RegularFile {
    /// The size in bytes when the file was opened.
    let size: Int
    private let descriptor: Int32

    init(path: String) throws(FileFailure) {
        guard !path.utf8.contains(0) else { throw FileFailure("the path contains a NUL byte") }
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw .system(errno) }
        var status = stat()
        guard fstat(opened, &status) == 0 else {
            let code = errno
            close(opened)
            throw .system(code)
        }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG else {
            close(opened)
            throw FileFailure(
                (kind == S_IFDIR ? "is a directory" : "is a pipe or a device")
                    + "; expected a regular file")
        }
        descriptor = opened
        size = Int(clamping: status.st_size)
    }

    deinit { close(descriptor) }

    /// Reads up to `target.count` bytes; fewer only at the end of the file.
    func read(into target: UnsafeMutableBufferPointer<UInt8>) throws(FileFailure) -> Int {
        guard let base = target.baseAddress else { return 0 }
        var done = 0
        while done < target.count {
            #if canImport(Glibc)
                let step = Glibc.read(descriptor, base + done, target.count - done)
            #elseif canImport(Musl)
                let step = Musl.read(descriptor, base + done, target.count - done)
            #else
                let step = Darwin.read(descriptor, base + done, target.count - done)
            #endif
            if step < 0 {
                if errno == EINTR { continue }
                throw .system(errno)
            }
            if step == 0 { break }
            done += step
        }
        return done
    }

    /// The bytes from the current position on, at most as many as the file had when it was opened.
    /// The caller has checked `size`: this allocates it.
    func contents() throws(FileFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        let found = try bytes.withUnsafeMutableBufferPointer {
            (target) throws(FileFailure) -> Int in try read(into: target)
        }
        bytes.removeLast(bytes.count - found)
        return bytes
    }

    /// Whether something exists at `path` (readable or not).
    static func exists(_ path: String) -> Bool {
        !path.utf8.contains(0) && access(path, F_OK) == 0
    }
}
