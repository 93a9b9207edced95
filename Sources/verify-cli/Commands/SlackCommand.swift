import ArgumentParser
import LearningRules
import Training
import TrainingStudies

/// `verify-cli slack`: the family of T18 in training.
struct SlackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slack",
        abstract: "Training between exact implicit SGD and inference learning: accuracy and distance along the slack ε.",
        discussion: """
            implicit-slack lets activities differ from what the new weights predict, at a cost of ‖e‖²/(2αε) (theorem \
            T18). With ε → 0 it is exact implicit SGD; with ε → ∞ and αε fixed it is inference learning at its \
            equilibrium. Every ε trains at every α with every seed; implicit and il-prox train beside it.

            verify-cli slack --alpha 1 --slack 0.1,1,10 --seeds 2 --iterations 300
            verify-cli slack --data fashion-mnist --sizes 784-64-64-10 --iterations 1500 \\
                --store slack.sqlite --chart slack.svg
            """)

    @OptionGroup(title: "Training") var trainingOptions: TrainingOptions
    @OptionGroup var conduct: StudyConduct

    @Option(
        name: .long, parsing: .unconditional, help: "Learning rates α, separated by commas. (default: 1,100)",
        transform: CommaSeparated.learningRates)
    var alpha = CommaSeparated([1.0, 100])

    @Option(
        name: .long, help: ArgumentHelp("Slacks. (default: 0.01,0.1,1,10,100,1000,10000)", valueName: "ε,ε,…"),
        transform: CommaSeparated.learningRates)
    var slack = CommaSeparated([0.01, 0.1, 1, 10, 100, 1000, 10_000])

    @Option(name: .long, help: ArgumentHelp("Examples in a mini-batch.", valueName: "size"))
    var batchSize = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Iterations between two comparisons with the exact update, 0 for none. (default: as --evaluate-every)",
            valueName: "count"))
    var compareEvery: Int?

    func validate() throws {
        try Bounds.check("--batch-size", batchSize, in: 1...4096)
        try Bounds.check("--compare-every", compareEvery, in: 0...)
        guard trainingOptions.constants.epsilon == nil else {
            throw ValidationError("The slacks are given by --slack, not by --epsilon.")
        }
    }

    func run() throws {
        let rules: [RuleEntry] = [.slackImplicit, .implicit, .proximalInferenceLearning]
        var base = try trainingOptions.configuration(
            .classification, rules: rules.map { TrainingRule($0) }, batchSize: batchSize, comparesBatches: true)
        if let compareEvery { base.compareEvery = compareEvery }
        let grid = TrainingGrid(
            base: base, source: trainingOptions.source(.classification), rules: [], learningRates: alpha.values,
            seeds: trainingOptions.seedList)
        try conduct.carryOut(SlackStudy(grid, slacks: slack.values))
    }
}
