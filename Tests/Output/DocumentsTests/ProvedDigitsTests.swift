import Documents
import Testing

/// A printed digit is a proved digit.
@Suite struct ProvedDigitsTests {
    private func text(_ lower: Double, _ upper: Double, digits: Int = 4) -> String {
        NumberFormat.significant(digits).provedString(lower: lower, upper: upper)
    }

    @Test func `as many digits as the bounds agree on`() {
        #expect(text(0.412341, 0.412342) == "0.4123")
        #expect(text(0.41231, 0.41242) == "0.412")
        #expect(text(0.411, 0.414) == "0.41")
        #expect(text(0.412341, 0.412342, digits: 2) == "0.41")
        #expect(text(-2.3456e-7, -2.3455e-7) == "-2.35e-7")
        #expect(text(0, 0) == "0")
    }

    /// Both are 0.4 to one digit, and to two digits they are not the same: 0.41 would not be proved.
    @Test func `bounds on both sides of a half round to fewer digits`() {
        #expect(text(0.41499, 0.41501) == "0.4150")
        #expect(text(0.4149, 0.4151) == "0.415")
        #expect(text(0.4149, 0.4151, digits: 2) == "0.4")
        #expect(text(0.949999, 0.950001, digits: 1) == "[0.85, 1.0]")
    }

    @Test func `what agrees on no digit is shown as bounds, rounded outward`() {
        #expect(text(0, 2.95e-13) == "≤ 3.2e-13")
        #expect(text(1, 3) == "[0.90, 3.3]")
        #expect(text(-1e-13, 2e-13) == "[-1.1e-13, 2.2e-13]")
        #expect(text(-.infinity, 1) == "unknown")
    }

    @Test func `programs get both bounds`() throws {
        let table = try Table(
            title: "t", columns: [Column("x", format: .enclosure(.significant(4)))],
            rows: [[.enclosure(lower: 0.25, upper: 0.5)]])
        let document = Document(title: "d", provenance: Provenance(), blocks: [.table(table)])
        #expect(JSONRenderer().render(document).filter { !$0.isWhitespace }.contains("{\"lower\":0.25,\"upper\":0.5}"))
        #expect(CSVRenderer().render(document).contains(",0.25,0.5,"))
    }
}
