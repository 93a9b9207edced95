import Foundation
import Documents
import Testing

@Suite struct AtomicFileTests {
    /// A directory of its own for each test, removed afterwards.
    private func inScratchDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "/atomic-file-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func writesAndReplaces() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            let path = directory + "/α table.csv"
            try AtomicFile.write([0, 255, 10], to: path)
            #expect(FileManager.default.contents(atPath: path) == Data([0, 255, 10]))
            try AtomicFile.write("new α\n", to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "new α\n")
            try AtomicFile.write([], to: path)
            #expect(FileManager.default.contents(atPath: path) == Data())
            let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try AtomicFile.write(large, to: path)
            #expect(FileManager.default.contents(atPath: path) == Data(large))
            #expect(try names(in: directory) == ["α table.csv"])
        }
    }

    @Test func replacesByRename() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            let (path, other) = (directory + "/a", directory + "/b")
            try AtomicFile.write("old", to: path)
            try FileManager.default.linkItem(atPath: path, toPath: other)
            try AtomicFile.write("new", to: path)
            #expect(try String(contentsOfFile: other, encoding: .utf8) == "old")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
        }
    }

    @Test func permissionsAreKept() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            let path = directory + "/a"
            try AtomicFile.write("old", to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            try AtomicFile.write("new", to: path)
            #expect(try mode(of: path) == 0o640)
        }
    }

    @Test func aNewFileHasTheUsualPermissions() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            try AtomicFile.write("a", to: directory + "/a")
            close(open(directory + "/b", O_CREAT | O_WRONLY, 0o666))
            #expect(try mode(of: directory + "/a") == mode(of: directory + "/b"))
        }
    }

    @Test func aLinkStaysALink() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            let (target, link) = (directory + "/target", directory + "/link")
            try AtomicFile.write("old", to: target)
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "target")
            try AtomicFile.write("new", to: link)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
        }
    }

    @Test func aDeviceIsWrittenToAndNotReplaced() throws {
        try AtomicFile.write("gone", to: "/dev/null")
        let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type]
        #expect(type as? FileAttributeType == .typeCharacterSpecial)
        #expect(throws: AtomicFileError(path: "/dev/full", step: .write, code: ENOSPC)) {
            try AtomicFile.write("too much", to: "/dev/full")
        }
    }

    @Test func impossiblePathsAreRefused() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            let missing = directory + "/missing/a"
            #expect(
                throws: AtomicFileError(path: missing, step: .createTemporary, code: ENOENT)
            ) { try AtomicFile.write("x", to: missing) }
            #expect(throws: AtomicFileError(path: directory, step: .inspect, code: EISDIR)) {
                try AtomicFile.write("x", to: directory)
            }
            try AtomicFile.write("x", to: directory + "/file")
            let below = directory + "/file/a"
            #expect(throws: AtomicFileError(path: below, step: .inspect, code: ENOTDIR)) {
                try AtomicFile.write("x", to: below)
            }
            for path in ["", "a\0b"] {
                #expect(throws: AtomicFileError(path: path, step: .inspect, code: EINVAL)) {
                    try AtomicFile.write("x", to: path)
                }
            }
            #expect(try names(in: directory) == ["file"])
        }
    }

    @Test("a rename that fails leaves no temporary file")
    func failedRenameCleansUp() throws {
        /// No bytes; but by the time they have been read, a directory stands in the way.
        struct Obstruction: Sequence, IteratorProtocol {
            let path: String
            func next() -> UInt8? {
                mkdir(path, 0o755)
                return nil
            }
        }
        try inScratchDirectory { (directory: String) throws -> Void in
            let path = directory + "/a"
            #expect(throws: AtomicFileError(path: path, step: .rename, code: EISDIR)) {
                try AtomicFile.write(Obstruction(path: path), to: path)
            }
            #expect(try names(in: directory) == ["a"])
        }
    }

    @Test func message() {
        let error = AtomicFileError(path: "results/a.csv", step: .createTemporary, code: ENOENT)
        #expect(
            error.description
                == "cannot write “results/a.csv”: No such file or directory"
                + " (creating a temporary file beside it)")
    }
}
