import Foundation

/// Writes files that are never half-written: they appear whole, by rename, or not at all.
public enum AtomicFile {
    /// Writes the bytes to a temporary file beside `path`, flushes it to the disk, and renames it.
    ///
    /// Until the rename an older file at `path` is untouched; whatever fails, no temporary file
    /// stays behind. The new file takes over the permissions of the one it replaces; a symbolic
    /// link is followed and stays a link. A device or pipe (`/dev/null`, `/dev/stdout`) cannot be
    /// replaced by rename and is written to directly.
    ///
    /// - Throws: an error with the path, the step that failed and the system's reason.
    public static func write(
        _ bytes: some Sequence<UInt8>, to path: String
    ) throws(AtomicFileError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw AtomicFileError(path: path, step: .inspect, code: EINVAL)
        }
        var status = stat()
        let exists = stat(path, &status) == 0
        if !exists, errno != ENOENT {
            throw AtomicFileError(path: path, step: .inspect, code: errno)
        }
        switch exists ? status.st_mode & S_IFMT : S_IFREG {
        case S_IFREG:
            if exists, access(path, W_OK) != 0 {
                throw AtomicFileError(path: path, step: .inspect, code: errno)
            }
            try replace(
                exists ? realPath(path) : path, with: Array(bytes),
                mode: exists ? status.st_mode & 0o7777 : nil, reportedPath: path)
        case S_IFDIR: throw AtomicFileError(path: path, step: .inspect, code: EISDIR)
        default: try writeDirectly(Array(bytes), to: path)
        }
    }

    /// Writes the text in UTF-8.
    public static func write(_ text: String, to path: String) throws(AtomicFileError) {
        try write(text.utf8, to: path)
    }

    private static func replace(
        _ path: String, with bytes: [UInt8], mode: mode_t?, reportedPath: String
    ) throws(AtomicFileError) {
        func failure(_ step: AtomicFileError.Step) -> AtomicFileError {
            AtomicFileError(path: reportedPath, step: step, code: errno)
        }
        let temporary = temporaryPath(beside: path)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(.createTemporary) }
        var error: AtomicFileError?
        if let mode, fchmod(descriptor, mode) != 0 { error = failure(.createTemporary) }
        if error == nil, !writeAll(bytes, to: descriptor) { error = failure(.write) }
        if error == nil, fsync(descriptor) != 0 { error = failure(.write) }
        if close(descriptor) != 0, error == nil { error = failure(.write) }
        if error == nil, rename(temporary, path) != 0 { error = failure(.rename) }
        if let error {
            unlink(temporary)
            throw error
        }
    }

    private static func writeDirectly(
        _ bytes: [UInt8], to path: String
    ) throws(AtomicFileError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw AtomicFileError(path: path, step: .inspect, code: errno)
        }
        let isWritten = writeAll(bytes, to: descriptor)
        let code = errno
        close(descriptor)
        if !isWritten { throw AtomicFileError(path: path, step: .write, code: code) }
    }

    /// A name in the directory of `path` that nobody else uses: of this process and 64 random bits.
    private static func temporaryPath(beside path: String) -> String {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { String(decoding: path.utf8[...$0], as: UTF8.self) } ?? ""
        return directory + ".\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36)).tmp"
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno != EINTR { return false }
                written += max(0, count)
            }
            return true
        }
    }

    private static func realPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// Why a file could not be written.
public struct AtomicFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was being done.
    public enum Step: String, Equatable, Sendable {
        case inspect = "looking at it"
        case createTemporary = "creating a temporary file beside it"
        case write = "writing"
        case rename = "renaming the finished file"
    }

    /// The path as the caller gave it.
    public let path: String
    /// The step that failed.
    public let step: Step
    /// The system's error number (`errno`).
    public let code: Int32

    /// The failure of one step.
    public init(path: String, step: Step, code: Int32) {
        self.path = path
        self.step = step
        self.code = code
    }

    /// The system's words for the error number.
    public var cause: String { String(cString: strerror(code)) }

    public var description: String {
        "cannot write “\(path.singleLine)”: \(cause) (\(step.rawValue))"
    }
}
