import LearningRules
import LinearAlgebra
import Networks
import Randomness
import Training

/// Random data for networks 6-…-3: normal inputs and one class each.
func randomData(
    seed: UInt64 = 5, count: Int = 17, testCount: Int = 9, inputWidth: Int = 6, classes: Int = 3
) throws -> TrainingData {
    var generator = RandomGenerator(seed: seed)
    func pairs(_ count: Int) -> ExamplePairs {
        let inputs = Matrix<Float>(rows: inputWidth, columns: count) { _, _ in
            Float(generator.nextNormal())
        }
        let labels = (0..<count).map { _ in Int(generator.next(below: UInt64(classes))) }
        return ExamplePairs(
            inputs: inputs,
            targets: Matrix<Float>(rows: classes, columns: count) { i, j in
                labels[j] == i ? 1 : 0
            })
    }
    return try TrainingData(training: pairs(count), test: pairs(testCount), task: .classification)
}

/// A configuration for `randomData`, quick enough for every rule.
func smallConfiguration(
    _ entry: RuleEntry, _ optimizer: Optimizer = .plain, batchSize: Int = 1,
    precision: TrainingPrecision = .double,
    loss: Loss = .softmaxCrossEntropy, iterations: Int = 12, activation: Activation = .tanh
) -> TrainingConfiguration {
    let rule = TrainingRule(entry, optimizer)
    return TrainingConfiguration(
        widths: [6, 8, 7, 3], activation: activation, loss: loss, rule: rule,
        solverTolerance: 1e-9, learningRate: rule.scalesGradients ? 0.01 : 0.3, batchSize: batchSize,
        iterations: iterations, seed: 3, precision: precision, dataSet: "random",
        evaluateEvery: 5, compareEvery: 4)
}

/// The weights before the first update, and the order of the examples in an epoch, as the
/// documentation defines them.
func initialNetwork(_ configuration: TrainingConfiguration) throws -> Network<Double> {
    var generator = RandomGenerator(seed: configuration.seed, stream: 0)
    return Network<Double>(
        architecture: try Architecture(
            widths: configuration.widths, activation: configuration.activation,
            bias: configuration.bias),
        initialization: configuration.initialization, using: &generator)
}

func epochOrder(_ configuration: TrainingConfiguration, examples: Int, epoch: Int) -> [Int] {
    var generator = RandomGenerator(seed: configuration.seed, stream: UInt64(epoch) + 1)
    return generator.permutation(of: examples)
}

/// The mini-batch of an iteration.
func batch(
    _ configuration: TrainingConfiguration, _ data: TrainingData, iteration: Int
) throws -> Batch<Double> {
    let size = configuration.batchSize
    let batches = data.training.count / size
    let order = epochOrder(
        configuration, examples: data.training.count, epoch: iteration / batches)
    let chosen = order[(iteration % batches * size)..<((iteration % batches + 1) * size)]
    func columns(_ matrix: Matrix<Float>) -> Matrix<Double> {
        let indices = Array(chosen)
        return Matrix(rows: matrix.rows, columns: size) { Double(matrix[$0, indices[$1]]) }
    }
    return try Batch(
        inputs: columns(data.training.inputs), targets: columns(data.training.targets))
}

extension Parameters<Double> {
    /// `‖self − other‖/‖other‖`.
    func relativeDistance(to other: Parameters<Double>) -> Double {
        (self - other).norm / other.norm
    }
}
