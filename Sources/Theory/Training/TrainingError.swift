public import LearningRules
public import Networks

/// Why a training run cannot be made or continued. A run that diverges is a result, not an error.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A field of the configuration is out of its range.
    case configuration(field: String, reason: String)
    /// Network or data are invalid, or do not fit each other.
    case network(NetworkError)
    /// A number of examples is not what the configuration asks for.
    case examples(what: String, expected: String, found: Int)
    /// The rule has no update for a mini-batch.
    case rule(iteration: Int, RuleError)
    /// A checkpoint cannot be continued.
    case checkpoint(CheckpointError)

    public var description: String {
        switch self {
        case .configuration(let field, let reason): "training configuration, \(field): \(reason)"
        case .network(let error): error.description
        case .examples(let what, let expected, let found):
            "\(what): expected \(expected), found \(found)"
        case .rule(let iteration, let error): "training iteration \(iteration): \(error)"
        case .checkpoint(let error): error.description
        }
    }
}

/// Why bytes are not a checkpoint that a run could continue from.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes do not begin as a checkpoint does.
    case notACheckpoint
    /// Written in a version of the format that this program does not read.
    case version(found: Int)
    /// Fewer bytes than the checkpoint says it has.
    case truncated(expected: Int, found: Int)
    /// The checksum or an inner length is wrong.
    case corrupted
    /// A checkpoint of another kind of run.
    case otherKind
    /// A checkpoint of a run with another configuration.
    case otherConfiguration
    /// A checkpoint of a run on other data.
    case otherData

    public var description: String {
        switch self {
        case .notACheckpoint: "not a checkpoint of a training run"
        case .version(let found):
            "checkpoint in version \(found) of the format, expected \(CheckpointWriter.version)"
        case .truncated(let expected, let found):
            "truncated checkpoint: expected \(expected) bytes, found \(found)"
        case .corrupted: "corrupted checkpoint: checksum or lengths do not fit"
        case .otherKind: "checkpoint of another kind of run"
        case .otherConfiguration: "checkpoint of a run with another configuration"
        case .otherData: "checkpoint of a run on other data"
        }
    }
}
