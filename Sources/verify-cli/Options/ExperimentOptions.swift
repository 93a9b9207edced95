import ArgumentParser
import Training
import TrainingStudies

/// A published experiment by its name.
struct ExperimentArgument: ExpressibleByArgument {
    let experiment: PublishedExperiment

    init?(argument: String) {
        guard let experiment = PublishedExperiment.named(argument) else { return nil }
        self.experiment = experiment
    }

    static var allValueStrings: [String] { PublishedExperiment.all.map(\.name) }
}

/// Settings taken from the paper, the same for every study of training; options that are given have precedence.
struct ExperimentOptions: ParsableArguments {
    @Option(
        name: .customLong("experiment"),
        help: ArgumentHelp(
            "Data, network, rules, learning rates and constants of an experiment of the paper.",
            discussion: "Other options have precedence; --rules as-derived takes the same settings. "
                + PublishedExperiment.all.map { experiment in
                    let widths = experiment.widths(inputs: experiment.dataSet.inputWidth ?? 0)
                    let network = widths?.map(String.init).joined(separator: "-") ?? "--network paper-cnn"
                    return "\(experiment.name): \(network), \(experiment.summary)"
                }.joined(separator: "; ") + ".",
            valueName: "name"))
    private var argument: ExperimentArgument?

    var chosen: PublishedExperiment? { argument?.experiment }

    /// The experiment, if its task is that of the command.
    func experiment(for task: TrainingSource.Task) throws -> PublishedExperiment? {
        guard let chosen, chosen.task != task else { return chosen }
        throw ValidationError(
            chosen.task == .autoencoder
                ? "--experiment \(chosen.name) is of auto-association: verify-cli autoencoder --experiment \(chosen.name)"
                : "--experiment \(chosen.name) is of classification: verify-cli convergence --experiment \(chosen.name)")
    }
}
