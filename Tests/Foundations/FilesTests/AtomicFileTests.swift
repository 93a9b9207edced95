import Files
import Foundation
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

    @Test func `a chain of links is followed to a file that does not exist yet`() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            try FileManager.default.createDirectory(
                atPath: directory + "/inner", withIntermediateDirectories: false)
            for (link, target) in [("a", "inner/b"), ("inner/b", "../c"), ("inner/d", directory + "/e")] {
                try FileManager.default.createSymbolicLink(
                    atPath: directory + "/" + link, withDestinationPath: target)
            }
            try AtomicFile.write("c", to: directory + "/a")
            try AtomicFile.write("e", to: directory + "/inner/d")
            #expect(try names(in: directory) == ["a", "c", "e", "inner"])
            #expect(try names(in: directory + "/inner") == ["b", "d"])
            #expect(try String(contentsOfFile: directory + "/c", encoding: .utf8) == "c")
        }
    }

    @Test func `a circle of links is refused`() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            for (link, target) in [("a", "b"), ("b", "a")] {
                try FileManager.default.createSymbolicLink(
                    atPath: directory + "/" + link, withDestinationPath: target)
            }
            #expect(throws: FileError(directory + "/a", .inspect, code: ELOOP)) {
                try AtomicFile.write("x", to: directory + "/a")
            }
            #expect(try names(in: directory) == ["a", "b"])
        }
    }

    @Test func `a named pipe is written through and stays one`() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            let path = directory + "/pipe"
            #expect(mkfifo(path, 0o600) == 0)
            // Open for reading and writing, so that nobody waits.
            let reader = open(path, O_RDWR)
            defer { close(reader) }
            try AtomicFile.write("through", to: path)
            var buffer = [UInt8](repeating: 0, count: 100)
            let count = read(reader, &buffer, buffer.count)
            #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "through")
            let type = try FileManager.default.attributesOfItem(atPath: path)[.type]
            #expect(try names(in: directory) == ["pipe"])
            #expect(type as? FileAttributeType != .typeRegular)
        }
    }

    @Test func impossiblePathsAreRefused() throws {
        try inScratchDirectory { (directory: String) throws -> Void in
            let missing = directory + "/missing/a"
            #expect(
                throws: FileError(missing, .createTemporary, code: ENOENT)
            ) { try AtomicFile.write("x", to: missing) }
            #expect(throws: FileError(directory, .inspect, code: EISDIR)) {
                try AtomicFile.write("x", to: directory)
            }
            try AtomicFile.write("x", to: directory + "/file")
            let below = directory + "/file/a"
            #expect(throws: FileError(below, .inspect, code: ENOTDIR)) {
                try AtomicFile.write("x", to: below)
            }
            for path in ["", "a\0b"] {
                #expect(throws: FileError(path, .inspect, code: EINVAL)) {
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
            #expect(throws: FileError(path, .rename, code: EISDIR)) {
                try AtomicFile.write(Obstruction(path: path), to: path)
            }
            #expect(try names(in: directory) == ["a"])
        }
    }

    @Test func message() {
        let error = FileError("results/a.csv", .createTemporary, code: ENOENT)
        #expect(
            error.description
                == "results/a.csv: cannot be written: No such file or directory"
                + " (creating a temporary file beside it)")
    }
}
