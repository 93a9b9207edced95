internal import Foundation
internal import Graphs
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
/// the exact update on the way, of single precision for the plain ones, and of every rule on graphs. Numbers go into it with six
/// significant digits (three in single precision), which another BLAS does not change: its last digits differ by 10⁻¹⁴ and 10⁻⁶.
/// What is rounding alone goes in as zero.
package enum NumericsFingerprint {
    /// Computed once, when a store is first asked for a run: some tenths of a second.
    package static let current = String(SHA256.hexadecimal((text() + "\n" + graphText()).utf8).prefix(8))

    /// What is hashed: a line for each run.
    package static func text(of entries: [RuleEntry] = RuleRegistry.builtIn.entries) -> String {
        entries.enumerated().flatMap { index, entry in
            [(Optimizer.plain, TrainingPrecision.double), (.adam, .double), (.mq, .double), (.plain, .single)].map {
                line(TrainingRule(entry, $0), $1, Initialization.allCases[index % Initialization.allCases.count])
            }
        }.joined(separator: "\n")
    }

    /// The same of every rule on graphs, plain and with Adam: a convolution and a linear layer on images of 2×2.
    package static func graphText(of rules: [any GraphRule] = GraphRules.all) -> String {
        rules.flatMap { rule in [Optimizer.plain, .adam].map { graphLine(rule.name, $0) } }.joined(separator: "\n")
    }

    private static func graphLine(_ name: String, _ optimizer: Optimizer) -> String {
        do {
            let rule = TrainingRule(try RuleRegistry.trained.entry(named: name), optimizer)
            let configuration = configuration(rule, .double, .uniform).training(try graph())
            var run = try GraphTrainingRun(configuration, data: try data())
            let measurements = try run.advance(iterations: configuration.iterations)
            return line("\(rule.name) graph", measurements, run.network.parameters.flattened, digits: 6)
        } catch { return "\(name) graph \(error)" }
    }

    private static func graph() throws(GraphError) -> GraphArchitecture {
        let maps = [
            MapDescription("convolution", ["weight": "w", "bias": "b"]),
            MapDescription("dense", ["weight": "v", "bias": "c"]),
        ]
        return try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [1, 2, 2],
                nodes: [
                    NodeDescription(name: "h", activation: .tanh, edges: [EdgeDescription(from: "x", [maps[0]])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "h", [MapDescription("flatten"), maps[1]])]),
                ], output: "o"), tensors: ["w": [3, 1, 1, 2], "b": [3], "v": [2, 6], "c": [2]])
    }

    private static func configuration(
        _ rule: TrainingRule, _ precision: TrainingPrecision, _ initialization: Initialization
    ) -> TrainingConfiguration {
        TrainingConfiguration(
            widths: [4, 3, 2], activation: .tanh, initialization: initialization, rule: rule,
            learningRate: rule.scalesGradients ? 0.01 : 0.5, batchSize: 2, iterations: 6, seed: 11, precision: precision,
            dataSet: "fingerprint", evaluateEvery: 6, compareEvery: precision == .double ? 3 : 0)
    }

    private static func line(
        _ name: String, _ measurements: [TrainingMeasurement], _ parameters: [Double], digits: Int
    ) -> String {
        let numbers = measurements.flatMap { [$0.testLoss, $0.updateNormMean, $0.relativeDistance ?? 0] } + parameters
        // The distance of an exact update from itself is rounding, of which another BLAS changes every digit.
        return "\(name) " + numbers.map { String(format: "%.\(digits - 1)e", abs($0) < 1e-9 ? 0 : $0) }
            .joined(separator: " ")
    }

    private static func line(
        _ rule: TrainingRule, _ precision: TrainingPrecision, _ initialization: Initialization
    ) -> String {
        let configuration = configuration(rule, precision, initialization)
        do {
            var run = try TrainingRun(configuration, data: try data())
            let measurements = try run.advance(iterations: configuration.iterations)
            return line(
                "\(rule.name) \(precision)", measurements, run.network.parameters.flattened,
                digits: precision == .double ? 6 : 3)
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
