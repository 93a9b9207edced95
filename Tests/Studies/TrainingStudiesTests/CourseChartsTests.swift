import Documents
import LearningRules
import Statistics
import Testing
import Training
import TrainingStudies

/// Curves over iterations: which share a chart, and how they look.
@Suite("Charts of courses")
struct CourseChartsTests {
    private struct Unexpected: Error {}

    private func charts(_ rules: [TrainingRule], _ rates: [Double]) -> [Chart] {
        var charts = CourseCharts(title: "Course", subtitle: "digits", yAxis: Axis("accuracy", .linear))
        for rule in rules { for rate in rates { charts.add(rule, rate, [.init(x: 0, y: rate)]) } }
        return charts.charts
    }

    private func series(_ chart: Chart) throws -> [LineChart.Series] {
        guard case .lines(let lines) = chart.content else { throw Unexpected() }
        return lines.series
    }

    @Test func `two curves of one rule cannot both have its look, so they stand in two charts`() throws {
        let few = charts([TrainingRule(.backpropagation), TrainingRule(.inferenceLearning)], [0.1, 1])
        #expect(few.map(\.title) == ["Course, α = 0.1", "Course, α = 1"])
        for chart in few {
            #expect(try series(chart).map(\.label) == ["bp", "il"])
            #expect(try series(chart).map(\.style) == [0, 2])
        }
    }

    @Test func `one curve a rule has the rule's look`() throws {
        let one = charts([TrainingRule(.backpropagation), TrainingRule(.proximalInferenceLearning)], [1])
        #expect(try series(one[0]).map(\.style) == [0, 3])
        #expect(try series(one[0]).map(\.label) == ["bp, α = 1", "il-prox, α = 1"])
    }

    @Test func `with Adam a rule asks for its own look`() throws {
        let charts = charts([TrainingRule(.backpropagation), TrainingRule(.inferenceLearning, .adam)], [1])
        #expect(try charts.flatMap { try series($0) }.map(\.style) == [0, 2])
    }

    @Test func `many curves are parted by learning rate`() throws {
        let rules = [RuleEntry.backpropagation, .inferenceLearning, .proximalInferenceLearning].map { TrainingRule($0) }
        let many = charts(rules, [0.01, 0.1, 1, 10, 100])
        #expect(many.map(\.title) == ["0.01", "0.1", "1", "10", "100"].map { "Course, α = \($0)" })
        #expect(try series(many[4]).map(\.label) == ["bp", "il", "il-prox"])
        #expect(try series(many[4]).map(\.style) == [0, 2, 3])
        #expect(try series(many[4])[0].points == [.init(x: 0, y: 100)])
    }

    @Test func `without results there is no chart`() {
        var charts = CourseCharts(title: "Course", subtitle: "", yAxis: Axis("accuracy", .linear))
        charts.add(TrainingRule(.backpropagation), 1, [])
        #expect(charts.charts.isEmpty)
    }

    @Test func `a band needs two seeds`() {
        #expect(LineChart.Point(x: 1, SeedSample([])) == nil)
        #expect(LineChart.Point(x: 1, SeedSample([0.5])) == .init(x: 1, y: 0.5))
        #expect(LineChart.Point(x: 1, SeedSample([1, 3]))?.y == 2)
        #expect(LineChart.Point(x: 1, SeedSample([1, 3]))?.upper == 2 + 2.0.squareRoot())
    }
}
