public import FoundationEssentials
public import Graphs
internal import Networks
internal import Randomness

/// One training run of one rule on a graph, in double precision, advanced in slices and resumable bit for bit: as
/// `TrainingRun` of a chain, with the same order of examples, measurements and checkpoints.
///
/// Where the graph is a chain, its weights before the first update are those of the chain.
public struct GraphTrainingRun: Sendable {
    public let configuration: TrainingConfiguration
    private let canonicalConfiguration: Data
    private let fingerprint: UInt64
    private var core: RunCore<GraphTrainer>

    /// A run before its first update.
    ///
    /// - Throws: `TrainingError` if the configuration is that of a chain, invalid, or does not fit the data.
    public init(
        _ configuration: TrainingConfiguration, data: TrainingData
    ) throws(TrainingError) {
        guard let graph = configuration.graph else {
            throw .configuration(field: "graph", reason: "a chain is trained by TrainingRun")
        }
        try configuration.validate()
        try data.validate(for: configuration)
        self.configuration = configuration
        canonicalConfiguration = try configuration.canonicalJSON()
        fingerprint = data.fingerprint
        var generator = RandomGenerator(seed: configuration.seed, stream: 0)
        let network = GraphNetwork(graph, initialization: configuration.initialization, using: &generator)
        core = RunCore(configuration, data: data, trainer: try GraphTrainer(configuration, network: network))
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
                checkpoint, kind: .training, configuration: canonicalConfiguration, fingerprint: fingerprint)
            try core.restore(from: &reader)
            try reader.finish()
        } catch {
            throw .checkpoint(error)
        }
    }

    /// The number of weight updates made.
    public var iteration: Int { core.iteration }

    /// Whether weights, loss or update are no longer finite.
    public var isDiverged: Bool { core.isDiverged }

    /// Whether all iterations are made, or the run has diverged.
    public var isFinished: Bool { core.isFinished }

    /// The network as it is now.
    public var network: GraphNetwork { core.trainer.network }

    /// Makes up to so many further updates, fewer if the run finishes, and returns the measurements that fell due.
    ///
    /// - Throws: `TrainingError.rule` if the rule has no update for a mini-batch.
    public mutating func advance(
        iterations: Int
    ) throws(TrainingError) -> [TrainingMeasurement] {
        try core.advance(iterations: iterations)
    }

    /// Everything that the rest of the run depends on, to the bit; 12 MB with Adam for the paper's network.
    public func checkpoint() -> Data {
        var writer = CheckpointWriter(
            kind: .training, configuration: canonicalConfiguration, fingerprint: fingerprint)
        core.write(to: &writer)
        return writer.finish()
    }
}
