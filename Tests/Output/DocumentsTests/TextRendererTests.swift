import Documents
import Testing

@Suite struct TextRendererTests {
    @Test func wholeDocument() throws {
        #expect(
            OutputFormat.text.render(try Samples.document()) == """
                Sample
                ======

                Every number is a median.

                ReLU
                ----

                Distance to the exact update
                rule         α     relative distance  iterations  exact?
                ────────  ────  ────────────────────  ──────────  ──────
                bp        0.01  0.041 [0.030, 0.053]           3  no
                il|exact   100                  –[1]          12  yes
                [1] not converged, stopped
                Median [quartiles] of 20 images.

                Speed
                -----

                Time
                solver               time   share  residual
                ────────────────  ───────  ──────  ────────
                Newton            12.3 ms  12.5 %  1.50e-11
                a "quoted", name      inf   100 %       NaN

                Provenance
                  version    0.1.0
                  seed       7
                  tolerance  1e-10
                  command    verify-cli table --alpha 0.01,100

                """)
    }

    /// Rules by learning rates, as `verify-cli table` has it: 11 + 22 + 5·21 = 138 columns.
    private func wide(identifies: Bool = true) throws -> Table {
        let alphas = ["0.001", "0.01", "0.1", "1", "10", "100"]
        return try Table(
            title: "Relative distance",
            columns: [Column("rule", format: .text, identifiesRow: identifies)]
                + alphas.map {
                    Column("alpha\($0)", title: "α = \($0)", format: .quartiles(.significant(2)))
                },
            rows: ["bp", "il-prox-eq."].map { rule in
                [.text(rule)]
                    + alphas.indices.map {
                        let median = 0.041 + Double($0) / 10
                        return .quartiles(median: median, lower: 0.03, upper: 0.057)
                    }
            },
            notes: ["One note."])
    }

    @Test(arguments: [true, false])
    func wideTableIsSplitAtWidth100(identifies: Bool) throws {
        let text = TextRenderer(width: 100).render(try wide(identifies: identifies))
        #expect(
            text == """
                Relative distance (part 1 of 2)
                rule                    α = 0.001             α = 0.01              α = 0.1                α = 1
                ───────────  ────────────────────  ───────────────────  ───────────────────  ───────────────────
                bp           0.041 [0.030, 0.057]  0.14 [0.030, 0.057]  0.24 [0.030, 0.057]  0.34 [0.030, 0.057]
                il-prox-eq.  0.041 [0.030, 0.057]  0.14 [0.030, 0.057]  0.24 [0.030, 0.057]  0.34 [0.030, 0.057]

                Relative distance (part 2 of 2)
                rule                      α = 10              α = 100
                ───────────  ───────────────────  ───────────────────
                bp           0.44 [0.030, 0.057]  0.54 [0.030, 0.057]
                il-prox-eq.  0.44 [0.030, 0.057]  0.54 [0.030, 0.057]
                One note.

                """)
    }

    @Test("every width from the narrowest block on is respected, and no column is lost")
    func everyWidthIsRespected() throws {
        let table = try wide()
        for width in 33...150 {
            let lines = TextRenderer(width: width).render(table).split(separator: "\n")
            #expect(lines.allSatisfy { $0.displayWidth <= width }, "width \(width)")
            for title in table.columns.dropFirst().map(\.title) {
                let headers = lines.filter {
                    $0.hasPrefix("rule") && ($0 + " ").contains(title + " ")
                }
                #expect(headers.count == 1, "\(title) at width \(width)")
            }
            let headers = lines.filter { $0.hasPrefix("rule") }.count
            #expect(lines.filter { $0.hasPrefix("bp") }.count == headers)
        }
    }

    @Test("a block takes every column that fits, to the last place of the line")
    func blocksAreFilled() throws {
        func columnsInFirstBlock(_ width: Int) throws -> Int? {
            let lines = TextRenderer(width: width).render(try wide()).split(separator: "\n")
            return lines.first { $0.hasPrefix("rule") }?.ranges(of: "α = ").count
        }
        // 11 for the rules, 22 for the first column of numbers, 21 for each further one.
        #expect(
            try [33, 53, 54, 74, 75, 95, 96, 116, 117, 137, 138].map(columnsInFirstBlock)
                == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6])
    }

    @Test func aTableThatJustFitsIsNotSplit() throws {
        let table = try wide()
        let width =
            TextRenderer(width: 1000).render(table)
            .split(separator: "\n").map(\.displayWidth).max() ?? 0
        #expect(!TextRenderer(width: width).render(table).contains("part 1"))
        #expect(TextRenderer(width: width - 1).render(table).contains("(part 1 of 2)"))
    }

    @Test func severalIdentifyingColumnsAreRepeated() throws {
        let table = try Table(
            title: "t",
            columns: [
                Column("a", format: .text, identifiesRow: true), Column("x", format: .integer),
                Column("b", format: .text, identifiesRow: true), Column("y", format: .integer),
            ],
            rows: [["a1", 1000, "b1", 2000]])
        #expect(
            TextRenderer(width: 12).render(table) == """
                t (part 1 of
                2)
                a      x  b
                ──  ────  ──
                a1  1000  b1

                t (part 2 of
                2)
                a   b      y
                ──  ──  ────
                a1  b1  2000

                """)
    }

    @Test func aColumnThatCannotFitSticksOut() throws {
        let text = TextRenderer(width: 5).render(try wide())
        #expect(text.contains("(part"))
        #expect(text.contains("\nbp           0.041 [0.030, 0.057]\n"))
        #expect(text.components(of: "0.041 [0.030, 0.057]") == 2)
    }

    @Test func footnotesAreNumberedOncePerReason() throws {
        let table = try Table(
            title: "t",
            columns: [Column("a", format: .integer), Column("b", format: .text)],
            rows: [
                [.missing(reason: "stopped"), .missing(reason: "not run")],
                [1, .missing(reason: "stopped")],
            ])
        #expect(
            TextRenderer().render(table) == """
                t
                   a  b
                ────  ────
                –[1]  –[2]
                   1  –[1]
                [1] stopped
                [2] not run

                """)
    }

    @Test func wideCharactersAndCombiningMarksAreAligned() throws {
        let table = try Table(
            title: "Δθ",
            columns: [
                Column("rule", title: "名前", format: .text),
                Column("h", title: "h\u{302}⁽ᵇ⁾", format: .integer),
                Column("z", format: .text, alignment: .center),
            ],
            rows: [["学習率", 1, "🙂"], ["Δᵢₘₚ", 22222, "x"], ["e\u{301}", 3, "wider"]])
        #expect(
            TextRenderer().render(table) == """
                Δθ
                名前     h\u{302}⁽ᵇ⁾    z
                ──────  ─────  ─────
                学習率      1   🙂
                Δᵢₘₚ    22222    x
                e\u{301}           3  wider

                """)
    }

    @Test func hostileTextStaysOnItsLine() throws {
        let table = try Table(
            title: "two\nlines", columns: [Column("a", format: .text)], rows: [["x\n\u{1B}[2J"]])
        #expect(TextRenderer().render(table) == "two lines\na\n──────\nx \u{FFFD}[2J\n")
    }

    @Test func anEmptyTableSaysSo() throws {
        let table = try Table(title: "t", columns: [Column("a", format: .text)])
        #expect(TextRenderer().render(table) == "t\na\n─\n(no rows)\n")
    }

    @Test func styleIsOnlyByRequest() throws {
        let table = try Table(
            title: "t", columns: [Column("a", format: .integer)], rows: [[1]], notes: ["note"])
        #expect(!TextRenderer().render(try Samples.document()).contains("\u{1B}"))
        #expect(
            TextRenderer(styled: true).render(table)
                == "\u{1B}[1mt\u{1B}[0m\n\u{1B}[1ma\u{1B}[0m\n─\n1\n\u{1B}[2mnote\u{1B}[0m\n")
        let styled = OutputFormat.text.render(try Samples.document(), styled: true)
        let plain = styled.replacing(#/\u{1B}\[[0-9]m/#, with: "")
        #expect(plain == OutputFormat.text.render(try Samples.document()))
    }

    @Test func longProvenanceIsWrappedWithAHangingIndent() {
        let document = Document(
            title: "T", provenance: ["command": "verify-cli table --alpha 1", "n": ""])
        #expect(
            TextRenderer(width: 24).render(document) == """
                T
                =

                Provenance
                  command  verify-cli
                           table --alpha
                           1
                  n

                """)
    }
}

extension String {
    /// How often `part` occurs.
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
