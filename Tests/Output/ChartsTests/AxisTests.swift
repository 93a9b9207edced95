import Charts
import Foundation
import Documents
import Testing

/// What an axis can show.
@Suite("Axes")
struct AxisTests {
    @Test func `a logarithmic axis shows positive finite numbers`() {
        #expect([0, -1, .nan, .infinity].allSatisfy { !Axis.Scale.logarithmic.shows($0) })
        #expect(Axis.Scale.logarithmic.shows(1e-300))
        #expect(Axis.Scale.linear.shows(-1))
        #expect(!Axis.Scale.linear.shows(.nan))
    }

    @Test("an axis always has two ticks or more to read values by", arguments: [
        27...45, 0.61...0.62, 2.1...4.9, 0.5...0.9, 3...30, 1e-9...1e9, 1...1.000001,
    ] as [ClosedRange<Double>])
    func ticks(range: ClosedRange<Double>) throws {
        let line = LineChart(
            x: Axis("x", .linear), y: Axis("loss", .logarithmic),
            series: [.init("a", [.init(x: 0, y: range.lowerBound), .init(x: 1, y: range.upperBound)])])
        let text = VegaLiteRenderer().specification(Chart(title: "C", subtitle: "", content: .lines(line))).text()
        let specification = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let axis = try #require(found("loss", in: specification))
        let ticks = try #require(axis["values"] as? [Double])
        #expect(ticks.count >= 2, "\(ticks)")
        let margin = 1.1
        #expect(ticks.allSatisfy { $0 >= range.lowerBound / margin && $0 <= range.upperBound * margin }, "\(ticks)")
    }

    /// The axis with this title, wherever it stands in a specification.
    private func found(_ title: String, in tree: Any) -> [String: Any]? {
        if let list = tree as? [Any] { return list.lazy.compactMap { found(title, in: $0) }.first }
        guard let members = tree as? [String: Any] else { return nil }
        if members["title"] as? String == title, let axis = members["axis"] as? [String: Any] { return axis }
        return members.values.lazy.compactMap { found(title, in: $0) }.first
    }
}
