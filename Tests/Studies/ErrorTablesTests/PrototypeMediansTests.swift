import ErrorTables
import LearningRules
import LinearAlgebra
import Networks
import RealModule
import Statistics
import Testing

/// A table that a prototype in another language measured once: medians of the relative distance over
/// 24 networks 6-8-7-3 (tanh and softplus, squared error and cross-entropy).
///
/// Its networks are not ours, so the medians are samples of the same population's: they must agree
/// within the spread of a median of 24, for which a factor is allowed, not to their digits.
@Suite("Medians of the prototype")
struct PrototypeMediansTests {
    private static let learningRates = [0.01, 0.1, 1, 10, 100]

    private struct Expectation {
        let row: ApproximationStudy.Row
        let medians: [Double]
        /// The factor by which a median may differ; `nil` where the prototype's number only says small.
        let factor: Double?
    }

    /// Standard IL on the energy `ℓ + Σ‖e‖²/(2α)`, its update `eāᵀ`: what the prototype's `il` ran. The
    /// output minimises its part, `e_N = α/(1 + α) (y − μ)` for the squared error, and about that else.
    private struct WeighedInferenceLearning: LearningRule {
        let name = "il, 200 steps"

        func step<Scalar: BLASScalar>(
            _ problem: LearningProblem<Scalar>
        ) throws(RuleError) -> LearningStep<Scalar> {
            var rule = InferenceLearning.standard(steps: 200, stepSize: 0.2)
            let alpha = Double(problem.learningRate)
            rule.inference.output = .nudged(strength: alpha / (1 + alpha))
            var step = try rule.step(problem)
            step.update.scale(by: 1 / problem.learningRate)
            return step
        }
    }

    private static let expectations = [
        Expectation(
            row: .init(label: "bp", rule: Backpropagation()),
            medians: [4.1e-2, 4.0e-1, 3.9, 3.5e1, 2.9e2], factor: 2),
        Expectation(
            row: .init(label: "il", rule: WeighedInferenceLearning()),
            medians: [3.0e-2, 2.6e-1, 9.6e-1, 2.3, 2.9], factor: 2.5),
        Expectation(
            row: .init(
                label: "il-prox 25", rule: InferenceLearning.proximal(output: .proximalPoint, epsilon: 0)),
            medians: [4.6e-1, 4.4e-1, 5.6e-1, 6.6e-1, 7.4e-1], factor: 1.5),
        Expectation(
            row: .init(
                label: "il-prox 200",
                rule: InferenceLearning.proximal(
                    steps: 200, stepSize: 0.2, output: .proximalPoint, epsilon: 0)),
            medians: [9.9e-3, 8.6e-2, 2.8e-1, 4.5e-1, 5.3e-1], factor: 2),
        Expectation(
            row: .init(label: "il-exact 200", rule: InferenceLearning.exact()),
            medians: [1e-6, 5e-7, 1e-7, 6e-8, 1e-7], factor: nil),
    ]

    @Test func `pooled medians agree with the prototype's`() throws {
        let study = ApproximationStudy(
            learningRates: Self.learningRates, rows: Self.expectations.map(\.row), threads: 2)
        var distances: [[[Double]]] = Self.expectations.map { _ in Self.learningRates.map { _ in [] } }
        for (activation, loss) in [
            (Activation.tanh, Loss.squaredError), (.tanh, .softmaxCrossEntropy),
            (.softplus, .squaredError), (.softplus, .softmaxCrossEntropy),
        ] {
            let cases = try CaseDistribution(
                architecture: Architecture(widths: [6, 8, 7, 3], activation: activation), loss: loss,
                source: .gaussian, count: 6
            ).cases()
            for outcome in try study.run(cases, loss: loss) {
                #expect(outcome.report.isExact)
                let column = try #require(Self.learningRates.firstIndex(of: outcome.learningRate))
                for (row, result) in outcome.rules.enumerated() {
                    distances[row][column].append(try result.get().comparison.whole.relativeDistance)
                }
            }
        }
        for (expectation, row) in zip(Self.expectations, distances) {
            for (index, values) in row.enumerated() {
                let median = try #require(Quartiles(values)).median
                let expected = expectation.medians[index]
                let comment: Comment = "\(expectation.row.label), α = \(Self.learningRates[index]): \(median), not \(expected)"
                if let factor = expectation.factor {
                    #expect(median < factor * expected && median > expected / factor, comment)
                } else {
                    #expect(median < 1e-5, comment)
                }
            }
        }
    }
}
