import Charts
import Testing

/// The names of chart files.
@Suite("Chart files")
struct ChartFileTests {
    @Test func `the names of files say the format and the number`() {
        #expect(ChartFile(path: "a/b.PNG")?.format == .png)
        #expect(ChartFile(path: "a.pdf")?.format == .pdf)
        #expect(ChartFile(path: "a.vl.json")?.format == .vegaLite)
        #expect(ChartFile(path: "png") == nil && ChartFile(path: "a.json") == nil)
        #expect(ChartFile(path: "a/b.svg")?.numbered(1).path == "a/b.svg")
        #expect(ChartFile(path: "a/b.vl.json")?.numbered(3).path == "a/b-3.vl.json")
    }
}
