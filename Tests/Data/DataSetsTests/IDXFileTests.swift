import DataSets
import Foundation
import Randomness
import Testing

@Suite struct IDXFileTests {
    let elements = [UInt8](0..<24)
    var plain: [UInt8] { idxBytes(dimensions: [4, 2, 3], elements: elements) }

    @Test(arguments: [false, true]) func `reads plain and gzipped bytes alike`(gzip: Bool) throws {
        let file = try IDXFile(bytes: gzip ? gzipped(plain) : plain, name: "f")
        #expect(file.dimensions == [4, 2, 3])
        #expect(file.declaredDimensions == [4, 2, 3])
        #expect(file.count == 4)
        #expect(file.itemSize == 6)
        #expect(file.elements == elements)
    }

    @Test(arguments: [false, true], 0...4) func `the first items are a prefix`(
        gzip: Bool, first: Int
    ) throws {
        let file = try IDXFile(bytes: gzip ? gzipped(plain) : plain, name: "f", first: first)
        #expect(file.dimensions == [first, 2, 3])
        #expect(file.declaredDimensions == [4, 2, 3])
        #expect(file.elements == Array(elements.prefix(first * 6)))
    }

    @Test func `several gzip members are one stream, even an empty one`() throws {
        let parts = gzipped(Array(plain[..<9])) + gzipped([]) + gzipped(Array(plain[9...]))
        #expect(try IDXFile(bytes: parts, name: "f").elements == elements)
    }

    @Test func `a path gives what the bytes give`() throws {
        try withTemporaryDirectory { directory in
            // Larger than the reader's buffer, and hard to compress.
            var generator = RandomGenerator(seed: 3)
            let noise = (0..<200_000).map { _ in UInt8(generator.next(below: 256)) }
            let bytes = idxBytes(dimensions: [200, 1000], elements: noise)
            for content in [bytes, gzipped(bytes)] {
                let path = try place(content, "noise", in: directory)
                let file = try IDXFile(path: path)
                #expect(file.name == path)
                #expect(file.elements == noise)
                #expect(try IDXFile(path: path, first: 7).elements == Array(noise.prefix(7000)))
            }
        }
    }

    @Test func `no items and items of no elements are files too`() throws {
        let none = try IDXFile(bytes: idxBytes(dimensions: [0, 28, 28], elements: []), name: "f")
        #expect(none.count == 0)
        #expect(none.itemSize == 784)
        let empty = try IDXFile(
            bytes: idxBytes(dimensions: [4_000_000_000, 0], elements: []), name: "f")
        #expect(empty.count == 4_000_000_000)
        #expect(empty.elements.isEmpty)
    }

    @Test func `stopping early does not look behind the last item`() throws {
        let damaged = plain.dropLast(3) + [1, 2, 3, 4, 5]
        #expect(try IDXFile(bytes: Array(damaged), name: "f", first: 3).count == 3)
        #expect(throws: IDXError.trailingBytes(file: "f", dimensions: [4, 2, 3])) {
            try IDXFile(bytes: Array(damaged), name: "f")
        }
    }
}
