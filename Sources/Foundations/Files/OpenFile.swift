internal import Foundation

/// An open file, by the operating system's number for it. Calls that a signal interrupts are repeated; a
/// stream that does not take more at the moment is waited for.
struct OpenFile {
    /// The name of the file in errors.
    let name: String
    let descriptor: Int32

    /// The file that is open under this number.
    init(_ descriptor: Int32, name: String) {
        self.name = name
        self.descriptor = descriptor
    }

    /// Opens `path`; the file stays closed to programs that this one starts. The caller closes it.
    init(
        opening path: String, named name: String, flags: Int32, mode: mode_t = 0, step: FileError.Step
    ) throws(FileError) {
        while true {
            let opened = open(path, flags | O_CLOEXEC, mode)
            if opened >= 0 {
                self.init(opened, name: name)
                return
            }
            guard errno == EINTR else { throw FileError(name, step) }
        }
    }

    /// What the system knows of it.
    func status(_ step: FileError.Step) throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(name, step) }
        return status
    }

    /// Reads up to `target.count` bytes; fewer only at the end of the file.
    func read(into target: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
        guard let base = target.baseAddress else { return 0 }
        var done = 0
        while done < target.count {
            let step = Foundation.read(descriptor, base + done, target.count - done)
            if step == 0 { break }
            if step < 0, errno != EINTR { throw FileError(name, .read) }
            done += max(0, step)
        }
        return done
    }

    /// Writes all bytes, or throws.
    func write(_ bytes: [UInt8]) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let step = bytes.withUnsafeBytes { buffer in
                Foundation.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            }
            if step >= 0 {
                done += step
            } else if errno == EAGAIN {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wanted, 1, -1)
            } else if errno != EINTR {
                throw FileError(name, .write)
            }
        }
    }

    /// Closes it. Some file systems report only here that an earlier write failed.
    func closeWritten() throws(FileError) {
        guard close(descriptor) == 0 || errno == EINTR else { throw FileError(name, .write) }
    }
}
