import Documents
import Testing

@Suite struct MarkdownRendererTests {
    @Test func wholeDocument() throws {
        #expect(
            OutputFormat.markdown.render(try Samples.document()) == #"""
                # Sample

                Every number is a median.

                ## ReLU

                ### Distance to the exact update

                | rule      |    α |    relative distance | iterations | exact? |
                | --------- | ---: | -------------------: | ---------: | ------ |
                | bp        | 0.01 | 0.041 [0.030, 0.053] |          3 | no     |
                | il\|exact |  100 |               –\[1\] |         12 | yes    |

                - \[1\] not converged, stopped
                - Median \[quartiles\] of 20 images.

                ## Speed

                ### Time

                | solver           |    time |  share | residual |
                | ---------------- | ------: | -----: | -------: |
                | Newton           | 12.3 ms | 12.5 % | 1.50e-11 |
                | a "quoted", name |     inf |  100 % |      NaN |

                ## Provenance

                - version: 0.1.0
                - seed: 7
                - tolerance: 1e-10
                - command: verify-cli table --alpha 0.01,100

                """#)
    }

    @Test(
        "markup in text is shown, not obeyed",
        arguments: [
            ("a|b", #"a\|b"#), (#"a\|b"#, #"a\\\|b"#), ("|\u{301}", "\\|\u{301}"),
            ("*bold*", #"\*bold\*"#), ("`code`", #"\`code\`"#), ("<b>&amp;", #"\<b\>\&amp;"#),
            ("[a](b)", #"\[a\](b)"#), ("$x$", #"\$x\$"#),
            ("relative_distance", "relative_distance"),
            ("_a_ b_1", #"\_a\_ b_1"#), ("two\nlines", "two lines"), ("~~no~~", #"\~\~no\~\~"#),
        ])
    func cellsAreEscaped(text: String, expected: String) throws {
        let table = try Table(
            title: "t", columns: [Column("a", format: .text)], rows: [[.text(text)]])
        let line = MarkdownRenderer().render(table).split(separator: "\n")[2]
        #expect(line.trimmed == "| \(expected) |")
    }

    @Test(
        "block markup at the start of a line is escaped",
        arguments: [
            ("# no heading", "\\# no heading"), ("- no item", #"\- no item"#),
            ("> no quote", #"\> no quote"#), ("1. no item", #"1\. no item"#),
            ("12) no item", #"12\) no item"#), ("1.5 is a number", "1.5 is a number"),
            ("3.", "3\\."),
            ("  indented", "indented"), ("---", #"\---"#),
            ("plain - text # 1.", "plain - text # 1."),
        ])
    func paragraphsAreEscaped(text: String, expected: String) {
        let document = Document(title: "T", provenance: [:], blocks: [.paragraph(text)])
        #expect(MarkdownRenderer().render(document) == "# T\n\n\(expected)\n")
    }

    @Test func alignmentAndWideCharacters() throws {
        let table = try Table(
            title: "t",
            columns: [
                Column("l", format: .text), Column("r", title: "α", format: .integer),
                Column("c", title: "|c|", format: .text, alignment: .center),
            ],
            rows: [["学習", 1, "x"]])
        #expect(
            MarkdownRenderer().render(table) == #"""
                | l    |   α | \|c\| |
                | ---- | --: | :---: |
                | 学習 |   1 |   x   |

                """#)
    }

    @Test func tablesOutsideSectionsAreSecondLevel() throws {
        let table = try Table(title: "t", columns: [Column("a", format: .text)])
        let document = Document(title: "T", provenance: [:], blocks: [.table(table)])
        #expect(MarkdownRenderer().render(document) == "# T\n\n## t\n\n| a   |\n| --- |\n")
    }
}

extension Substring {
    /// The line without the padding before its last bar.
    fileprivate var trimmed: String { String(self).replacing(#/ +\|$/#, with: " |") }
}
