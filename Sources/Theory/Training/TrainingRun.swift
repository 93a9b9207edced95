public import FoundationEssentials
internal import LearningRules
public import LinearAlgebra
public import Networks

/// One training run of one rule on a chain (`GraphTrainingRun` has graphs), advanced in slices and resumable bit for bit.
///
/// Every iteration takes the next mini-batch of a shuffled epoch and makes one weight update. A run
/// whose weights, loss or update are no longer finite has *diverged*: it is finished early, and that
/// is its result.
///
///     var run = try TrainingRun(configuration, data: data)
///     while !run.isFinished { rows += try run.advance(iterations: 100) }
public struct TrainingRun: Sendable {
    public let configuration: TrainingConfiguration
    private let canonicalConfiguration: Data
    private let fingerprint: UInt64
    private var engine: Engine

    private enum Engine: Sendable {
        case single(RunCore<Trainer<Float>>)
        case double(RunCore<Trainer<Double>>)
        /// While a core works, so that its storage has one owner and is changed in place.
        case working
    }

    /// A run before its first update.
    ///
    /// - Throws: `TrainingError` if the configuration is invalid or does not fit the data.
    public init(
        _ configuration: TrainingConfiguration, data: TrainingData
    ) throws(TrainingError) {
        guard configuration.graph == nil else {
            throw .configuration(field: "graph", reason: "a graph is trained by GraphTrainingRun")
        }
        try configuration.validate()
        try data.validate(for: configuration)
        self.configuration = configuration
        canonicalConfiguration = try configuration.canonicalJSON()
        fingerprint = data.fingerprint
        switch configuration.precision {
        case .single: engine = .single(try Self.core(configuration, data))
        case .double: engine = .double(try Self.core(configuration, data))
        }
    }

    private static func core<Scalar: BLASScalar>(
        _ configuration: TrainingConfiguration, _ data: TrainingData
    ) throws(TrainingError) -> RunCore<Trainer<Scalar>> {
        let trainer = try Trainer<Scalar>(configuration, network: try configuration.initialNetwork())
        return RunCore(configuration, data: data, trainer: trainer)
    }

    /// The run that `checkpoint()` wrote down, at the same place.
    ///
    /// - Throws: also `TrainingError.checkpoint` if the bytes are damaged, not a checkpoint, or that of
    ///   another configuration or other data.
    public init(
        _ configuration: TrainingConfiguration, data: TrainingData, checkpoint: Data
    ) throws(TrainingError) {
        try self.init(configuration, data: data)
        do throws(CheckpointError) {
            var reader = try CheckpointReader(
                checkpoint, kind: .training, configuration: canonicalConfiguration,
                fingerprint: fingerprint)
            switch engine {
            case .single(var core):
                try core.restore(from: &reader)
                engine = .single(core)
            case .double(var core):
                try core.restore(from: &reader)
                engine = .double(core)
            case .working: break
            }
            try reader.finish()
        } catch {
            throw .checkpoint(error)
        }
    }

    /// The number of weight updates made.
    public var iteration: Int {
        switch engine {
        case .single(let core): core.iteration
        case .double(let core): core.iteration
        case .working: 0
        }
    }

    /// Whether weights, loss or update are no longer finite.
    public var isDiverged: Bool {
        switch engine {
        case .single(let core): core.isDiverged
        case .double(let core): core.isDiverged
        case .working: false
        }
    }

    /// Whether all iterations are made, or the run has diverged.
    public var isFinished: Bool { isDiverged || iteration >= configuration.iterations }

    /// The network as it is now, in double precision (exact for both).
    public var network: Network<Double> {
        switch engine {
        case .single(let core): core.trainer.problem.network.converted(to: Double.self)
        case .double(let core): core.trainer.problem.network
        case .working: preconditionFailure("a run is not read while it is advanced")
        }
    }

    /// Makes up to so many further updates, fewer if the run finishes, and returns the measurements
    /// that fell due. How a run is cut into slices does not change its bits.
    ///
    /// - Throws: `TrainingError.rule` if the rule has no update for a mini-batch; the run should then
    ///   be given up, or resumed from a checkpoint.
    public mutating func advance(
        iterations: Int
    ) throws(TrainingError) -> [TrainingMeasurement] {
        let current = engine
        engine = .working
        switch consume current {
        case .single(var core):
            defer { engine = .single(core) }
            return try core.advance(iterations: iterations)
        case .double(var core):
            defer { engine = .double(core) }
            return try core.advance(iterations: iterations)
        case .working: return []
        }
    }

    /// Everything that the rest of the run depends on, to the bit; see `CheckpointWriter` for the
    /// format. A few megabytes for the paper's networks.
    public func checkpoint() -> Data {
        var writer = CheckpointWriter(
            kind: .training, configuration: canonicalConfiguration, fingerprint: fingerprint)
        switch engine {
        case .single(let core): core.write(to: &writer)
        case .double(let core): core.write(to: &writer)
        case .working: break
        }
        return writer.finish()
    }
}
