import Documents
import Foundation
import FoundationXML

/// One chart of each kind, with labels that every format would take for markup or program.
enum Samples {
    static let hostile = #"<b>"a" & 'b'</b> `date` $x \ {^_@~} %d ]]> </script><!-- #"# + "\u{1}\u{FFFF}\nend"

    static func lines(_ title: String = "Lines") -> Chart {
        let bent = LineChart.Series(
            "bent", [0.01, 0.1, 1, 10].map { .init(x: $0, y: $0 * $0, lower: $0 * $0 / 3, upper: $0 * 3) })
        let broken = LineChart.Series(
            "broken", [.init(x: 0.01, y: 2), .init(x: 0.1, y: .nan), .init(x: 1, y: 3), .init(x: 10, y: 4)])
        let zero = LineChart.Series("zero", [.init(x: 0.01, y: 0), .init(x: 10, y: 0)])
        return Chart(
            title: title, subtitle: hostile,
            content: .lines(
                LineChart(
                    x: Axis("α", .logarithmic), y: Axis(hostile, .logarithmic),
                    series: [bent, broken, zero, LineChart.Series(hostile, [.init(x: 1, y: 1, lower: 0.5, upper: 2)])],
                    orders: [.init(series: "bent", order: 2, source: "T6")])))
    }

    static func dots(_ title: String = "Dots") -> Chart {
        Chart(
            title: title,
            content: .dots(
                DotPlot(
                    x: Axis("margin", .logarithmic),
                    rows: [
                        .init("inside", value: 0.5, verdict: .good), .init("zero", value: 0, verdict: .good),
                        .init("outside", value: 40, verdict: .bad), .init("endless", value: .infinity, verdict: .bad),
                        .init(hostile, value: nil, verdict: .undecided),
                    ], limit: (1, "limit"), verdictLabels: [.good: "holds", .bad: "FAILS"])))
    }

    static func categories(_ title: String = "Categories") -> Chart {
        Chart(
            title: title,
            content: .heatMap(
                HeatMap(
                    xTitle: "α", columns: ["0.1", "1", hostile], yTitle: "rule", rows: ["bp", "il"],
                    categories: [.init("trains", symbol: "✓"), .init(hostile, symbol: "×")],
                    squares: [[0, 1], [nil, 7]], remarks: [["0.91, next 0.92"], ["", hostile]])))
    }

    static var all: [Chart] { [lines(), dots(), categories(), lines(hostile)] }
}

/// The elements and texts of an XML document, as a parser reads them.
final class ParsedXML: NSObject, XMLParserDelegate {
    private(set) var texts: [String] = []
    private(set) var identifiers: [String] = []
    private(set) var references: [String] = []
    private(set) var elements: [String] = []
    private(set) var attributes: [[String: String]] = []
    private(set) var isWellFormed = false
    private var text = ""

    init(_ source: String) {
        super.init()
        let parser = XMLParser(data: Data(source.utf8))
        parser.delegate = self
        isWellFormed = parser.parse()
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String] = [:]
    ) {
        text = ""
        elements.append(name)
        self.attributes.append(attributes)
        if let identifier = attributes["id"] { identifiers.append(identifier) }
        if let reference = attributes["xlink:href"] { references.append(String(reference.dropFirst())) }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        if !text.isEmpty { texts.append(text) }
        text = ""
    }
}
