import ArgumentParser
import LearningRules
import Training
import TrainingStudies

struct TrajectoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trajectory",
        abstract: "How far do weights trained by each rule drift from those of exact implicit SGD?",
        discussion: """
            A rule and exact implicit SGD are trained side by side, in double precision, from the same \
            weights on the same sequence of examples. Shown is ‖θ_rule − θ_implicit‖ as a share of how far \
            implicit SGD itself has moved: 0 is the same path, 1 as far off as not moving at all. il-exact \
            reaches the exact update by another solver and shows how much of a distance is rounding.

            verify-cli trajectory
            verify-cli trajectory --data fashion-mnist --rules bp,il-prox \\
                --iterations 300 --seeds 2
            """)

    @OptionGroup(title: "Training") var trainingOptions: TrainingOptions
    @OptionGroup var conduct: StudyConduct

    @Option(
        name: .long, parsing: .unconditional,
        help: "Learning rates α, separated by commas. (default: 0.01,0.1,1)",
        transform: CommaSeparated.learningRates)
    var alpha = CommaSeparated([0.01, 0.1, 1])

    @Option(
        name: .long,
        help: ArgumentHelp("Rules. (default: bp,bp-prox,il,il-prox,il-prox-fast,il-exact)", valueName: "names"),
        transform: TrainingRuleList.list)
    var rules = TrainingRuleList(plain: [
        .backpropagation, .normalizedBackpropagation, .inferenceLearning,
        .proximalInferenceLearning, .proximalInferenceLearningFast, .exactInferenceLearning,
    ])

    @Option(name: .long, help: ArgumentHelp("Examples in a mini-batch.", valueName: "size"))
    var batchSize = 1

    func validate() throws { try Bounds.check("--batch-size", batchSize, in: 1...4096) }

    func run() throws {
        var base = try trainingOptions.configuration(
            .classification, rules: rules.rules, batchSize: batchSize,
            iterations: trainingOptions.iterations ?? Self.iterations)
        // The comparison is about the rules, not about rounding.
        base.precision = .double
        let grid = TrainingGrid(
            base: base, source: trainingOptions.source(.classification), rules: rules.rules,
            learningRates: alpha.values, seeds: trainingOptions.seedList)
        try conduct.carryOut(TrajectoryStudy(grid))
    }

    /// Exact updates are slow, and the paths part early.
    private static let iterations = 200
}
