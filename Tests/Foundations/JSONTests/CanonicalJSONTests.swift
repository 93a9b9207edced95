import Foundation
import JSON
import Testing

@Suite struct CanonicalJSONTests {
    private struct Row: Codable, Equatable {
        var b: Double
        var a: [Double?]
        var text: String
    }

    @Test("every double survives", arguments: [
        0, -0.0, 1, 1.0 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -1e-7, .infinity, -.infinity,
    ])
    func doubles(value: Double) throws {
        let row = Row(b: value, a: [value, nil], text: "infinity")
        let text = try CanonicalJSON.text(row)
        #expect(try CanonicalJSON.value(Row.self, from: text) == row)
    }

    @Test func `one spelling`() throws {
        let row = Row(b: .nan, a: [.infinity, -.infinity, nil, 2], text: "a/\"\\\u{1}é")
        #expect(
            try CanonicalJSON.text(row)
                == #"{"a":["Infinity","-Infinity",null,2],"b":"NaN","text":"a/\"\\\u0001é"}"#)
        #expect(throws: EncodingError.self) { try CanonicalJSON.finiteData(row) }
    }

    @Test func `a tree of any JSON`() throws {
        let text = #"{"b":[1,2.5,"NaN",null,true,{"x":"-Infinity"}],"a":"text"}"#
        let value = try CanonicalJSON.value(JSONValue.self, from: text)
        #expect(
            value.text()
                == #"{"a": "text", "b": [1, 2.5, "NaN", null, true, {"x": "-Infinity"}]}"#)
        #expect(try CanonicalJSON.value(JSONValue.self, from: CanonicalJSON.text(value)).text() == value.text())
    }

    @Test("what is no JSON, or too deep, is an error", arguments: [
        "", "{", "[1,,]", "nul", "{\"a\":1}}", "\"\u{1}\"", String(repeating: "[", count: 100_000),
    ])
    func malformed(text: String) {
        #expect(throws: DecodingError.self) { try CanonicalJSON.value(JSONValue.self, from: text) }
    }
}
