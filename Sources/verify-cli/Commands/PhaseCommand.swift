import ArgumentParser
import LearningRules
import Networks
import TrainingStudies

struct PhaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phase",
        abstract: "Maps: which rule is nearest to implicit SGD, over α and steps, over depth and width.",
        discussion: """
            Every cell of a map is a run: fresh networks with a mini-batch, the exact update of each, and \
            the distance of every rule's update to it. The first map varies the learning rate and the \
            number of inference steps, the second the number of hidden layers and their width (at --at-alpha \
            and --at-steps). With il-exact-euler (T8 with so many steps) among --rules it wins nearly everywhere; \
            il-exact would win by definition.

            verify-cli phase
            verify-cli phase --data fashion-mnist --steps 25,100,400 \\
                --depths 1,2,3 --widths 64,256
            """)

    @OptionGroup(title: "Cases") var caseOptions: CaseOptions
    @OptionGroup var conduct: StudyConduct

    @Option(
        name: .long, parsing: .unconditional,
        help: "Rows of the first map, learning rates. (default: 0.01,0.1,1,10,100)",
        transform: CommaSeparated.learningRates)
    var alpha = CommaSeparated([0.01, 0.1, 1, 10, 100])

    @Option(
        name: .long,
        help: ArgumentHelp("Columns of the first map, inference steps. (default: 5,25,100,400)", valueName: "counts"),
        transform: CommaSeparated.counts)
    var steps = CommaSeparated([5, 25, 100, 400])

    @Option(
        name: .long,
        help: ArgumentHelp("Rows of the second map, hidden layers. (default: 1,2,3,4)", valueName: "counts"),
        transform: CommaSeparated.counts)
    var depths = CommaSeparated([1, 2, 3, 4])

    @Option(
        name: .long,
        help: ArgumentHelp("Columns of the second map, units of each hidden layer. (default: 8,32,128)", valueName: "counts"),
        transform: CommaSeparated.counts)
    var widths = CommaSeparated([8, 32, 128])

    @Option(name: .long, parsing: .unconditional, help: "Learning rate of the second map. (default: 1)", transform: CommaSeparated.learningRate)
    var atAlpha = 1.0

    @Option(name: .long, help: ArgumentHelp("Inference steps of the second map.", valueName: "count"))
    var atSteps = 25

    @Option(name: .long, help: ArgumentHelp("Euler step size (default: each rule's own).", valueName: "size"))
    var stepSize: Double?

    @Option(
        name: .long,
        help: ArgumentHelp("Rules. (default: bp,bp-prox,il,il-prox)", valueName: "names"),
        transform: RuleList.list)
    var rules = RuleList([
        .backpropagation, .normalizedBackpropagation, .inferenceLearning,
        .proximalInferenceLearning,
    ])

    func validate() throws {
        try Bounds.checkPositive("--step-size", stepSize)
        try Bounds.check("--at-steps", atSteps, in: 1...1_000_000)
        guard depths.values.allSatisfy({ $0 <= 100 }), widths.values.allSatisfy({ $0 <= 4096 }) else {
            throw ValidationError("--depths goes up to 100, --widths up to 4096.")
        }
    }

    func run() throws {
        let distribution = try reportingBadData { try caseOptions.distribution() }
        let architecture = distribution.architecture
        let base = PhaseConfiguration(
            widths: architecture.widths, activation: caseOptions.network.activation, bias: caseOptions.network.bias,
            initialization: distribution.initialization, loss: distribution.loss,
            dataSet: distribution.source.rawValue, batchSize: distribution.batchSize,
            cases: distribution.count, seed: distribution.seed, learningRate: atAlpha,
            steps: atSteps, stepSize: stepSize, rules: rules.entries.map(\.name), tolerance: 1e-10)
        let study = PhaseStudy(
            base: base, dataDirectory: distribution.dataDirectory, learningRates: alpha.values,
            steps: steps.values, depths: depths.values, hiddenWidths: widths.values)
        try conduct.carryOut(study)
    }
}
