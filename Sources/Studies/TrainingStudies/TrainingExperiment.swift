internal import RunStore
internal import Foundation
internal import Documents
internal import Training

/// A training run as the runner sees it: a unit of work is an iteration.
struct TrainingExperiment: ResumableRun {
    private var run: TrainingRun

    init(_ configuration: TrainingConfiguration, _ source: TrainingSource, checkpoint: Data?) throws {
        let data = try source.data()
        run =
            try checkpoint.map { try TrainingRun(configuration, data: data, checkpoint: $0) }
            ?? TrainingRun(configuration, data: data)
    }

    var completedWork: Int { run.iteration }
    var isFinished: Bool { run.isFinished }
    func checkpoint() -> Data { run.checkpoint() }

    mutating func advance(work: Int) throws -> [TrainingMeasurement] {
        try run.advance(iterations: work)
    }
}

/// A rule and exact implicit SGD side by side, as the runner sees it.
struct TrajectoryExperiment: ResumableRun {
    private var run: TrajectoryRun

    init(_ configuration: TrainingConfiguration, _ source: TrainingSource, checkpoint: Data?) throws {
        let data = try source.data()
        run =
            try checkpoint.map { try TrajectoryRun(configuration, data: data, checkpoint: $0) }
            ?? TrajectoryRun(configuration, data: data)
    }

    var completedWork: Int { run.iteration }
    var isFinished: Bool { run.isFinished }
    func checkpoint() -> Data { run.checkpoint() }

    mutating func advance(work: Int) throws -> [TrajectoryMeasurement] {
        try run.advance(iterations: work)
    }
}

/// What a configuration is run for; the kind under which its rows are stored.
enum TrainingKind: String {
    case training, autoencoder, trajectory

    func identity(_ configuration: TrainingConfiguration) throws -> RunIdentity {
        try RunIdentity(
            kind: rawValue, configuration: configuration, version: ResultVersion.current)
    }

    func planned(
        _ configuration: TrainingConfiguration, _ source: TrainingSource
    ) throws -> PlannedRun {
        PlannedRun(
            identity: try identity(configuration), label: label(configuration),
            work: configuration.iterations
        ) { checkpoint in
            switch self {
            case .training, .autoencoder:
                try TrainingExperiment(configuration, source, checkpoint: checkpoint)
            case .trajectory:
                try TrajectoryExperiment(configuration, source, checkpoint: checkpoint)
            }
        }
    }

    private func label(_ configuration: TrainingConfiguration) -> String {
        "\(configuration.rule.name) α=\(NumberFormat.setting.string(configuration.learningRate)) "
            + "B=\(configuration.batchSize) seed \(configuration.seed) \(configuration.dataSet)"
    }
}
