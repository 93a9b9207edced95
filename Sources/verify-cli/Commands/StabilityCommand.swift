import ArgumentParser
import Graphs
import LearningRules
import Training
import TrainingStudies

struct StabilityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stability",
        abstract: "Trains with each rule at learning rates from 0.01 to 100: who stays stable?",
        discussion: """
            Every rule is trained at every learning rate with every seed, from the same weights on the same \
            order of examples. A run that diverges is a result: it is counted. The tables show the final \
            test accuracy, mean and variance of the updates' norms, and how far the updates are from the \
            exact implicit update along the run; at the end the verdicts on claims C5 and C11.

            Every run is kept in the store (--store). Ctrl-C, kill -9 or a loss of power cost at most \
            --checkpoint-interval seconds of work: the same command goes on, and ends with the same \
            numbers. Several processes may work on one store.

            verify-cli stability
            verify-cli stability --data fashion-mnist --iterations 20000 \\
                --store stability.sqlite
            verify-cli stability --rules as-derived,as-published --epsilon 0
            verify-cli stability --experiment stability-mnist --data-directory mnist
            verify-cli stability --rules implicit,il-exact --seeds 2 --iterations 500
            verify-cli stability --data fashion-mnist --slurm stability.sh --slurm-tasks 16
            verify-cli stability --network paper-cnn --data fashion-mnist \\
                --iterations 200 --seeds 1
            """)

    @OptionGroup(title: "Training") var trainingOptions: TrainingOptions
    @OptionGroup var graphOptions: GraphTrainingOptions
    @OptionGroup var experimentOptions: ExperimentOptions
    @OptionGroup var conduct: StudyConduct

    @Option(
        name: .long, parsing: .unconditional,
        help: "Learning rates α, separated by commas. (default: the paper's 0.01,0.1,1,2.5,10,100)",
        transform: CommaSeparated.learningRates)
    var alpha: CommaSeparated<Double>?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rules. (default: bp,bp-prox,il,il-prox,il-prox-fast; with --network bp,il,paper-conv)", valueName: "names"),
        transform: TrainingRuleList.list)
    var rules: TrainingRuleList?

    @Option(name: .long, help: ArgumentHelp("Examples in a mini-batch. (default: 1; with --network 64)", valueName: "size"))
    var batchSize: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Iterations between two comparisons with the exact update, 0 for none. (default: as "
                + "--evaluate-every at mini-batch 1, else and with --experiment or --network 0: it takes seconds)",
            valueName: "count"))
    var compareEvery: Int?

    @Option(name: .long, help: ArgumentHelp("A run has trained with this test accuracy at its end.", valueName: "share"))
    var trainedAccuracy = StabilityStudy.usualAccuracy

    @Flag(name: .long, help: "Also the course of all runs, measurement by measurement.")
    var course = false

    @Flag(
        name: .long,
        help: "Also whether the last hidden layer tells test examples apart, and how many units are active, at each measurement.")
    var representation = false

    func validate() throws {
        try Bounds.check("--batch-size", batchSize, in: 1...4096)
        try Bounds.check("--compare-every", compareEvery, in: 0...)
        guard (0...1).contains(trainedAccuracy) else {
            throw ValidationError("--trained-accuracy must be between 0 and 1.")
        }
    }

    func run() throws {
        try reportingBadData { try conduct.carryOut(study()) }
    }

    private func study() throws -> StabilityStudy {
        let experiment = try experimentOptions.experiment(for: .classification)
        let graph = try graphOptions.graph(
            trainingOptions, experiment, loss: TrainingOptions.loss(of: .classification))
        let rules = rules?.rules ?? experiment?.rules.map(\.rule) ?? Self.rules(graph)
        try rules.check(for: graph)
        if graph != nil { try GraphRefusals.check([("--representation", representation)], because: "--network is a graph") }
        let batchSize = batchSize ?? experiment?.batchSize ?? (graph == nil ? 1 : 64)
        var base = try trainingOptions.configuration(
            .classification, rules: rules, graph: graph, batchSize: batchSize, experiment: experiment,
            comparesBatches: batchSize == 1 && experiment == nil && graph == nil)
        if let compareEvery { base.compareEvery = compareEvery }
        base.measuresRepresentation = representation
        let grid = TrainingGrid(
            base: base, source: try trainingOptions.source(.classification, experiment, for: graph), rules: rules,
            learningRates: alpha?.values ?? StabilityStudy.learningRates, seeds: trainingOptions.seedList
        ).with(experiment, rates: (alpha?.values, alpha?.values))
        return StabilityStudy(grid, trainedAccuracy: trainedAccuracy, showsCourse: course)
    }

    private static func rules(_ graph: GraphArchitecture?) -> [TrainingRule] {
        let entries = graph == nil
            ? RuleSet.asDerived.entries : [.backpropagation, .inferenceLearning, .publishedConvolution]
        return entries.map { TrainingRule($0) }
    }
}
