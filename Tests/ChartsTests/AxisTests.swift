import Charts
import Reports
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
}
