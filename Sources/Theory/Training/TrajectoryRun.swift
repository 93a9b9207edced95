internal import Comparison
public import FoundationEssentials
internal import LearningRules
internal import Networks

/// A rule and exact implicit SGD trained side by side, in double precision, from the same weights on
/// the same sequence of mini-batches: how far the weights drift apart.
///
/// Advanced in slices and resumable bit for bit, as `TrainingRun`. `compareEvery` plays no part; a
/// run in which one of the two diverges is finished early.
public struct TrajectoryRun: Sendable {
    public let configuration: TrainingConfiguration
    private let data: TrainingData
    private let canonicalConfiguration: Data
    private let start: Parameters<Double>
    private var rule: Trainer<Double>
    private var implicit: Trainer<Double>
    private var ruleStatistics = RunningStatistics()
    private var implicitStatistics = RunningStatistics()
    private var order: ExampleOrder
    /// The number of weight updates that each training has made.
    public private(set) var iteration = 0
    /// Whether weights, loss or update of one training are no longer finite.
    public private(set) var isDiverged = false

    /// A run before its first update.
    ///
    /// - Throws: `TrainingError` if the configuration is invalid, not of double precision, or does not
    ///   fit the data.
    public init(
        _ configuration: TrainingConfiguration, data: TrainingData
    ) throws(TrainingError) {
        guard configuration.graph == nil else {
            throw .configuration(field: "graph", reason: "trajectories are those of chains")
        }
        try configuration.validate()
        guard configuration.precision == .double else {
            throw .configuration(
                field: "precision", reason: "trajectories are compared in double precision")
        }
        try data.validate(for: configuration)
        self.configuration = configuration
        self.data = data
        canonicalConfiguration = try configuration.canonicalJSON()
        let network: Network<Double> = try configuration.initialNetwork()
        start = network.parameters
        rule = try Trainer(configuration, network: network)
        var exact = configuration
        exact.rule = TrainingRule(.implicit)
        implicit = try Trainer(exact, network: network)
        order = ExampleOrder(
            seed: configuration.seed, examples: data.training.count,
            batchSize: configuration.batchSize, keepsPartial: configuration.usesPartialBatches)
    }

    /// The run that `checkpoint()` wrote down, at the same place.
    ///
    /// - Throws: also `TrainingError.checkpoint`, as `TrainingRun`.
    public init(
        _ configuration: TrainingConfiguration, data: TrainingData, checkpoint: Data
    ) throws(TrainingError) {
        try self.init(configuration, data: data)
        do throws(CheckpointError) {
            var reader = try CheckpointReader(
                checkpoint, kind: .trajectory, configuration: canonicalConfiguration,
                fingerprint: data.fingerprint)
            iteration = try reader.count()
            isDiverged = try reader.count() != 0
            ruleStatistics = try RunningStatistics(from: &reader)
            implicitStatistics = try RunningStatistics(from: &reader)
            try rule.restore(from: &reader)
            try implicit.restore(from: &reader)
            try reader.finish()
        } catch {
            throw .checkpoint(error)
        }
    }

    /// Whether all iterations are made, or one training has diverged.
    public var isFinished: Bool { isDiverged || iteration >= configuration.iterations }

    /// Makes up to so many further updates of both trainings, fewer if the run finishes, and returns
    /// the measurements that fell due.
    ///
    /// - Throws: `TrainingError.rule` if a rule has no update for a mini-batch.
    public mutating func advance(
        iterations: Int
    ) throws(TrainingError) -> [TrajectoryMeasurement] {
        var measurements: [TrajectoryMeasurement] = []
        for _ in 0..<max(0, iterations) {
            if isFinished { break }
            let examples = order.batch(ofIteration: iteration)
            try rule.load(examples, of: data.training)
            try implicit.load(examples, of: data.training)
            let ruleOutcome = try rule.step(iteration: iteration)
            let implicitOutcome = try implicit.step(iteration: iteration)
            ruleStatistics.record(ruleOutcome)
            implicitStatistics.record(implicitOutcome)
            iteration += 1
            isDiverged = !ruleOutcome.isFinite || !implicitOutcome.isFinite
            if isDiverged || iteration % configuration.evaluateEvery == 0
                || iteration == configuration.iterations {
                measurements.append(measure())
            }
        }
        return measurements
    }

    private mutating func measure() -> TrajectoryMeasurement {
        let moved = rule.problem.network.parameters - start
        let implicitMoved = implicit.problem.network.parameters - start
        isDiverged = isDiverged || !moved.isFinite() || !implicitMoved.isFinite()
        let distance = UpdateDistance(of: moved, to: implicitMoved)
        let measurement = TrajectoryMeasurement(
            iteration: iteration, relativeDistance: finiteOrInfinity(distance.relativeDistance),
            cosine: distance.cosine.isFinite ? distance.cosine : 0,
            rule: .init(ruleStatistics, evaluate(rule)),
            implicit: .init(implicitStatistics, evaluate(implicit)),
            uncertifiedUpdates: implicitStatistics.uncertifiedUpdates, isDiverged: isDiverged)
        ruleStatistics = RunningStatistics()
        implicitStatistics = RunningStatistics()
        return measurement
    }

    private func evaluate(_ trainer: Trainer<Double>) -> Evaluation {
        trainer.evaluation(on: data.test, task: data.task)
    }

    /// Everything that the rest of the run depends on, to the bit.
    public func checkpoint() -> Data {
        var writer = CheckpointWriter(
            kind: .trajectory, configuration: canonicalConfiguration,
            fingerprint: data.fingerprint)
        writer.append(iteration)
        writer.append(isDiverged ? 1 : 0)
        ruleStatistics.write(to: &writer)
        implicitStatistics.write(to: &writer)
        rule.write(to: &writer)
        implicit.write(to: &writer)
        return writer.finish()
    }
}
