import Files
import Foundation
import Testing

@Suite struct RegularFileTests {
    @Test func `what is no regular file is refused, and a named pipe is not waited for`() throws {
        let directory = NSTemporaryDirectory() + "regular-file-\(UUID().uuidString)"
        #expect(mkdir(directory, 0o700) == 0)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(mkfifo(directory + "/pipe", 0o600) == 0)
        for (path, reason) in [
            (directory, "is a directory; expected a regular file"),
            (directory + "/pipe", "is a pipe or a device; expected a regular file"),
            ("a\0b", "the path contains a NUL byte"), (directory + "/none", "No such file or directory"),
        ] {
            let error = #expect(throws: FileError.self) { try RegularFile(path: path) }
            #expect(error?.reason == reason)
            #expect(error?.isOfOutput == false)
        }
    }

    @Test func `bytes come in order, fewer at the end`() throws {
        let path = NSTemporaryDirectory() + "bytes-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try AtomicFile.write(0..<10, to: path)
        let file = try RegularFile(path: path)
        #expect(file.size == 10)
        #expect(try file.bytes(4) == [0, 1, 2, 3])
        #expect(try file.contents() == [4, 5, 6, 7, 8, 9])
        #expect(try file.bytes(1).isEmpty)
        #expect(RegularFile.isThere(path) && !RegularFile.isThere(path + "x") && !RegularFile.isThere("a\0b"))
    }

    @Test func `a message cannot command a terminal`() {
        let error = FileError("a\u{1B}[2J\nb", .read, code: EIO)
        #expect(error.description == "a\\u{1B}[2J\\nb: cannot be read: Input/output error (reading it)")
    }
}
