internal import Foundation

/// Writes whole files: a reader sees the old content or the new one, never a part.
public enum AtomicFile {
    /// Writes the bytes to a temporary file beside `path`, flushes it to the disk, and renames it.
    ///
    /// *Laws.* Until the rename an older file is untouched; whatever fails, no temporary file stays behind and an
    /// error says so. The new file takes over the permissions of the one that it replaces (and its owner, where
    /// that is allowed). A symbolic link is followed, also one to a file that does not exist yet, and stays a
    /// link. Further hard links keep the old content.
    ///
    /// What is not a regular file cannot be replaced by rename and never is: a device, a named pipe or a terminal
    /// is written through (a named pipe waits for its reader), a directory or a socket is refused. A standard
    /// stream by another name, such as `/dev/stdout`, is that stream, wherever it leads.
    ///
    /// - Parameters:
    ///   - bytes: the content.
    ///   - path: where; its directory must exist.
    /// - Throws: `FileError`, with the path as it was given.
    public static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(FileError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw FileError(path, .inspect, code: EINVAL)
        }
        var old = stat()
        let isNew = stat(path, &old) != 0
        guard !isNew || errno == ENOENT else { throw FileError(path, .inspect) }
        let content = Array(bytes)
        if isNew {
            return try replace(target(of: path), with: content, like: nil, named: path)
        }
        if let stream = standardStream(old) {
            return try OpenFile(stream, name: path).write(content)
        }
        switch old.st_mode & S_IFMT {
        case S_IFREG:
            guard access(path, W_OK) == 0 else { throw FileError(path, .inspect) }
            try replace(target(of: path), with: content, like: old, named: path)
        case S_IFDIR: throw FileError(path, .inspect, code: EISDIR)
        default: try writeThrough(content, to: path)
        }
    }

    /// Writes the text in UTF-8.
    ///
    /// - Throws: `FileError`.
    public static func write(_ text: String, to path: String) throws(FileError) {
        try write(text.utf8, to: path)
    }

    private static func replace(
        _ target: String, with bytes: [UInt8], like old: stat?, named name: String
    ) throws(FileError) {
        // In the same directory, because a rename cannot cross file systems.
        let temporary =
            directory(of: target) + ".\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36)).tmp"
        let file = try OpenFile(
            opening: temporary, named: name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o666,
            step: .createTemporary)
        do throws(FileError) {
            do throws(FileError) {
                try imitate(old, file)
                try file.write(bytes)
                guard fsync(file.descriptor) == 0 else { throw FileError(name, .write) }
            } catch {
                close(file.descriptor)
                throw error
            }
            try file.closeWritten()
            guard rename(temporary, target) == 0 else { throw FileError(name, .rename) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Gives the new file the owner, if the system allows it, and the permissions of the old one.
    private static func imitate(_ old: stat?, _ file: OpenFile) throws(FileError) {
        guard let old else { return }
        // A change of owner may take permissions away, so it comes first.
        _ = fchown(file.descriptor, old.st_uid, old.st_gid)
        guard fchmod(file.descriptor, old.st_mode & 0o7777) == 0 else {
            throw FileError(file.name, .createTemporary)
        }
    }

    private static func writeThrough(_ bytes: [UInt8], to path: String) throws(FileError) {
        let file = try OpenFile(opening: path, named: path, flags: O_WRONLY | O_NOCTTY, step: .inspect)
        do throws(FileError) {
            try file.write(bytes)
        } catch {
            close(file.descriptor)
            throw error
        }
        try file.closeWritten()
    }

    /// The standard stream that is this very file. Devices are left out: they can be opened anew, and
    /// /dev/null may be there in the place of a closed stream.
    private static func standardStream(_ status: stat) -> Int32? {
        [STDOUT_FILENO, STDERR_FILENO].first { stream in
            var open = stat()
            return fstat(stream, &open) == 0 && open.st_dev == status.st_dev && open.st_ino == status.st_ino
                && open.st_mode & S_IFMT != S_IFCHR
        }
    }

    /// Where the links at `path` lead, whether or not something is there.
    private static func target(of path: String) -> String {
        var target = path
        // `stat` has followed the same links, so there is no circle; the bound is for one made since.
        for _ in 0..<64 {
            var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(target, &buffer, buffer.count)
            guard count > 0 else { return target }
            let link = String(decoding: buffer.prefix(count), as: UTF8.self)
            target = link.hasPrefix("/") ? link : directory(of: target) + link
        }
        return target
    }

    /// The path up to and including its last slash; empty if there is none.
    private static func directory(of path: String) -> String {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        return slash.map { String(decoding: path.utf8[...$0], as: UTF8.self) } ?? ""
    }
}
