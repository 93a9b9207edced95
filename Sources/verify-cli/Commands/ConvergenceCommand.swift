import ArgumentParser
import Graphs
import LearningRules
import Training
import TrainingStudies

/// What `convergence` and `autoencoder` have in common.
struct ConvergenceOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Mini-batch sizes. (default: 1,64; with --network 64)", valueName: "sizes"),
        transform: CommaSeparated.counts)
    var batchSizes: CommaSeparated<Int>?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rules at every mini-batch size. (default: bp,bp-prox,il,il-prox,il-prox-fast at 1; "
                + "bp,bp-adam,il,il-adam,il-prox,il-prox-adam above; with --network paper-conv for il-prox)",
            valueName: "names"),
        transform: TrainingRuleList.list)
    var rules: TrainingRuleList?

    @Option(
        name: .long, parsing: .unconditional,
        help: "Grid of learning rates. (default: 0.003,0.01,0.03,0.1,0.3,1,10)",
        transform: CommaSeparated.learningRates)
    var alpha: CommaSeparated<Double>?

    @Option(
        name: .long, parsing: .unconditional,
        help: "Grid of learning rates for the Adam rules. (default: 0.0001,0.0003,0.001,0.003,0.01)",
        transform: CommaSeparated.learningRates)
    var adamAlpha: CommaSeparated<Double>?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Iterations between two comparisons with the exact update, 0 for none. Use the value that you "
                + "gave to 'stability', and its runs are reused.",
            valueName: "count"))
    var compareEvery = 0

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Test accuracies, or test losses for each output unit, whose first iteration is looked for. "
                + "(default: 0.7,0.8,0.85 for accuracies, 0.5,0.45,0.4 for losses)",
            valueName: "values"),
        transform: CommaSeparated.targets)
    var targets: CommaSeparated<Double>?

    @OptionGroup var graphOptions: GraphTrainingOptions
    @OptionGroup var experimentOptions: ExperimentOptions

    @Flag(name: .long, help: "Also the course of the runs at their best learning rates (--chart draws it).")
    var course = false

    func validate() throws {
        guard batchSizes?.values.allSatisfy({ $0 <= 4096 }) ?? true else {
            throw ValidationError("--batch-sizes goes up to 4096.")
        }
        try Bounds.check("--compare-every", compareEvery, in: 0...)
    }

    /// The study that the options describe; its course is shown if it is asked for or drawn.
    func study(
        _ metric: ConvergenceStudy.Metric, _ options: TrainingOptions, isDrawn: Bool
    ) throws -> ConvergenceStudy {
        let task: TrainingSource.Task = metric == .accuracy ? .classification : .autoencoder
        let experiment = try experimentOptions.experiment(for: task)
        let graph = try graphOptions.graph(options, experiment, loss: TrainingOptions.loss(of: task))
        let source = try options.source(task, experiment, for: graph)
        let usualSizes = experiment.map { [$0.batchSize] } ?? (graph == nil ? [1, 64] : [64])
        let grids = try (batchSizes?.values ?? usualSizes).map { size in
            let rules = rules?.rules ?? experiment?.rules.map(\.rule) ?? Self.rules(size, graph)
            try rules.check(for: graph)
            var base = try options.configuration(
                task, rules: rules, graph: graph, batchSize: size, experiment: experiment, measurements: 20)
            base.compareEvery = compareEvery
            return TrainingGrid(
                base: base, source: source, rules: rules,
                learningRates: alpha?.values ?? [0.003, 0.01, 0.03, 0.1, 0.3, 1, 10],
                adamLearningRates: adamAlpha?.values ?? [0.0001, 0.0003, 0.001, 0.003, 0.01],
                seeds: options.seedList
            ).with(experiment, rates: (alpha?.values, adamAlpha?.values))
        }
        return ConvergenceStudy(
            metric, grids: grids, targets: targets?.values ?? metric.usualTargets,
            showsCourse: course || isDrawn)
    }

    private static func rules(_ batchSize: Int, _ graph: GraphArchitecture?) -> [TrainingRule] {
        let optimized: [RuleEntry] = [
            .backpropagation, .inferenceLearning,
            graph == nil ? .proximalInferenceLearning : .publishedConvolution,
        ]
        return batchSize == 1 && graph == nil
            ? RuleSet.asDerived.entries.map { TrainingRule($0) }
            : optimized.flatMap { [TrainingRule($0), TrainingRule($0, .adam)] }
    }
}

struct ConvergenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convergence",
        abstract: "Accuracy against iterations at mini-batch 1 and 64, each rule at its best learning rate.",
        discussion: """
            Every rule is trained over a grid of learning rates, which is shown; at its best one the \
            iterations to given accuracies are compared. At the end the verdicts on claims C6 and C7. Runs \
            are kept in the store and resumed as those of 'stability' are.

            verify-cli convergence
            verify-cli convergence --data fashion-mnist --batch-sizes 64 \\
                --iterations 2000 --course
            verify-cli convergence --network paper-cnn --data fashion-mnist \\
                --rules bp-adam,il-adam --iterations 300 --seeds 1
            """)

    @OptionGroup(title: "Training") var trainingOptions: TrainingOptions
    @OptionGroup(title: "Comparison") var convergenceOptions: ConvergenceOptions
    @OptionGroup var conduct: StudyConduct

    func run() throws {
        try reportingBadData {
            try conduct.carryOut(
                convergenceOptions.study(.accuracy, trainingOptions, isDrawn: conduct.isDrawn))
        }
    }
}

struct AutoencoderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoencoder",
        abstract: "Train autoencoders and compare the reconstruction loss against iterations.",
        discussion: """
            Networks such as 784-256-100-256-784 are trained to reproduce their inputs; the loss is binary \
            cross-entropy, here given for each output unit (ln 2 = 0.693 is that of knowing nothing). At \
            the end the verdict on claim C8.

            verify-cli autoencoder
            verify-cli autoencoder --data fashion-mnist --batch-sizes 1 --iterations 10000
            """)

    @OptionGroup(title: "Training") var trainingOptions: TrainingOptions
    @OptionGroup(title: "Comparison") var convergenceOptions: ConvergenceOptions
    @OptionGroup var conduct: StudyConduct

    func validate() throws {
        guard trainingOptions.variation.labelNoise == nil else {
            throw ValidationError("An autoencoder has no labels; leave --label-noise out.")
        }
    }

    func run() throws {
        try reportingBadData {
            try conduct.carryOut(
                convergenceOptions.study(.reconstruction, trainingOptions, isDrawn: conduct.isDrawn))
        }
    }
}
