internal import LearningRules
internal import Training

/// Published experiments among stored runs.
///
/// An experiment gives each rule learning rates and constants of its own, so that its runs differ in more than rule,
/// learning rate and seed. Runs are of one experiment if they are equal without these, each at a learning rate that the
/// experiment lists for its rule.
struct StoredExperiments {
    /// One experiment's runs, with what they share.
    struct Group {
        let base: TrainingConfiguration
        let experiment: PublishedExperiment
        var runs: [(configuration: TrainingConfiguration, isFinished: Bool)]

        /// Only where constants differ is there anything to bring together.
        fileprivate var hasOwnConstants: Bool { Set(runs.map(\.configuration.constants)).count > 1 }
    }

    private(set) var groups: [Group] = []
    /// The runs of no experiment.
    private(set) var others: [(configuration: TrainingConfiguration, isFinished: Bool)]

    init(among runs: [(configuration: TrainingConfiguration, isFinished: Bool)]) {
        others = runs
        for experiment in PublishedExperiment.all {
            var found: [TrainingConfiguration: Group] = [:]
            for run in others {
                guard let base = experiment.base(of: run.configuration) else { continue }
                found[base, default: Group(base: base, experiment: experiment, runs: [])].runs.append(run)
            }
            let complete = found.values.filter(\.hasOwnConstants)
            groups += complete
            let taken = Set(complete.flatMap(\.runs).map(\.configuration))
            others.removeAll { taken.contains($0.configuration) }
        }
    }
}

extension PublishedExperiment {
    /// What a run shares with others of the experiment; `nil` if it cannot be one of them.
    fileprivate func base(of configuration: TrainingConfiguration) -> TrainingConfiguration? {
        guard configuration.batchSize == batchSize, (configuration.graph != nil) == isConvolutional,
            let place = place(of: configuration.rule),
            place.learningRates.contains(configuration.learningRate),
            let shared = configuration.constants.without(place.constants)
        else { return nil }
        var base = configuration.withoutPlaceInGrid
        base.constants = shared
        return base
    }
}
