import DataSets
import Foundation
import Testing

@Suite struct IDXErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let bytes: [UInt8]
        let error: IDXError
        var first: Int? = nil
        var limit = IDXFile.defaultByteLimit
        var testDescription: String { what }
    }

    static let good = idxBytes(dimensions: [2, 3], elements: [1, 2, 3, 4, 5, 6])

    static let cases: [Case] = [
        Case(what: "empty", bytes: [], error: .wrongMagic(file: "f", found: [])),
        Case(
            what: "zip archive", bytes: [0x50, 0x4B, 3, 4, 5],
            error: .wrongMagic(file: "f", found: [0x50, 0x4B, 3, 4])),
        Case(
            what: "second byte", bytes: [0, 7, 8, 1],
            error: .wrongMagic(file: "f", found: [0, 7, 8, 1])),
        Case(
            what: "short magic", bytes: [0, 0, 8], error: .wrongMagic(file: "f", found: [0, 0, 8])),
        Case(
            what: "floats", bytes: idxBytes(magic: [0, 0, 0x0D], dimensions: [0], elements: []),
            error: .unsupportedElementType(file: "f", code: 0x0D)),
        Case(what: "rank 0", bytes: [0, 0, 8, 0, 1], error: .noDimensions(file: "f")),
        Case(
            what: "header cut", bytes: [0, 0, 8, 3, 0, 0, 0, 1, 0],
            error: .truncated(file: "f", part: "dimensions", found: 5, expected: 12)),
        Case(
            what: "product overflows",
            bytes: idxBytes(dimensions: [.max, .max, .max], elements: []),
            error: .sizeOverflow(
                file: "f", dimensions: [4_294_967_295, 4_294_967_295, 4_294_967_295])),
        Case(
            what: "product overflows before a zero",
            bytes: idxBytes(dimensions: [1, .max, .max, 0], elements: []),
            error: .sizeOverflow(file: "f", dimensions: [1, 4_294_967_295, 4_294_967_295, 0])),
        Case(
            what: "overflow hidden by first",
            bytes: idxBytes(dimensions: [.max, .max, .max], elements: []),
            error: .sizeOverflow(
                file: "f", dimensions: [4_294_967_295, 4_294_967_295, 4_294_967_295]),
            first: 0),
        Case(
            what: "above the limit", bytes: good,
            error: .sizeLimit(file: "f", dimensions: [2, 3], bytes: 6, limit: 5), limit: 5),
        Case(
            what: "a gibibyte declared",
            bytes: idxBytes(dimensions: [1 << 20, 1 << 11], elements: []),
            error: .sizeLimit(
                file: "f", dimensions: [1 << 20, 1 << 11], bytes: 1 << 31, limit: 1 << 30)),
        Case(
            what: "elements cut", bytes: good.dropLast(),
            error: .truncated(file: "f", part: "elements", found: 5, expected: 6)),
        Case(
            what: "no elements of many", bytes: idxBytes(dimensions: [1 << 29], elements: []),
            error: .truncated(file: "f", part: "elements", found: 0, expected: 1 << 29)),
        Case(
            what: "one byte more", bytes: good + [7],
            error: .trailingBytes(file: "f", dimensions: [2, 3])),
        Case(
            what: "too many items", bytes: good,
            error: .itemCount(file: "f", requested: 3, available: 2), first: 3),
        Case(
            what: "negative items", bytes: good,
            error: .itemCount(file: "f", requested: -1, available: 2), first: -1),
        Case(
            what: "gzip, nothing in it", bytes: gzipped([]),
            error: .wrongMagic(file: "f", found: [])),
        Case(
            what: "gzip, elements cut inside", bytes: gzipped(good.dropLast()),
            error: .truncated(file: "f", part: "elements", found: 5, expected: 6)),
        Case(
            what: "gzip, one byte more inside", bytes: gzipped(good + [7]),
            error: .trailingBytes(file: "f", dimensions: [2, 3])),
        Case(
            what: "gzip, another member behind", bytes: gzipped(good) + gzipped([7]),
            error: .trailingBytes(file: "f", dimensions: [2, 3])),
        Case(
            what: "gzip, garbage behind", bytes: gzipped(good) + [7, 7, 7],
            error: .corruptGzip(file: "f", reason: "incorrect header check")),
        Case(
            what: "gzip, stream cut", bytes: gzipped(good).dropLast(4),
            error: .corruptGzip(
                file: "f", reason: "the stream ends early: the file is truncated")),
        Case(
            what: "gzip, wrong checksum",
            bytes: gzipped(good).dropLast(8) + [0, 0, 0, 0, 14, 0, 0, 0],
            error: .corruptGzip(file: "f", reason: "incorrect data check")),
        Case(
            what: "gzip that cannot hold what it declares",
            bytes: gzipped(idxBytes(dimensions: [1 << 29], elements: [])),
            error: .implausibleSize(
                file: "f", compressed: gzipped(idxBytes(dimensions: [1 << 29], elements: [])).count,
                expected: 1 << 29)),
    ]

    @Test(arguments: cases) func `names what is wrong`(_ wrong: Case) {
        #expect(throws: wrong.error) {
            try IDXFile(bytes: wrong.bytes, name: "f", first: wrong.first, byteLimit: wrong.limit)
        }
    }

    @Test(arguments: cases) func `the message names the file and is one line`(_ wrong: Case) {
        #expect(wrong.error.description.hasPrefix("f: "))
        #expect(!wrong.error.description.contains("\n"))
    }

    @Test func `a bomb is inflated no further than the declared size`() {
        // 64 MiB of zeros behind a header that declares two bytes.
        let bomb = gzipped(
            idxBytes(dimensions: [2], elements: [UInt8](repeating: 0, count: 1 << 26)))
        #expect(bomb.count < 1 << 17)
        // Its damaged end would be another error, if it were reached.
        #expect(throws: IDXError.trailingBytes(file: "bomb", dimensions: [2])) {
            try IDXFile(bytes: Array(bomb.dropLast(100)), name: "bomb")
        }
    }

    @Test func `what cannot be opened is named with the system's reason`() throws {
        try withTemporaryDirectory { directory in
            let missing = "\(directory)/missing"
            #expect(
                throws: IDXError.unreadable(file: missing, reason: "No such file or directory")
            ) { try IDXFile(path: missing) }
            #expect(
                throws: IDXError.unreadable(
                    file: directory, reason: "is a directory; expected a regular file")
            ) { try IDXFile(path: directory) }
            let nul = "\(directory)/a\0b"
            #expect(
                throws: IDXError.unreadable(file: nul, reason: "the path contains a NUL byte")
            ) { try IDXFile(path: nul) }
        }
        #expect(
            throws: IDXError.unreadable(
                file: "/dev/zero", reason: "is a pipe or a device; expected a regular file")
        ) { try IDXFile(path: "/dev/zero") }
    }

    @Test func `messages say what was found and what was expected`() {
        #expect(
            IDXError.wrongMagic(file: "a.png", found: [0x89, 0x50, 0x4E, 0x47]).description
                == "a.png: not an IDX file: starts with 89 50 4e 47, expected 00 00 08 (or 1f "
                + "8b if gzipped)")
        #expect(
            IDXError.unsupportedElementType(file: "a", code: 0x0D).description
                == "a: element type 0x0d (32-bit float), expected 0x08 (unsigned byte)")
        #expect(
            IDXError.truncated(file: "a", part: "elements", found: 5, expected: 6).description
                == "a: truncated: 5 bytes of elements, expected 6")
    }
}
