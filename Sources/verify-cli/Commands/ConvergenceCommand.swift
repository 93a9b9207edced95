import ArgumentParser
import LearningRules
import Training
import TrainingStudies

/// What `convergence` and `autoencoder` have in common.
struct ConvergenceOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Mini-batch sizes. (default: 1,64)", valueName: "sizes"),
        transform: CountList.list)
    var batchSizes = CountList([1, 64])

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rules at every mini-batch size. (default: bp,bp-prox,il,il-prox,il-prox-fast at 1; "
                + "bp,bp-adam,il,il-adam,il-prox,il-prox-adam above)",
            valueName: "names"),
        transform: TrainingRuleList.list)
    var rules: TrainingRuleList?

    @Option(
        name: .long, parsing: .unconditional,
        help: "Grid of learning rates. (default: 0.003,0.01,0.03,0.1,0.3,1,10)",
        transform: LearningRates.list)
    var alpha = LearningRates([0.003, 0.01, 0.03, 0.1, 0.3, 1, 10])

    @Option(
        name: .long, parsing: .unconditional,
        help: "Grid of learning rates for the Adam rules. (default: 0.0001,0.0003,0.001,0.003,0.01)",
        transform: LearningRates.list)
    var adamAlpha = LearningRates([0.0001, 0.0003, 0.001, 0.003, 0.01])

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Iterations between two comparisons with the exact update, 0 for none. Given as in 'stability', "
                + "the runs of one study serve the other.",
            valueName: "count"))
    var compareEvery = 0

    @Flag(name: .long, help: "Also the course of the runs at their best learning rates (--chart draws it).")
    var course = false

    func validate() throws {
        guard batchSizes.values.allSatisfy({ $0 <= 4096 }) else {
            throw ValidationError("--batch-sizes goes up to 4096.")
        }
        guard compareEvery >= 0 else { throw ValidationError("--compare-every must not be negative.") }
    }

    func grids(_ options: TrainingOptions, _ task: TrainingSource.Task) throws -> [TrainingGrid] {
        let source = options.source(task)
        return try batchSizes.values.map { size in
            let rules = rules?.rules ?? Self.rules(size)
            var base = try options.configuration(
                task, rules: rules, batchSize: size, measurements: 20)
            base.compareEvery = compareEvery
            return TrainingGrid(
                base: base, source: source, rules: rules,
                learningRates: alpha.values, adamLearningRates: adamAlpha.values,
                seeds: options.seedList)
        }
    }

    private static func rules(_ batchSize: Int) -> [TrainingRule] {
        let plain: [RuleEntry] = [
            .backpropagation, .normalizedBackpropagation, .inferenceLearning,
            .proximalInferenceLearning, .proximalInferenceLearningFast,
        ]
        let optimized: [RuleEntry] = [
            .backpropagation, .inferenceLearning, .proximalInferenceLearning,
        ]
        return batchSize == 1
            ? plain.map { TrainingRule($0) }
            : optimized.flatMap { [TrainingRule($0), TrainingRule($0, .adam)] }
    }
}

/// A study of convergence with all options but its targets.
struct ConvergenceRun: ParsableArguments {
    @OptionGroup(title: "Training") var trainingOptions: TrainingOptions
    @OptionGroup(title: "Comparison") var convergenceOptions: ConvergenceOptions
    @OptionGroup(title: "Study") var studyOptions: StudyOptions
    @OptionGroup(title: "Running") var threadOptions: ThreadOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func run(
        _ metric: ConvergenceStudy.Metric, on task: TrainingSource.Task, targets: Targets
    ) throws {
        threadOptions.apply()
        let study = ConvergenceStudy(
            metric, grids: try convergenceOptions.grids(trainingOptions, task),
            targets: targets.values,
            showsCourse: convergenceOptions.course || studyOptions.chartOptions.isAsked)
        try StudyConduct(
            study: study, options: studyOptions, threads: threadOptions.threads,
            output: outputOptions
        ).run()
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
            verify-cli convergence --data fashion-mnist --batch-sizes 64 --iterations 2000 --course
            """)

    @OptionGroup var convergence: ConvergenceRun

    @Option(
        name: .long,
        help: "Test accuracies whose first iteration is looked for. (default: 0.7,0.8,0.85)",
        transform: Targets.list)
    var targets = Targets(ConvergenceStudy.Metric.accuracy.usualTargets)

    func run() throws {
        try convergence.run(.accuracy, on: .classification, targets: targets)
    }
}

struct AutoencoderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoencoder",
        abstract: "The same for auto-association: reconstruction loss against iterations.",
        discussion: """
            Networks such as 784-256-100-256-784 are trained to reproduce their inputs; the loss is binary \
            cross-entropy, here given for each output unit (ln 2 = 0.693 is that of knowing nothing). At \
            the end the verdict on claim C8.

            verify-cli autoencoder
            verify-cli autoencoder --data fashion-mnist --batch-sizes 1 --iterations 10000
            """)

    @OptionGroup var convergence: ConvergenceRun

    @Option(
        name: .long,
        help: "Test losses for each output unit whose first iteration is looked for. (default: 0.5,0.45,0.4)",
        transform: Targets.list)
    var targets = Targets(ConvergenceStudy.Metric.reconstruction.usualTargets)

    func run() throws {
        try convergence.run(.reconstruction, on: .autoencoder, targets: targets)
    }
}

/// A comma-separated list of numbers between 0 and 1.
struct Targets {
    let values: [Double]

    init(_ values: [Double]) { self.values = values }

    static func list(_ argument: String) throws -> Targets {
        Targets(
            try argument.split(separator: ",", omittingEmptySubsequences: false).map { part in
                guard let value = Double(part), value > 0, value <= 1 else {
                    throw ValidationError("a target must be above 0 and at most 1, found '\(part)'.")
                }
                return value
            })
    }
}
