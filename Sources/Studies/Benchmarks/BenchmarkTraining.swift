internal import LearningRules
internal import LinearAlgebra
internal import Randomness
public import Documents
internal import Training

/// The training rows of `verify-cli bench`: steps of every rule on 784-256-256-10 (ReLU), in single
/// precision, beside the limit that the machine sets (`TrainingLimit`), measured in the same run.
///
/// The inputs are like pixels, about half of them zero, in ten classes. Processor times of one thread.
public struct BenchmarkTraining {
    /// How many slices of steps are timed for each row; their median counts.
    public var repeats: Int

    private static let widths = [784, 256, 256, 10]

    /// What the paper trains with, and exact training.
    private static let rules = [
        TrainingRule(.backpropagation), TrainingRule(.backpropagation, .adam),
        TrainingRule(.normalizedBackpropagation), TrainingRule(.inferenceLearning),
        TrainingRule(.inferenceLearning, .adam), TrainingRule(.proximalInferenceLearning),
        TrainingRule(.proximalInferenceLearningFast), TrainingRule(.proximalInferenceLearning, .adam),
        TrainingRule(.exactInferenceLearning), TrainingRule(.implicit),
    ]

    public init(repeats: Int = 21) {
        self.repeats = repeats
    }

    /// Steps a second of the ten rules at mini-batches of 1 and 64.
    ///
    /// - Throws: `TrainingError` of a step.
    public func table() throws -> Table {
        let limits = TrainingLimit(widths: Self.widths, repeats: repeats)
        let gigabytes = NumberFormat.significant(3).string(limits.bandwidth / 1e9)
        let rates = [limits.productRate, limits.doubleProductRate].map {
            NumberFormat.significant(3).string($0 / 1e9)
        }
        var table = try Table(
            title: "Training steps, 784-256-256-10 relu, single precision, one thread",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("batch", title: "mini-batch", format: .integer, identifiesRow: true),
                Column("perSecond", title: "steps a second", format: .significant(3)),
                Column("seconds", title: "time", format: .seconds),
                Column("limit", format: .seconds),
                Column("share", title: "limit/time", format: .significant(2)),
            ],
            notes: [
                "Limit at mini-batch 1: passes over the weights at \(gigabytes) GB/s (one column); at 64: "
                    + "products at \(rates[0]) GFlop/s (sgemm), Adam's passes as before; exact updates: "
                    + "one factorization at \(rates[1]) GFlop/s (dgemm)."
            ])
        for batchSize in [1, 64] {
            for rule in Self.rules {
                let time = try stepTime(rule, batchSize: batchSize)
                let limit = limits.seconds(rule, batchSize: batchSize)
                let reason = "iterates without a matrix that could be factorized"
                try table.append([
                    .text(rule.name), .integer(batchSize), .number(1 / time), .number(time),
                    limit.map { .number($0) } ?? .missing(reason: reason),
                    limit.map { .number($0 / time) } ?? .missing(reason: reason),
                ])
            }
        }
        return table
    }

    /// The median time of a step in slices of about ten milliseconds; exact updates of mini-batches,
    /// which take most of a second each, are repeated three times at most.
    private func stepTime(_ rule: TrainingRule, batchSize: Int) throws -> Double {
        let isExact = !(rule.entry.rule() is any LocalLearningRule)
        let slice = isExact ? 1 : batchSize == 1 ? 50 : 5
        let count = isExact && batchSize > 1 ? min(3, repeats) : repeats
        let configuration = TrainingConfiguration(
            rule: rule, learningRate: rule.scalesGradients ? 0.001 : 0.01, batchSize: batchSize,
            iterations: .max, dataSet: "random", evaluateEvery: .max)
        var run = try TrainingRun(configuration, data: try Self.pixels())
        return try Stopwatch.median(repeats: count) { _ = try run.advance(iterations: slice) }
            / Double(slice)
    }

    /// Ten random patterns, half of them zero like pixels, each in noisy copies of its class.
    ///
    /// Inputs without classes would be learnt by heart, which takes the solvers of exact updates fifty
    /// times as long as images do.
    private static func pixels() throws -> TrainingData {
        var generator = RandomGenerator(seed: 1)
        let patterns = Matrix<Float>(rows: widths[0], columns: 10) { _, _ in
            Float(2 * generator.nextUniform() - 1)
        }
        func pairs(_ count: Int) -> ExamplePairs {
            let labels = (0..<count).map { _ in Int(generator.next(below: 10)) }
            let inputs = Matrix<Float>(rows: widths[0], columns: count) { i, j in
                max(0, min(1, patterns[i, labels[j]] + Float(generator.nextNormal() / 4)))
            }
            return ExamplePairs(
                inputs: inputs,
                targets: Matrix<Float>(rows: 10, columns: count) { i, j in labels[j] == i ? 1 : 0 })
        }
        return try TrainingData(training: pairs(2048), test: pairs(1), task: .classification)
    }
}
