internal import LinearAlgebra
internal import Randomness
public import Reports
internal import Training

/// The training rows of `verify-cli bench`: steps of every rule on 784-256-256-10 (ReLU), in single
/// precision, beside the limit that the machine sets, measured in the same run.
public struct BenchmarkTraining {
    /// How many slices of steps are timed for each row; the quickest counts.
    public var repeats: Int

    public init(repeats: Int = 21) {
        self.repeats = repeats
    }

    /// Steps a second at mini-batches of 1 and 64.
    ///
    /// The limit is the time of the products alone: for each inference step one with every hidden
    /// weight matrix and one with its transpose, as often as the rule makes them, at the rate of a
    /// product of a 256×256 matrix with a mini-batch. First layer and weight update are not in it.
    public func table() throws -> Table {
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
                "Limit: the products of inference with the hidden weights at the sgemv (mini-batch 1) "
                    + "or sgemm rate of this run; first layer, losses and weight update are not in it. "
                    + "Times are the least of \(repeats) slices."
            ])
        for batchSize in [1, 64] {
            let product = productTime(batchSize: batchSize)
            for rule in TrainingRule.allCases {
                // Seconds a step at mini-batch 64: `Exact update … mini-batch 64` has those.
                if batchSize > 1 && (rule == .implicit || rule == .exactInferenceLearning) { continue }
                let time = try stepTime(rule, batchSize: batchSize)
                let limit = Self.inferenceSteps(rule).map {
                    2 * Double($0) * product * Double(256 * 256 + 256 * 10) / Double(256 * 256)
                }
                let reason = "not a rule of a fixed number of inference steps"
                try table.append([
                    .text(rule.name), .integer(batchSize), .number(1 / time), .number(time),
                    limit.map { .number($0) } ?? .missing(reason: reason),
                    limit.map { .number($0 / time) } ?? .missing(reason: reason),
                ])
            }
        }
        return table
    }

    private static func inferenceSteps(_ rule: TrainingRule) -> Int? {
        switch rule {
        case .inferenceLearning, .proximalInferenceLearning: 25
        case .inferenceLearningAdam, .proximalInferenceLearningAdam: 20
        case .proximalInferenceLearningFast: 12
        case .backpropagation, .backpropagationAdam, .normalizedBackpropagation,
            .exactInferenceLearning, .implicit:
            nil
        }
    }

    /// The mean of a product with a 256×256 matrix and one with its transpose, after one another as
    /// in inference, both in the form that is quicker for the mini-batch.
    private func productTime(batchSize: Int) -> Double {
        var generator = RandomGenerator(seed: 1)
        let weights = Matrix<Float>(rows: 256, columns: 256) { _, _ in
            Float(generator.nextNormal() / 16)
        }
        let rates = Matrix<Float>(rows: 256, columns: batchSize) { _, _ in
            Float(generator.nextNormal())
        }
        var result = rates
        let back: Transposition = batchSize == 1 ? .transposed : .none
        return (0..<repeats).reduce(Double.infinity) { least, _ in
            let time = Stopwatch.median(repeats: 1) {
                for _ in 0..<20 {
                    result.assignProduct(weights, rates)
                    result.assignProduct(weights, back, rates)
                }
            }
            return min(least, time / 40)
        }
    }

    private func stepTime(_ rule: TrainingRule, batchSize: Int) throws -> Double {
        let isExact = rule == .implicit || rule == .exactInferenceLearning
        let slice = isExact ? 2 : batchSize == 1 ? 50 : 5
        let configuration = TrainingConfiguration(
            rule: rule, learningRate: rule.usesAdam ? 0.001 : 0.01, batchSize: batchSize,
            iterations: .max, dataSet: "random", evaluateEvery: .max)
        var run = try TrainingRun(configuration, data: try Self.pixels())
        _ = try run.advance(iterations: slice)
        var least = Double.infinity
        for _ in 0..<repeats {
            let time = try Stopwatch.median(repeats: 1) { _ = try run.advance(iterations: slice) }
            least = min(least, time / Double(slice))
        }
        return least
    }

    /// Inputs like pixels, half of them zero, with random classes.
    private static func pixels() throws -> TrainingData {
        var generator = RandomGenerator(seed: 1)
        func pairs(_ count: Int) -> ExamplePairs {
            let inputs = Matrix<Float>(rows: 784, columns: count) { _, _ in
                Float(max(0, 2 * generator.nextUniform() - 1))
            }
            let labels = (0..<count).map { _ in Int(generator.next(below: 10)) }
            return ExamplePairs(
                inputs: inputs,
                targets: Matrix<Float>(rows: 10, columns: count) { i, j in labels[j] == i ? 1 : 0 })
        }
        return try TrainingData(training: pairs(2048), test: pairs(1), task: .classification)
    }
}
