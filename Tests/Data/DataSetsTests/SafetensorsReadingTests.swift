import DataSets
import Foundation
import Testing

@Suite struct SafetensorsReadingTests {
    @Test func `reads what the reference implementation wrote`() throws {
        let file = try Safetensors(
            bytes: PackageResources.python_written_safetensors, name: "python-written")
        #expect(
            file.tensors == [
                Safetensors.Tensor(
                    name: "layers.0.weight", shape: [2, 3],
                    values: [1.5, -2.25, 3, 0.1, 1e300, -.leastNonzeroMagnitude]),
                Safetensors.Tensor(name: "scalar", shape: [], values: [2.5]),
                Safetensors.Tensor(
                    name: "empty", shape: [0, 4], elementType: .float32, values: []),
                Safetensors.Tensor(
                    name: "layers.0.bias", shape: [2], elementType: .float32,
                    values: [Double(Float(0.1)), -1]),
            ])
        #expect(file.metadata == ["writer \"x\"": "é\n\u{1}/"])
    }

    @Test func `and writes it again, byte for byte`() throws {
        let original = PackageResources.python_written_safetensors
        let file = try Safetensors(bytes: original, name: "python-written")
        #expect(try file.bytes() == original)
    }

    @Test func `tensors that are ignored may have any type, but not any place`() throws {
        let header = #"{"extra.step":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
            + #""t":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}"#
        let bytes = safetensorsBytes(header, data: 16)
        let file = try Safetensors(bytes: bytes, name: "f", ignoring: "extra.")
        #expect(file.tensors == [Safetensors.Tensor(name: "t", shape: [1], values: [0])])
        #expect(throws: SafetensorsError.unsupportedElementType(file: "f", tensor: "extra.step", found: "I64")) {
            try Safetensors(bytes: bytes, name: "f")
        }
        let overlapping = header.replacingOccurrences(of: "[0,8]", with: "[0,12]")
        #expect(throws: SafetensorsError.layout(file: "f", tensor: "t", begin: 8, expected: 12)) {
            try Safetensors(bytes: safetensorsBytes(overlapping, data: 16), name: "f", ignoring: "extra.")
        }
    }

    @Test func `blanks, escapes and surrogates are JSON`() throws {
        let header = """
            { "a\\u00e9\\ud83d\\ude00\\/\\n" :\t{ "shape" : [ 1 , 0 ] , "data_offsets":[0,0],\r
            "dtype":"\\u0046\\u00364"} , "__metadata__" : { } }   
            """
        let file = try Safetensors(bytes: safetensorsBytes(header), name: "f")
        #expect(file.tensors.map(\.name) == ["aé😀/\n"])
        #expect(file.tensors.map(\.shape) == [[1, 0]])
        #expect(file.metadata.isEmpty)
    }

    @Test func `a file without tensors is a file`() throws {
        #expect(try Safetensors(bytes: safetensorsBytes("{}"), name: "f").tensors.isEmpty)
    }

    @Test func `a path gives what the bytes give, up to the limit`() throws {
        try withTemporaryDirectory { directory in
            let original = PackageResources.python_written_safetensors
            let path = try place(original, "f", in: directory)
            var expected = try Safetensors(bytes: original, name: path)
            #expect(try Safetensors(path: path, byteLimit: original.count) == expected)
            expected.name = "another"
            #expect(try Safetensors(path: path) != expected)
            #expect(
                throws: SafetensorsError.fileSize(file: path, found: original.count, limit: 100)
            ) { try Safetensors(path: path, byteLimit: 100) }
            let missing = "\(directory)/missing"
            #expect(
                throws: SafetensorsError.unreadable(
                    file: missing, reason: "No such file or directory")
            ) { try Safetensors(path: missing) }
        }
    }

    @Test func `names the tensor and position of the first value that is not finite`() throws {
        let tensors: [Safetensors.Tensor] = [
            .init(name: "fine", shape: [2], values: [0, -0.0]),
            .init(name: "bad", shape: [2, 3], values: [0, 1, 2, 3, -.infinity, .nan]),
        ]
        let file = try Safetensors(bytes: Safetensors(tensors: tensors).bytes(), name: "f")
        let error = SafetensorsError.notFinite(
            file: "f", tensor: "bad", index: 4, position: [1, 1], value: "-inf")
        #expect(throws: error) { try file.requireFinite() }
        #expect(
            error.description
                == "f: tensor \"bad\": element 4 (at [1, 1]) is -inf, expected a finite number")
        #expect(try file.tensor(named: "fine").firstNonFiniteIndex == nil)
        #expect(tensors[1].position(ofIndex: 6) == [])
    }
}
