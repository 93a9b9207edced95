import DataSets
import Testing

@Suite struct SafetensorsErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let error: SafetensorsError
        var testDescription: String {
            String(decoding: bytes.dropFirst(8).prefix(90), as: UTF8.self)
        }

        init(_ bytes: [UInt8], _ error: SafetensorsError) {
            self.bytes = bytes
            self.error = error
        }
    }

    /// A file with one tensor `t` whose fields are given.
    static func one(
        _ dtype: String = "F64", _ shape: String = "[2]", _ offsets: String = "[0,16]",
        data: Int = 16
    ) -> [UInt8] {
        safetensorsBytes(
            #"{"t":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#, data: data
        )
    }

    /// A file with two scalars at the given offsets.
    static func two(_ a: String, _ b: String, data: Int) -> [UInt8] {
        safetensorsBytes(
            #"{"a":{"dtype":"F64","shape":[],"data_offsets":\#(a)},"#
                + #""b":{"dtype":"F64","shape":[],"data_offsets":\#(b)}}"#, data: data)
    }

    static let files: [Case] = [
        Case([1, 2, 3], .tooShort(file: "f", found: 3)),
        Case(safetensorsBytes("{}", length: 3), .headerLength(file: "f", found: 3, limit: 2)),
        Case(safetensorsBytes("{}", length: .max), .headerLength(file: "f", found: .max, limit: 2)),
        Case(
            safetensorsBytes("{}", length: 1 << 63),
            .headerLength(file: "f", found: 1 << 63, limit: 2)),
        Case(safetensorsBytes("{}", data: 1), .unusedBytes(file: "f", found: 1, expected: 0)),
        Case(one(data: 24), .unusedBytes(file: "f", found: 24, expected: 16)),
        Case(one(data: 15), .offsets(file: "f", tensor: "t", begin: 0, end: 16, available: 15)),
        Case(
            one("F64", "[2]", "[16,0]"),
            .offsets(file: "f", tensor: "t", begin: 16, end: 0, available: 16)),
        Case(
            one("F64", "[3]"),
            .byteCount(
                file: "f", tensor: "t", shape: [3], elementType: "F64", found: 16, expected: 24)),
        Case(
            one("F32", "[2]"),
            .byteCount(
                file: "f", tensor: "t", shape: [2], elementType: "F32", found: 16, expected: 8)),
        Case(
            one("F64", "[1000000000000000000]"),
            .byteCount(
                file: "f", tensor: "t", shape: [1_000_000_000_000_000_000], elementType: "F64",
                found: 16, expected: 8_000_000_000_000_000_000)),
        Case(
            one("F64", "[2000000000000000000]"),
            .shapeOverflow(file: "f", tensor: "t", shape: [2_000_000_000_000_000_000])),
        Case(
            one("F64", "[4294967296,4294967296]"),
            .shapeOverflow(file: "f", tensor: "t", shape: [4_294_967_296, 4_294_967_296])),
        Case(
            one("F64", "[4294967296,4294967296,0]", "[0,0]", data: 0),
            .shapeOverflow(file: "f", tensor: "t", shape: [4_294_967_296, 4_294_967_296, 0])),
        Case(
            two("[0,8]", "[4,12]", data: 12), .layout(file: "f", tensor: "b", begin: 4, expected: 8)
        ),
        Case(
            two("[0,8]", "[0,8]", data: 8), .layout(file: "f", tensor: "b", begin: 0, expected: 8)),
        Case(
            two("[0,8]", "[9,17]", data: 17), .layout(file: "f", tensor: "b", begin: 9, expected: 8)
        ),
        Case(
            two("[16,24]", "[8,16]", data: 24),
            .layout(file: "f", tensor: "b", begin: 8, expected: 0)),
        Case(
            safetensorsBytes(#"{"t":{"shape":[],"data_offsets":[0,8]}}"#, data: 8),
            .missingField(file: "f", tensor: "t", field: "dtype")),
        Case(
            safetensorsBytes(#"{"t":{"dtype":"F64","data_offsets":[0,8]}}"#, data: 8),
            .missingField(file: "f", tensor: "t", field: "shape")),
        Case(
            safetensorsBytes(#"{"t":{"dtype":"F64","shape":[]}}"#, data: 8),
            .missingField(file: "f", tensor: "t", field: "data_offsets")),
        Case(
            safetensorsBytes(#"{"t":{}}"#), .missingField(file: "f", tensor: "t", field: "dtype")),
    ]

    static let elementTypes = ["BF16", "F16", "I64", "U8", "BOOL", "F8_E4M3", "f64", ""].map {
        Case(one($0), .unsupportedElementType(file: "f", tensor: "t", found: $0))
    }

    static let duplicates: [Case] = [
        Case(
            two("[0,8]", "[8,16]", data: 16).map {
                $0 == UInt8(ascii: "b") ? UInt8(ascii: "a") : $0
            },
            .duplicateName(file: "f", offset: 53, name: "a")),
        Case(
            safetensorsBytes(#"{"t":{"dtype":"F64","dtype":"F64"}}"#),
            .duplicateName(file: "f", offset: 20, name: "dtype")),
        Case(
            safetensorsBytes(#"{"__metadata__":{"k":"1","\u006b":"2"}}"#),
            .duplicateName(file: "f", offset: 25, name: "k")),
        Case(
            safetensorsBytes(#"{"__metadata__":{},"__metadata__":{}}"#),
            .duplicateName(file: "f", offset: 19, name: "__metadata__")),
    ]

    @Test(arguments: files + elementTypes + duplicates) func `names what is wrong`(_ wrong: Case) {
        #expect(throws: wrong.error) { try Safetensors(bytes: wrong.bytes, name: "f") }
        #expect(wrong.error.description.hasPrefix("f: "))
    }

    /// Headers that are not the JSON demanded, with the offset at which that shows.
    static let malformed: [(String, Int)] = [
        ("", 0), (" {}", 0), ("[]", 0), ("{", 1), ("{}x", 2), ("{}{}", 2), ("{},", 2),
        (#"{"a""#, 4), (#"{"a":"#, 5), (#"{"a":1}"#, 5), (#"{"__metadata__":{},}"#, 19),
        (#"{a:{}}"#, 1),
        (#"{"a"#, 3), (#"{"\x":{}}"#, 3), (#"{"\u12g4":{}}"#, 6), (#"{"\ud800":{}}"#, 3),
        (#"{"\ud800\u0041":{}}"#, 3), (#"{"\udc00":{}}"#, 3), ("{\"a\nb\":{}}", 3),
        (#"{"__metadata__":{"a":1}}"#, 21), (#"{"__metadata__":[]}"#, 16),
        (#"{"__metadata__":{"a":{"b":"c"}}}"#, 21),
        (#"{"t":{"kind":1}}"#, 6), (#"{"t":{"dtype":null}}"#, 14),
        (#"{"t":{"shape":{}}}"#, 14), (#"{"t":{"shape":[[1]]}}"#, 15),
        (#"{"t":{"shape":[-1]}}"#, 15), (#"{"t":{"shape":[01]}}"#, 16),
        (#"{"t":{"shape":[1.0]}}"#, 16), (#"{"t":{"shape":[1e3]}}"#, 16),
        (#"{"t":{"shape":[1,]}}"#, 17), (#"{"t":{"shape":[,1]}}"#, 15), (#"{"t":{"shape":[1"#, 16),
        (#"{"t":{"shape":["1"]}}"#, 15), (#"{"t":{"shape":[9223372036854775808]}}"#, 33),
        (#"{"t":{"shape":[99999999999999999999999]}}"#, 33),
        (#"{"t":{"data_offsets":[0]}}"#, 22), (#"{"t":{"data_offsets":[0,8,16]}}"#, 22),
    ]

    @Test(arguments: malformed) func `points at the byte of the header`(header: String, offset: Int)
    {
        let error = #expect(throws: SafetensorsError.self) {
            try Safetensors(bytes: safetensorsBytes(header), name: "f")
        }
        guard case .malformedHeader("f", let found, _, _) = error else {
            Issue.record("expected malformedHeader, got \(String(describing: error))")
            return
        }
        #expect(found == offset)
    }

    @Test func `the longest size is read, not rounded`() {
        #expect(
            throws: SafetensorsError.offsets(
                file: "f", tensor: "t", begin: 0, end: .max, available: 16)
        ) { try Safetensors(bytes: Self.one("F64", "[2]", "[0,9223372036854775807]"), name: "f") }
    }

    @Test func `a name that is not UTF-8 is refused`() {
        var bytes = safetensorsBytes(#"{"x":{}}"#)
        bytes[10] = 0xFF
        #expect(
            throws: SafetensorsError.malformedHeader(
                file: "f", offset: 2, found: "byte ff", expected: "a string in valid UTF-8")
        ) { try Safetensors(bytes: bytes, name: "f") }
    }

    @Test func `deep nesting does not exhaust the stack`() {
        let deep = #"{"t":"# + String(repeating: "[", count: 1_000_000)
        #expect(throws: SafetensorsError.self) {
            try Safetensors(bytes: safetensorsBytes(deep), name: "f")
        }
    }

    @Test func `advises how to convert, and does not print hostile names raw`() {
        let type = SafetensorsError.unsupportedElementType(file: "f", tensor: "w", found: "BF16")
        #expect(
            type.description
                == "f: tensor \"w\" has dtype \"BF16\", expected F64 or F32; convert it before "
                + "saving: tensor.to(torch.float64) in PyTorch, "
                + "array.astype(numpy.float64) in NumPy and JAX"
        )
        let hostile = "\u{1B}[2J" + String(repeating: "x", count: 10_000)
        let message = SafetensorsError.missingField(file: "f", tensor: hostile, field: "shape")
            .description
        #expect(!message.contains("\u{1B}"))
        #expect(message.count < 250)
    }
}
