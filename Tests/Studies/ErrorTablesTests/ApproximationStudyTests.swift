import Documents
import ErrorTables
import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Testing

/// What a study keeps, leaves out and says of what it leaves out.
@Suite("Approximation studies")
struct ApproximationStudyTests {
    private func cases(count: Int = 3) throws -> [StudyCase] {
        try CaseDistribution(
            architecture: Architecture(widths: [4, 5, 3], activation: .tanh), source: .gaussian,
            count: count
        ).cases()
    }

    private let rows = [
        ApproximationStudy.Row(label: "bp", rule: Backpropagation()),
        ApproximationStudy.Row(label: "none", rule: NoUpdate()),
    ]

    /// A rule that has no update for anything.
    private struct NoUpdate: LearningRule {
        let name = "none"

        func step<Scalar: BLASScalar>(
            _ problem: LearningProblem<Scalar>
        ) throws(RuleError) -> LearningStep<Scalar> { throw .zeroRates(layer: 1, example: 0) }
    }

    @Test func `outcomes are in order and do not depend on threads`() throws {
        let cases = try cases()
        var study = ApproximationStudy(learningRates: [1, 0.1], rows: rows)
        let one = try study.run(cases, loss: .softmaxCrossEntropy)
        study.threads = 3
        let three = try study.run(cases, loss: .softmaxCrossEntropy)
        #expect(one.map(\.learningRate) == [1, 1, 1, 0.1, 0.1, 0.1])
        #expect(one.map(\.caseIndex) == [0, 1, 2, 0, 1, 2])
        for (a, b) in zip(one, three) {
            #expect(a.report.update == b.report.update)
            #expect(
                try a.rules[0].get().comparison.whole == b.rules[0].get().comparison.whole)
        }
    }

    @Test func `a rule without update is left out and said`() throws {
        let study = ApproximationStudy(learningRates: [1], rows: rows)
        let outcomes = try study.run(try cases(), loss: .softmaxCrossEntropy)
        let table = try ApproximationTables(study, outcomes, conditions: "digits").table(.relativeDistance)
        guard case .missing(let reason) = table.rows[1][1] else {
            Issue.record("\(table.rows[1])")
            return
        }
        #expect(reason.contains("rates of layer 1 are zero"))
        #expect(table.notes.contains { $0.contains("none: no update in 3 of 3 cases") })
        // Its curve has no point, and the legend says so; the other one has the table's.
        guard case .lines(let chart)? = table.charts.first?.content else {
            Issue.record("no chart")
            return
        }
        #expect(chart.series.map(\.label) == study.rows.map(\.label))
        #expect(chart.series[0].points == [LineChart.Point(x: 1, table.rows[0][1])].compactMap(\.self))
        #expect(chart.series[0].points.count == 1 && chart.series[1].points.isEmpty)
        #expect(table.charts[0].subtitle == "digits; median and quartiles of 3 cases")
    }

    /// One iteration is not enough at α = 100: nothing may be shown as a distance to the exact update.
    @Test func `solves that stopped never reach a table`() throws {
        let solver = ProximalSolver(options: SolverOptions(tolerance: 1e-10, iterationLimit: 1))
        let study = ApproximationStudy(learningRates: [100], rows: rows, solver: solver)
        let outcomes = try study.run(try cases(), loss: .softmaxCrossEntropy)
        #expect(outcomes.allSatisfy { !$0.report.isExact })
        let tables = ApproximationTables(study, outcomes, conditions: "digits")
        let table = try tables.table(.relativeDistance)
        #expect(table.rows[0][1] == .missing(reason: "no exact update was found"))
        #expect(table.notes.contains { $0.contains("3 of 3 solves have no certificate") })
        #expect(try tables.solverTable().rows[0][1] == .text("0 of 3"))
    }
}
