internal import Foundation
package import LearningRules
internal import LinearAlgebra
internal import Networks
internal import Randomness
internal import RunStore
internal import Training

/// What this build computes, in eight hexadecimal digits: part of every stored run's key, so that a build with another
/// generator, sampler, rule or solver never takes the old one's rows for its own.
///
/// It is the hash of short training runs, two epochs of 6 examples at 4-3-2: every rule, plain and with each optimiser, compared with
/// the exact update on the way, and of single precision for the plain ones. Numbers go into it with six significant digits
/// (three in single precision), which another BLAS does not change: its last digits differ by 10⁻¹⁴ and 10⁻⁶.
package enum NumericsFingerprint {
    /// Computed once, when a store is first asked for a run: about 0.1 s.
    package static let current = String(SHA256.hexadecimal(text().utf8).prefix(8))

    /// What is hashed: a line for each run.
    package static func text(of entries: [RuleEntry] = RuleRegistry.builtIn.entries) -> String {
        entries.enumerated().flatMap { index, entry in
            [(Optimizer.plain, TrainingPrecision.double), (.adam, .double), (.mq, .double), (.plain, .single)].map {
                line(TrainingRule(entry, $0), $1, Initialization.allCases[index % Initialization.allCases.count])
            }
        }.joined(separator: "\n")
    }

    private static func line(
        _ rule: TrainingRule, _ precision: TrainingPrecision, _ initialization: Initialization
    ) -> String {
        let configuration = TrainingConfiguration(
            widths: [4, 3, 2], activation: .tanh, initialization: initialization, rule: rule,
            learningRate: rule.scalesGradients ? 0.01 : 0.5, batchSize: 2, iterations: 6, seed: 11, precision: precision,
            dataSet: "fingerprint", evaluateEvery: 6, compareEvery: precision == .double ? 3 : 0)
        do {
            var run = try TrainingRun(configuration, data: try data())
            let measurements = try run.advance(iterations: configuration.iterations)
            let digits = precision == .double ? 6 : 3
            let numbers = measurements.flatMap { [$0.testLoss, $0.updateNormMean, $0.relativeDistance ?? 0] }
                + run.network.parameters.flattened
            return "\(rule.name) \(precision) " + numbers.map { String(format: "%.\(digits - 1)e", $0) }.joined(separator: " ")
        } catch { return "\(rule.name) \(precision) \(error)" }
    }

    private static func data() throws(TrainingError) -> TrainingData {
        var generator = RandomGenerator(seed: 12)
        func pairs(_ count: Int) -> ExamplePairs {
            let inputs = Matrix<Float>(rows: 4, columns: count) { _, _ in Float(generator.nextNormal()) }
            let classes = (0..<count).map { _ in Int(generator.next(below: 2)) }
            return ExamplePairs(
                inputs: inputs, targets: Matrix(rows: 2, columns: count) { i, j in classes[j] == i ? 1 : 0 })
        }
        return try TrainingData(training: pairs(6), test: pairs(3), task: .classification)
    }
}
