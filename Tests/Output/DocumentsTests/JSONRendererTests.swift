import Foundation
import Documents
import JSON
import Testing

@Suite struct JSONRendererTests {
    @Test func wholeDocument() throws {
        #expect(
            OutputFormat.json.render(try Samples.document()) == #"""
                {
                  "title": "Sample",
                  "provenance": {
                    "version": "0.1.0",
                    "seed": 7,
                    "tolerance": 1e-10,
                    "command": "verify-cli table --alpha 0.01,100"
                  },
                  "tables": [
                    {
                      "section": "ReLU",
                      "title": "Distance to the exact update",
                      "columns": [
                        {"key": "rule", "title": "rule", "kind": "text", "unit": null},
                        {"key": "alpha", "title": "α", "kind": "number", "unit": null},
                        {"key": "distance", "title": "relative distance", "kind": "quartiles", "unit": null},
                        {"key": "iterations", "title": "iterations", "kind": "integer", "unit": null},
                        {"key": "exact", "title": "exact?", "kind": "boolean", "unit": null}
                      ],
                      "rows": [
                        {
                          "rule": "bp",
                          "alpha": 0.01,
                          "distance": {"median": 0.041, "lower": 0.03, "upper": 0.0526},
                          "iterations": 3,
                          "exact": false
                        },
                        {"rule": "il|exact", "alpha": 100, "distance": null, "iterations": 12, "exact": true}
                      ],
                      "missing": [{"row": 2, "column": "distance", "reason": "not converged, stopped"}],
                      "notes": ["Median [quartiles] of 20 images."]
                    },
                    {
                      "section": "Speed",
                      "title": "Time",
                      "columns": [
                        {"key": "solver", "title": "solver", "kind": "text", "unit": null},
                        {"key": "seconds", "title": "time", "kind": "number", "unit": "s"},
                        {"key": "share", "title": "share", "kind": "number", "unit": "fraction"},
                        {"key": "residual", "title": "residual", "kind": "number", "unit": null}
                      ],
                      "rows": [
                        {"solver": "Newton", "seconds": 0.0123, "share": 0.125, "residual": 1.5e-11},
                        {"solver": "a \"quoted\", name", "seconds": "Infinity", "share": 1, "residual": "NaN"}
                      ],
                      "missing": [],
                      "notes": []
                    }
                  ],
                  "notes": ["Every number is a median."]
                }

                """#)
    }

    @Test func parsesBack() throws {
        let json = JSONRenderer().render(try Samples.document())
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(Set(object.keys) == ["title", "provenance", "tables", "notes"])
        let provenance = try #require(object["provenance"] as? [String: Any])
        #expect(provenance["seed"] as? Int == 7)
        #expect(provenance["tolerance"] as? Double == 1e-10)
        let tables = try #require(object["tables"] as? [[String: Any]])
        let rows = try #require(tables[0]["rows"] as? [[String: Any]])
        let quartiles = ["median": 0.041, "lower": 0.03, "upper": 0.0526]
        #expect(rows[0]["distance"] as? [String: Double] == quartiles)
        #expect(rows[1]["distance"] is NSNull)
        #expect(rows[1]["exact"] as? Bool == true)
        let timings = try #require(tables[1]["rows"] as? [[String: Any]])
        #expect(timings[1]["seconds"] as? String == "Infinity")
        #expect(timings[1]["residual"] as? String == "NaN")
    }

    @Test("the same document gives the same bytes") func isDeterministic() throws {
        let documents = try (0..<20).map { _ in JSONRenderer().render(try Samples.document()) }
        #expect(Set(documents.map { Array($0.utf8) }).count == 1)
    }
}

@Suite struct JSONValueTests {
    @Test(
        "any string survives",
        arguments: [
            "", "\"", "\\", "\\\"", "/", "a\nb\r\n\t", "\0\u{1}\u{1F}\u{7F}", "α ‖Δ‖ 学習 🙂",
            "\"\u{301}", "\\\u{301}", "\u{2028}\u{2029}", "</script>",
        ])
    func stringsReadBack(string: String) throws {
        let text = JSONValue.array([.string(string), .object([.init(string, 1)])]).text()
        let read = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Any])
        let scalars = Array(string.unicodeScalars)
        #expect((read[0] as? String).map { Array($0.unicodeScalars) } == scalars)
        #expect((read[1] as? [String: Int])?.keys.first.map { Array($0.unicodeScalars) } == scalars)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 })
    }

    @Test func escapes() {
        #expect(
            JSONValue.string("\"\\/\n\r\t\u{8}\u{1B}\u{2028}é").text()
                == #""\"\\/\n\r\t\b\u001b\u2028é""#)
    }

    @Test("any double survives, bit by bit")
    func doublesReadBack() throws {
        var bits: UInt64 = 0x3FB9_9999_9999_999A
        var doubles = [0.1, -0.0, 1e16, 1e-5, 123456789.125]
        doubles += [.leastNonzeroMagnitude, .greatestFiniteMagnitude]
        while doubles.count < 2000 {
            bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: bits)
            if value.isFinite { doubles.append(value) }
        }
        for value in doubles {
            let text = JSONValue.number(value).text()
            #expect(text.wholeMatch(of: #/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/#) != nil)
            #expect(Double(text)?.bitPattern == value.bitPattern)
        }
    }

    @Test func scalars() {
        #expect(JSONValue.null.text() == "null")
        #expect(JSONValue.boolean(true).text() == "true")
        #expect(JSONValue.integer(.min).text() == "-9223372036854775808")
        #expect(JSONValue.number(2).text() == "2.0")
        #expect(JSONValue.number(.nan).text() == "\"NaN\"")
        #expect(JSONValue.number(-.infinity).text() == "\"-Infinity\"")
    }

    @Test func layout() {
        let value: JSONValue = ["b": [1, 2.5, "x"], "a": [:], "c": [], "d": true]
        #expect(value.text() == #"{"b": [1, 2.5, "x"], "a": {}, "c": [], "d": true}"#)
        let narrow = """
            {
              "b": [
                1,
                2.5,
                "x"
              ],
              "a": {},
              "c": [],
              "d": true
            }
            """
        #expect(value.text(width: 10) == narrow)
        #expect(value.text(width: 1) == narrow)
    }

    @Test("lines keep within the width wherever a line break can help")
    func widthIsKept() {
        let row: JSONValue = ["key": "value", "number": 0.125, "list": [1, 2, 3]]
        let value: JSONValue = ["rows": .array(Array(repeating: row, count: 3)), "last": row]
        let scalarWidth = 24
        for width in scalarWidth...120 {
            let lines = value.text(width: width).split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= width }, "width \(width)")
        }
        // A row needs 57 characters, 4 for its indentation and 1 for its comma.
        let rowLine = "    " + row.text() + ","
        #expect(value.text(width: rowLine.count).contains(rowLine))
        #expect(!value.text(width: rowLine.count - 1).contains(rowLine))
        let members: JSONValue = ["first": row, "last": row]
        let memberLine = "  \"first\": " + row.text() + ","
        #expect(members.text(width: memberLine.count).contains(memberLine))
        #expect(!members.text(width: memberLine.count - 1).contains(memberLine))
    }
}
