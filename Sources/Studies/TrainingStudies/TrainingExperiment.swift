public import RunStore
internal import Documents
public import Training

// To the runner, an iteration of training is a unit of work.

extension TrainingRun: ResumableRun {
    public var completedWork: Int { iteration }
    public mutating func advance(work: Int) throws -> [TrainingMeasurement] { try advance(iterations: work) }
}

extension GraphTrainingRun: ResumableRun {
    public var completedWork: Int { iteration }
    public mutating func advance(work: Int) throws -> [TrainingMeasurement] { try advance(iterations: work) }
}

extension TrajectoryRun: ResumableRun {
    public var completedWork: Int { iteration }
    public mutating func advance(work: Int) throws -> [TrajectoryMeasurement] { try advance(iterations: work) }
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
            let data = try source.data()
            switch (self, checkpoint) {
            case (.trajectory, nil): return try TrajectoryRun(configuration, data: data)
            case (.trajectory, let place?):
                return try TrajectoryRun(configuration, data: data, checkpoint: place)
            case (_, nil) where configuration.graph != nil: return try GraphTrainingRun(configuration, data: data)
            case (_, let place?) where configuration.graph != nil:
                return try GraphTrainingRun(configuration, data: data, checkpoint: place)
            case (_, nil): return try TrainingRun(configuration, data: data)
            case (_, let place?): return try TrainingRun(configuration, data: data, checkpoint: place)
            }
        }
    }

    private func label(_ configuration: TrainingConfiguration) -> String {
        "\(configuration.rule.name) α=\(NumberFormat.setting.string(configuration.learningRate)) "
            + "B=\(configuration.batchSize) seed \(configuration.seed) \(configuration.dataSet)"
    }
}
