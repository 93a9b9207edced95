import Documents
import Testing

@Suite struct CSVRendererTests {
    private static func csv(_ table: Table) -> String {
        CSVRenderer().render(Document(title: "T", provenance: [:], blocks: [.table(table)]))
    }

    @Test func wholeDocument() throws {
        let expected = #"""
            section,table,row,rule,alpha,solver,column,value,lower,upper,note
            ,,,,,,,,,,Every number is a median.
            ReLU,Distance to the exact update,1,bp,0.01,,distance,0.041,0.03,0.0526,
            ReLU,Distance to the exact update,1,bp,0.01,,iterations,3,,,
            ReLU,Distance to the exact update,1,bp,0.01,,exact,false,,,
            ReLU,Distance to the exact update,2,il|exact,100,,distance,,,,"not converged, stopped"
            ReLU,Distance to the exact update,2,il|exact,100,,iterations,12,,,
            ReLU,Distance to the exact update,2,il|exact,100,,exact,true,,,
            ReLU,Distance to the exact update,,,,,,,,,Median [quartiles] of 20 images.
            Speed,Time,1,,,Newton,seconds,0.0123,,,
            Speed,Time,1,,,Newton,share,0.125,,,
            Speed,Time,1,,,Newton,residual,1.5e-11,,,
            Speed,Time,2,,,"a ""quoted"", name",seconds,Infinity,,,
            Speed,Time,2,,,"a ""quoted"", name",share,1,,,
            Speed,Time,2,,,"a ""quoted"", name",residual,NaN,,,
            ,provenance,,,,,version,0.1.0,,,
            ,provenance,,,,,seed,7,,,
            ,provenance,,,,,tolerance,1e-10,,,
            ,provenance,,,,,command,"verify-cli table --alpha 0.01,100",,,

            """#
        let csv = OutputFormat.csv.render(try Samples.document())
        #expect(csv == expected.replacing("\n", with: "\r\n"))
    }

    @Test("read back by another reader: every line has the header's fields, every text survives")
    func readsBack() throws {
        let texts = [
            "plain", "comma, here", "\"", "\"\"", "line\nbreak", "line\r\nbreak", "\r", " edges ",
            "\"\u{301}", ",\u{301}", "", "α 学習 🙂", "# no comment",
        ]
        let table = try Table(
            title: "t, \"u\"",
            columns: [Column("id", format: .integer), Column("a", format: .text)],
            rows: texts.enumerated().map { [.integer($0), .text($1)] })
        let document = Document(title: "T", provenance: ["key": "a\nb"], blocks: [.table(table)])
        let records = try CSVReader.records(CSVRenderer().render(document))
        let header = ["section", "table", "row", "id", "column", "value", "lower", "upper", "note"]
        #expect(records.first == header)
        #expect(records.allSatisfy { $0.count == header.count })
        let values = records.filter { $0[2] != "" }.dropFirst().map { $0[5] }
        #expect(values.map { Array($0.unicodeScalars) } == texts.map { Array($0.unicodeScalars) })
        #expect(records[1][1] == "t, \"u\"")
        #expect(records.last == ["", "provenance", "", "", "key", "a\nb", "", "", ""])
    }

    @Test("a column for one learning rate says it in the lines of its cells, and only there")
    func settingsOfColumns() throws {
        let table = try Table(
            title: "t",
            columns: [
                Column("rule", format: .text), Column("alpha=0.1", format: .integer),
                Column("alpha=1", format: .integer), Column("all", format: .integer),
            ], rows: [["bp", 5, 6, 7]])
        #expect(
            Self.csv(table) == """
                section,table,row,rule,alpha,column,value,lower,upper,note\r
                ,t,1,bp,0.1,alpha=0.1,5,,,\r
                ,t,1,bp,1,alpha=1,6,,,\r
                ,t,1,bp,,all,7,,,\r

                """)
    }

    @Test func aKeyThatClashesWithAFieldIsRenamed() throws {
        let table = try Table(
            title: "t",
            columns: [
                Column("row", format: .integer, identifiesRow: true),
                Column("value", format: .integer, identifiesRow: true),
                Column("x", format: .integer),
            ], rows: [[5, 6, 7]])
        let csv = Self.csv(table)
        #expect(
            csv == """
                section,table,row,key.row,key.value,column,value,lower,upper,note\r
                ,t,1,5,6,x,7,,,\r

                """)
    }

    @Test func aTableOfIdentifyingColumnsOnlyStillHasLines() throws {
        let table = try Table(
            title: "t", columns: [Column("rule", format: .text)], rows: [["bp"]])
        let csv = Self.csv(table)
        #expect(
            csv == """
                section,table,row,rule,column,value,lower,upper,note\r
                ,t,1,bp,rule,bp,,,\r

                """)
    }

    @Test func valuesHaveFullPrecision() throws {
        let value = 0.1 + 0.2
        let table = try Table(
            title: "t",
            columns: [Column("n", format: .text), Column("x", format: .significant(2))],
            rows: [["a", .number(value)]])
        let csv = Self.csv(table)
        #expect(csv.contains(",x,0.30000000000000004,,,"))
    }
}

/// A CSV reader written after RFC 4180 alone, strict: it knows nothing of the renderer.
private enum CSVReader {
    struct Malformed: Error { let position: Int }

    static func records(_ text: String) throws -> [[String]] {
        let bytes = Array(text.utf8)
        var records: [[String]] = []
        var record: [String] = []
        var position = 0
        while position < bytes.count {
            var field: [UInt8] = []
            if bytes[position] == UInt8(ascii: "\"") {
                position += 1
                while true {
                    guard position < bytes.count else { throw Malformed(position: position) }
                    let byte = bytes[position]
                    position += 1
                    if byte != UInt8(ascii: "\"") {
                        field.append(byte)
                        continue
                    }
                    guard position < bytes.count, bytes[position] == byte else { break }
                    field.append(byte)
                    position += 1
                }
            } else {
                while position < bytes.count, !",\r".utf8.contains(bytes[position]) {
                    guard !"\"\n".utf8.contains(bytes[position]) else {
                        throw Malformed(position: position)
                    }
                    field.append(bytes[position])
                    position += 1
                }
            }
            record.append(String(decoding: field, as: UTF8.self))
            guard position < bytes.count else { throw Malformed(position: position) }
            if bytes[position] == UInt8(ascii: ",") {
                position += 1
                continue
            }
            guard position + 1 < bytes.count, bytes[position...(position + 1)] == [13, 10] else {
                throw Malformed(position: position)
            }
            position += 2
            records.append(record)
            record = []
        }
        guard record.isEmpty else { throw Malformed(position: position) }
        return records
    }
}
