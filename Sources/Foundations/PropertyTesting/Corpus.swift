public import Foundation

/// A directory of past failures: one text file per property, one replay token per line.
///
/// Text behind a token, empty lines, and lines that start with `#` are comments. The files are meant to be kept under
/// version control with the tests.
public struct Corpus: Sendable, Hashable {
    public let directory: URL
    /// Whether a check adds the counterexamples it finds. Otherwise the corpus is only read.
    public let isRecording: Bool

    public init(directory: URL, isRecording: Bool = true) {
        self.directory = directory
        self.isRecording = isRecording
    }

    /// The file of a property: its name with everything but ASCII letters, digits, `-`, `_` and `.` replaced, cut to 80
    /// characters. Where that changes the name a checksum is added, so that different names have different files.
    public func file(for name: String) -> URL {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
        var stem = String(name.prefix(80).map { allowed.contains($0) ? $0 : "_" })
        if stem.isEmpty || stem.hasPrefix(".") { stem = "_" + stem }
        if stem != name {
            let sum = cyclicRedundancyCheck32(name.utf8)
            stem += "-" + Base32.encode((0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) })
        }
        return directory.appendingPathComponent(stem + ".txt")
    }

    /// The stored tokens of a property in order, and the lines that are not tokens. Without a file there are neither.
    public func contents(for name: String) -> (tokens: [ReplayToken], problems: [CorpusProblem]) {
        let file = file(for: name)
        let data: Data
        do {
            guard let read = try readIfPresent(file) else { return ([], []) }
            data = read
        } catch {
            return ([], [CorpusProblem(file: file.path, line: nil, reason: "cannot be read: \(error)")])
        }
        var tokens: [ReplayToken] = []
        var problems: [CorpusProblem] = []
        // Damaged bytes become replacement characters, which no token contains.
        let lines = String(decoding: data, as: UTF8.self)
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (offset, line) in lines.enumerated() {
            guard let word = line.split(whereSeparator: \.isWhitespace).first, !word.hasPrefix("#") else { continue }
            do {
                tokens.append(try ReplayToken(parsing: String(word)))
            } catch {
                problems.append(CorpusProblem(file: file.path, line: offset + 1, reason: "\(error)"))
            }
        }
        return (tokens, problems)
    }

    /// Adds a token to the file of a property, unless it is there. Nothing else in the file changes, damaged lines
    /// included.
    ///
    /// The file is replaced by renaming a complete new one, so a reader never sees half a file. Of two processes that
    /// add to the same file at the same moment, one may lose its token.
    public func add(_ token: ReplayToken, for name: String) throws(CorpusProblem) {
        guard !contents(for: name).tokens.contains(token) else { return }
        let file = file(for: name)
        do {
            let title = name.split(whereSeparator: \.isNewline).joined(separator: " ")
            var data = try readIfPresent(file) ?? Data("# \(title)\n".utf8)
            if let last = data.last, last != UInt8(ascii: "\n") { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: Data("\(token)\n".utf8))
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try data.write(to: file, options: .atomic)
        } catch {
            throw CorpusProblem(file: file.path, line: nil, reason: "cannot be written: \(error)")
        }
    }

    /// Adds the token if the corpus records, and returns what went wrong.
    func record(_ token: ReplayToken, for name: String) -> CorpusProblem? {
        guard isRecording else { return nil }
        do {
            try add(token, for: name)
            return nil
        } catch {
            return error
        }
    }

    private func readIfPresent(_ file: URL) throws -> Data? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return try Data(contentsOf: file)
    }
}

/// Something in a corpus that could not be used. It never ends a check.
public struct CorpusProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public let file: String
    /// The line, counted from 1; nil if the file as a whole is meant.
    public let line: Int?
    public let reason: String

    public var description: String {
        line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)"
    }
}

/// What became of the stored failures in a check.
public struct CorpusReport: Sendable, Equatable {
    /// How many stored cases were run; a failing one is the last.
    public internal(set) var replayed = 0
    /// How many of them were discarded: the generator or the assumptions have changed, and they can be removed.
    public internal(set) var discarded = 0
    public internal(set) var problems: [CorpusProblem]

    package init(problems: [CorpusProblem]) {
        self.problems = problems
    }
}
