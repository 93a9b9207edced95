internal import LinearAlgebra
internal import Networks
internal import Randomness
internal import Statistics

/// A training run of one kind of network in one precision.
struct RunCore<Learner: NetworkTrainer>: Sendable {
    private let configuration: TrainingConfiguration
    private let data: TrainingData
    private(set) var trainer: Learner
    private var order: ExampleOrder
    private var statistics = RunningStatistics()
    /// Of the changes of the weights without the biases.
    private var weightNorms = RunningMoments()
    private(set) var iteration = 0
    private(set) var isDiverged = false

    /// - Parameter trainer: before its first update.
    init(_ configuration: TrainingConfiguration, data: TrainingData, trainer: Learner) {
        self.configuration = configuration
        self.data = data
        self.trainer = trainer
        order = ExampleOrder(
            seed: configuration.seed, examples: data.training.count,
            batchSize: configuration.batchSize, keepsPartial: configuration.usesPartialBatches)
    }

    var isFinished: Bool { isDiverged || iteration >= configuration.iterations }

    mutating func advance(iterations: Int) throws(TrainingError) -> [TrainingMeasurement] {
        var measurements: [TrainingMeasurement] = []
        for _ in 0..<max(0, iterations) {
            if isFinished { break }
            try advance()
            if isDiverged || iteration % configuration.evaluateEvery == 0
                || iteration == configuration.iterations {
                measurements.append(measure())
            }
        }
        return measurements
    }

    private mutating func advance() throws(TrainingError) {
        try trainer.load(order.batch(ofIteration: iteration), of: data.training)
        if configuration.compareEvery > 0 && iteration % configuration.compareEvery == 0 {
            statistics.record(comparison: try trainer.comparison(configuration, iteration: iteration))
        }
        let isMeasured = configuration.weightNormEvery.map { (iteration + 1) % $0 == 0 } ?? false
        let before = isMeasured ? trainer.parameters : nil
        let outcome = try trainer.step(iteration: iteration)
        statistics.record(outcome)
        if let before, outcome.isFinite { weightNorms.record(trainer.weightChange(since: before)) }
        iteration += 1
        isDiverged = !outcome.isFinite
    }

    private mutating func measure() -> TrainingMeasurement {
        // A sum of finite weights and a finite update may still overflow.
        isDiverged = isDiverged || !trainer.parameters.isFinite()
        let measurement = TrainingMeasurement(
            iteration: iteration, statistics: statistics, weightNorms: weightNorms,
            evaluation: trainer.evaluation(on: data.test, task: data.task), isDiverged: isDiverged,
            representation: configuration.measuresRepresentation && !isDiverged
                ? trainer.representation(on: data.test) : nil)
        statistics = RunningStatistics()
        weightNorms = RunningMoments()
        return measurement
    }
}

extension RunCore {
    func write(to writer: inout CheckpointWriter) {
        writer.append(iteration)
        writer.append(isDiverged ? 1 : 0)
        statistics.write(to: &writer)
        if configuration.weightNormEvery != nil { weightNorms.write(to: &writer) }
        trainer.write(to: &writer)
    }

    mutating func restore(from reader: inout CheckpointReader) throws(CheckpointError) {
        iteration = try reader.count()
        isDiverged = try reader.count() != 0
        statistics = try RunningStatistics(from: &reader)
        if configuration.weightNormEvery != nil { weightNorms = try RunningMoments(from: &reader) }
        try trainer.restore(from: &reader)
    }
}

extension TrainingConfiguration {
    /// The network before the first update: stream 0 of the seed.
    func initialNetwork<Scalar: BLASScalar>() throws(TrainingError) -> Network<Scalar> {
        var generator = RandomGenerator(seed: seed, stream: 0)
        return Network(
            architecture: try architecture(), initialization: initialization, using: &generator)
    }
}
