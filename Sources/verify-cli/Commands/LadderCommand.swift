import ArgumentParser
import Documents
import ErrorTables
import LearningRules
import Training
import TrainingStudies

/// `verify-cli ladder`: what lies between backpropagation, implicit SGD and il-prox.
struct LadderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ladder",
        abstract: "What is il-prox near to: backpropagation, implicit SGD, or implicit SGD in its own metric?",
        discussion: """
            il-prox trains a network. Before the first iteration and after some more, the update of each rung is \
            compared with the one of il-prox and with exact implicit SGD, all at the same weights and on the same \
            mini-batches: bp-prox, bp-binomial, implicit, implicit-layerwise, and with shuffled and uniform factors as \
            controls. --energy-precision unit is the paper's code.

            verify-cli ladder
            verify-cli ladder --data fashion-mnist --sizes 784-64-64-10 \\
                --activation tanh --energy-precision unit
            verify-cli ladder --label-noise 1 --alpha 1 --stages 0,100,600
            verify-cli ladder --fit-rates --stages 0,100,300,600 --chart ladder.svg
            """)

    @OptionGroup(title: "Training") var trainingOptions: TrainingOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    @Option(
        name: .long, parsing: .unconditional, help: "Learning rates α, separated by commas. (default: 1,10,100)",
        transform: CommaSeparated.learningRates)
    var alpha = CommaSeparated([1.0, 10, 100])

    @Option(name: .long, help: ArgumentHelp("Examples in a mini-batch.", valueName: "size"))
    var batchSize = 1

    @Option(
        name: .long,
        help: ArgumentHelp("Iterations of il-prox before each measurement. (default: 0,600)", valueName: "n,n,…"),
        transform: LadderCommand.stages)
    var stages = CommaSeparated([0, 600])

    @Option(name: .long, help: ArgumentHelp("Mini-batches at each measurement.", valueName: "count"))
    var cases = 5

    @Flag(
        name: .long,
        help: "Also look for the layers' learning rates that come nearest to il-prox, at some fifty exact updates a mini-batch.")
    var fitRates = false

    @OptionGroup(title: "Chart") var chartOptions: ChartOptions

    private static func stages(_ argument: String) throws -> CommaSeparated<Int> {
        try CommaSeparated(argument) { part in
            guard let value = Int(part), value >= 0 else {
                throw ValidationError("--stages takes numbers of iterations, found '\(part)'.")
            }
            return value
        }
    }

    func validate() throws {
        try Bounds.check("--batch-size", batchSize, in: 1...4096)
        try Bounds.check("--cases", cases, in: 1...)
    }

    func run() throws {
        OneThread.apply()
        try reportingBadData {
            try chartOptions.checkTools()
            let model = TrainingRule(.proximalInferenceLearning)
            var base = try trainingOptions.configuration(
                .classification,
                rules: [model] + [.binomialBackpropagation, .layerwiseImplicit].map { TrainingRule($0) },
                batchSize: batchSize, iterations: stages.values.max())
            (base.rule, base.precision) = (model, .double)
            let study = LadderStudy(
                base: base, source: trainingOptions.source(.classification), learningRates: alpha.values,
                seeds: trainingOptions.seedList, stages: stages.values, cases: cases, fitsRates: fitRates)
            let grid = TrainingGrid(
                base: base, source: study.source, rules: [model], learningRates: alpha.values, seeds: study.seeds)
            let progress = outputOptions.progress("measurements", total: study.work)
            let document = try study.document(
                provenance: grid.describe(RunProvenance.base(command: commandLineText))) { progress.advance() }
            progress.finish()
            try outputOptions.write(document)
            if chartOptions.isAsked { try chartOptions.write(document.charts) }
        }
    }
}
