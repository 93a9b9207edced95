#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writing whole files so that a reader sees the old content or the new, never a part.
enum AtomicFile {
    /// Writes `bytes` to a temporary file in the directory of `path` and renames it to `path`.
    ///
    /// The temporary file is removed if anything fails. An existing file is replaced (a symbolic
    /// link by a file); its permissions are those of any new file. With `synchronize` the bytes are
    /// on the disk before the rename (`fsync`), so that a power failure cannot leave an empty file.
    static func write(
        _ bytes: [UInt8], to path: String, synchronize: Bool
    ) throws(FileFailure) {
        guard !path.isEmpty else { throw FileFailure("the path is empty") }
        guard !path.utf8.contains(0) else { throw FileFailure("the path contains a NUL byte") }
        let (temporary, descriptor) = try openTemporary(beside: path)
        do throws(FileFailure) {
            do throws(FileFailure) {
                try writeAll(bytes, to: descriptor)
                if synchronize, fsync(descriptor) != 0 { throw .system(errno) }
            } catch {
                close(descriptor)
                throw error
            }
            guard close(descriptor) == 0 else { throw .system(errno) }
            guard rename(temporary, path) == 0 else { throw .system(errno) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// A new file `path.PID.N.tmp`, in the same directory because `rename` cannot cross file
    /// systems.
    private static func openTemporary(beside path: String) throws(FileFailure) -> (String, Int32) {
        for attempt in 0..<1000 {
            let candidate = "\(path).\(getpid()).\(attempt).tmp"
            let descriptor = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (candidate, descriptor) }
            guard errno == EEXIST || errno == EINTR else { throw .system(errno) }
        }
        throw FileFailure("no free name for a temporary file beside it")
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(FileFailure) {
        var done = 0
        while done < bytes.count {
            let step = bytes.withUnsafeBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                #if canImport(Glibc)
                    return Glibc.write(descriptor, base + done, buffer.count - done)
                #elseif canImport(Musl)
                    return Musl.write(descriptor, base + done, buffer.count - done)
                #else
                    return Darwin.write(descriptor, base + done, buffer.count - done)
                #endif
            }
            if step < 0 {
                if errno == EINTR { continue }
                throw .system(errno)
            }
            guard step > 0 else { throw FileFailure("no byte could be written") }
            done += step
        }
    }
}
