import DataSets
import Files
import Foundation
import Testing

@Suite struct SafetensorsWritingTests {
    let tensors: [Safetensors.Tensor] = [
        .init(name: "z", shape: [1, 2], values: [.pi, -0.0]),
        .init(name: "n", shape: [3], elementType: .float32, values: [0.5, 16_777_216, 1e-45]),
        .init(name: "é", shape: [], values: [.leastNonzeroMagnitude]),
        .init(name: "a\"\\\u{2}", shape: [2, 0, 5], elementType: .float32, values: []),
    ]

    @Test func `what was written is read`() throws {
        let file = Safetensors(tensors: tensors, metadata: ["b": "2", "a": "1\t"])
        let read = try Safetensors(bytes: file.bytes(), name: "f")
        #expect(read.metadata == file.metadata)
        #expect(read.tensors.map(\.name) == ["z", "é", "a\"\\\u{2}", "n"])
        for tensor in tensors where tensor.elementType == .float64 {
            #expect(try read.tensor(named: tensor.name) == tensor)
        }
        #expect(try read.tensor(named: "n").values == [0.5, 16_777_216, Double(Float(1e-45))])
    }

    @Test func `bits of doubles survive, those of a NaN too`() throws {
        let bits: [UInt64] = [
            0x7FF8_0000_0000_BEEF, 0xFFF0_0000_0000_0000, 1, 0x8000_0000_0000_0000,
        ]
        let values = bits.map(Double.init(bitPattern:))
        let file = Safetensors(tensors: [.init(name: "t", shape: [4], values: values)])
        let read = try Safetensors(bytes: file.bytes(), name: "f").tensor(named: "t")
        #expect(read.values.map(\.bitPattern) == bits)
    }

    @Test func `the order given does not matter`() throws {
        let metadata = ["x": "1", "y": "2", "z": "3"]
        let bytes = try Safetensors(tensors: tensors, metadata: metadata).bytes()
        #expect(
            try Safetensors(tensors: tensors.reversed(), metadata: metadata).bytes() == bytes)
    }

    @Test(arguments: 1...9) func `the data begin at a multiple of 8`(length: Int) throws {
        let name = String(repeating: "n", count: length)
        let bytes = try Safetensors(tensors: [.init(name: name, shape: [1], values: [1])]).bytes()
        #expect(bytes.count % 8 == 0)
        #expect(bytes[0] % 8 == 0)
        #expect(bytes.suffix(8) == [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        #expect(bytes[bytes.count - 9] == 0x20 || bytes[bytes.count - 9] == UInt8(ascii: "}"))
    }

    @Test func `refuses what it could not write truly`() {
        func error(_ tensors: [Safetensors.Tensor]) -> SafetensorsError? {
            #expect(throws: SafetensorsError.self) {
                try Safetensors(tensors: tensors, name: "f").bytes()
            }
        }
        #expect(
            error([.init(name: "t", shape: [2, 2], values: [1, 2, 3])])
                == .valueCount(file: "f", tensor: "t", shape: [2, 2], found: 3))
        #expect(
            error([.init(name: "t", shape: [-1], values: [])])
                == .shapeOverflow(file: "f", tensor: "t", shape: [-1]))
        #expect(
            error([.init(name: "t", shape: [.max, 2], values: [])])
                == .shapeOverflow(file: "f", tensor: "t", shape: [.max, 2]))
        #expect(
            error([.init(name: "__metadata__", shape: [], values: [1])])
                == .invalidName(
                    file: "f", tensor: "__metadata__", reason: "reserved, expected another name"))
        #expect(
            error(Array(repeating: .init(name: "t", shape: [], values: [1]), count: 2))
                == .invalidName(
                    file: "f", tensor: "t", reason: "used twice, expected unique names"))
        #expect(
            error([.init(name: "t", shape: [2], elementType: .float32, values: [.infinity, 1e39])])
                == .notRepresentable(file: "f", tensor: "t", index: 1, value: 1e39))
    }

    @Test func `a file appears whole and leaves nothing beside it`() throws {
        try withTemporaryDirectory { directory in
            let path = try place([1, 2, 3], "out.safetensors", in: directory)
            let file = Safetensors(tensors: tensors)
            try file.write(to: path)
            #expect(try Safetensors(path: path).tensors.count == tensors.count)
            #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == file.bytes())
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory) == [
                    "out.safetensors"
                ])
        }
    }

    @Test func `a failed write leaves the old file and nothing else`() throws {
        try withTemporaryDirectory { directory in
            let file = Safetensors(tensors: tensors)
            let taken = "\(directory)/taken"
            try FileManager.default.createDirectory(
                atPath: taken, withIntermediateDirectories: false)
            #expect(
                throws: FileError(taken, .inspect, code: EISDIR)
            ) { try file.write(to: taken) }
            let nowhere = "\(directory)/nowhere/out"
            #expect(
                throws: FileError(nowhere, .createTemporary, code: ENOENT)
            ) { try file.write(to: nowhere) }

            let old = try place([1, 2, 3], "old", in: directory)
            let bad = Safetensors(tensors: [.init(name: "t", shape: [2], values: [1])])
            #expect(
                throws: SafetensorsError.valueCount(file: old, tensor: "t", shape: [2], found: 1)
            ) {
                try bad.write(to: old)
            }
            #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: old))) == [1, 2, 3])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
                    == ["old", "taken"])
        }
    }
}
