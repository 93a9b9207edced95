internal import FoundationEssentials
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import Randomness
internal import Statistics

/// A training run in one precision.
struct RunCore<Scalar: BLASScalar>: Sendable {
    private let configuration: TrainingConfiguration
    private let data: TrainingData
    private(set) var trainer: Trainer<Scalar>
    private var order: ExampleOrder
    private var statistics = RunningStatistics()
    /// Of the changes of the weights without the biases.
    private var weightNorms = RunningMoments()
    private(set) var iteration = 0
    private(set) var isDiverged = false

    init(
        _ configuration: TrainingConfiguration, data: TrainingData
    ) throws(TrainingError) {
        self.configuration = configuration
        self.data = data
        trainer = try Trainer(configuration, network: try configuration.initialNetwork())
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
            statistics.record(
                comparison: try ExactComparison.measure(
                    try trainer.inDouble(configuration), configuration, iteration: iteration))
        }
        let isMeasured = configuration.weightNormEvery.map { (iteration + 1) % $0 == 0 } ?? false
        let before = isMeasured ? trainer.problem.network.parameters : nil
        let outcome = try trainer.step(iteration: iteration)
        statistics.record(outcome)
        if let before, outcome.isFinite { weightNorms.record(trainer.weightChange(since: before)) }
        iteration += 1
        isDiverged = !outcome.isFinite
    }

    private mutating func measure() -> TrainingMeasurement {
        let network = trainer.problem.network
        // A sum of finite weights and a finite update may still overflow.
        isDiverged = isDiverged || !network.parameters.isFinite()
        let evaluation = Evaluation(
            network, configuration.loss, on: data.test, task: data.task)
        let measurement = TrainingMeasurement(
            iteration: iteration, statistics: statistics, weightNorms: weightNorms, evaluation: evaluation,
            isDiverged: isDiverged,
            representation: configuration.measuresRepresentation && !isDiverged
                ? Representation(network, on: data.test, lastTargets: trainer.problem.batch.targets) : nil)
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

extension Trainer {
    func write(to writer: inout CheckpointWriter) {
        writer.append(problem.network.parameters)
        if let moments {
            writer.append(moments.count)
            writer.append(moments.means)
            writer.append(moments.squares)
        }
        if let equalization {
            writer.append(equalization.count)
            for mean in equalization.means { writer.append(Double(mean)) }
        }
    }

    mutating func restore(from reader: inout CheckpointReader) throws(CheckpointError) {
        let architecture = problem.network.architecture
        problem.network.parameters = try reader.parameters(architecture, Scalar.self)
        if moments != nil {
            let count = try reader.count()
            let means = try reader.parameters(architecture, Scalar.self)
            moments = .init(
                means: means, squares: try reader.parameters(architecture, Scalar.self), count: count)
        }
        if equalization != nil {
            let count = try reader.count()
            var means: [Scalar] = []
            if count > 0 {
                for _ in 0..<architecture.depth { means.append(Scalar(try reader.double())) }
            }
            equalization = MatrixEqualization(means: means, count: count)
        }
    }

    /// A copy in double precision.
    func inDouble(_ configuration: TrainingConfiguration) throws(TrainingError) -> Trainer<Double> {
        if let same = self as? Trainer<Double> { return same }
        guard let single = self as? Trainer<Float> else { preconditionFailure("Float or Double") }
        return try Trainer<Double>(configuration, doubling: single)
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
