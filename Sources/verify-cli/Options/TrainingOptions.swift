import ArgumentParser
import ErrorTables
import Graphs
import LearningRules
import Networks
import Training
import TrainingStudies

extension TrainingPrecision: NamedArgument {}

/// What is trained and on what; the same for every training study.
struct TrainingOptions: ParsableArguments {
    @OptionGroup var network: NetworkOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Weight updates of each run. (default: 2000 for digits, else 20000)", valueName: "count"))
    var iterations: Int?

    @Option(name: .long, help: ArgumentHelp("How many seeds: as many runs of everything.", valueName: "count"))
    var seeds = 5

    @Option(name: .long, help: "The first seed.")
    var seed: UInt64 = 1

    @Option(
        name: .customLong("precision"),
        help: "Of the numbers. (default: single, as in the paper; graphs are trained in double)")
    var chosenPrecision: TrainingPrecision?

    @Option(name: .long, help: ArgumentHelp("Use only so many training examples.", valueName: "count"))
    var trainingExamples: Int?

    @Option(name: .long, help: ArgumentHelp("Use only so many test examples.", valueName: "count"))
    var testExamples: Int?

    @OptionGroup(title: "Variation of the data") var variation: VariationOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Iterations between two measurements. (default: a tenth of all)", valueName: "count"))
    var evaluateEvery: Int?

    @OptionGroup var holdOptions: HoldOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Also record the norm of the change of the weights alone, without the biases, after every so many updates. "
                + "(default: never; 50 with --experiment)",
            valueName: "count"))
    var weightNormEvery: Int?

    @Flag(
        inversion: .prefixedNo,
        help: "The examples left over at the end of an epoch are a mini-batch of their own. (default: only with --experiment)")
    var partialBatches: Bool?

    @OptionGroup(title: "Constants of the rules") var constants: RuleConstantOptions

    func validate() throws {
        try Bounds.check("--seeds", seeds, in: 1...10_000)
        guard seed <= UInt64.max - 10_000 else { throw ValidationError("--seed is too large.") }
        for (name, value) in [
            ("--iterations", iterations), ("--training-examples", trainingExamples),
            ("--test-examples", testExamples), ("--evaluate-every", evaluateEvery), ("--weight-norm-every", weightNormEvery),
        ] { try Bounds.check(name, value, in: 1...1_000_000_000) }
    }

    var seedList: [UInt64] { (0..<UInt64(seeds)).map { seed + $0 } }
}

extension TrainingOptions {
    /// The data set that is given, else that of the experiment.
    private func data(_ experiment: PublishedExperiment?) -> DataSource {
        network.chosenData ?? experiment?.dataSet ?? network.data
    }

    func source(_ task: TrainingSource.Task, _ experiment: PublishedExperiment? = nil) -> TrainingSource {
        TrainingSource(
            data(experiment), directory: network.dataDirectory, task: task, trainingExamples: trainingExamples,
            testExamples: testExamples, variation: variation.variation)
    }

    /// The source of a chain, or that of a graph.
    func source(
        _ task: TrainingSource.Task, _ experiment: PublishedExperiment?, for graph: GraphArchitecture?
    ) throws -> TrainingSource {
        guard let graph else { return source(task, experiment) }
        return try TrainingSource(
            for: graph, data(experiment), directory: network.dataDirectory, task: task,
            trainingExamples: trainingExamples, testExamples: testExamples, variation: variation.variation)
    }

    /// The configuration that the runs of a study share; rule, learning rate and seed are set by its
    /// grid.
    ///
    /// - Parameter rules: those of the grid.
    /// - Parameter graph: what is trained, where it is not a chain.
    /// - Parameter experiment: whose settings are the defaults.
    /// - Parameter measurements: in how many stretches the iterations are measured.
    /// - Throws: `ValidationError` if a constant is set that none of the rules takes.
    func configuration(
        _ task: TrainingSource.Task, rules: [TrainingRule], graph: GraphArchitecture? = nil, batchSize: Int,
        experiment: PublishedExperiment? = nil, iterations: Int? = nil, measurements: Int = 10,
        comparesBatches: Bool = false
    ) throws -> TrainingConfiguration {
        let data = data(experiment)
        let iterations = iterations ?? self.iterations ?? experiment?.iterations ?? (data == .digits ? 2000 : 20_000)
        let every = evaluateEvery
            ?? experiment?.evaluateEvery ?? max(1, iterations / measurements)
        let widths = data.inputWidth.flatMap { experiment?.widths(inputs: $0) } ?? defaultWidths(task, data)
        var configuration = TrainingConfiguration(
            widths: network.sizes?.values ?? widths, activation: network.activation,
            bias: network.bias, initialization: network.initialization,
            loss: Self.loss(of: task),
            rule: TrainingRule(.backpropagation),
            constants: try settings(of: rules, on: graph),
            learningRate: 1, batchSize: batchSize, iterations: iterations,
            seed: seed, precision: chosenPrecision ?? .single, dataSet: data.rawValue,
            trainingExamples: trainingExamples, testExamples: testExamples, evaluateEvery: every,
            compareEvery: comparesBatches ? every : 0)
        configuration.held = holdOptions.hold
        configuration.weightNormEvery = weightNormEvery ?? experiment?.evaluateEvery
        configuration.usesPartialBatches = partialBatches ?? (experiment != nil)
        return graph.map(configuration.training) ?? configuration
    }

    /// What a task is trained with.
    static func loss(of task: TrainingSource.Task) -> Loss {
        task == .autoencoder ? .sigmoidCrossEntropy : .softmaxCrossEntropy
    }

    /// The constants of the rules, each of which one of them takes.
    private func settings(of rules: [TrainingRule], on graph: GraphArchitecture?) throws -> RuleSettings {
        guard graph != nil else { return try constants.settings(seed: seed, for: rules.map(\.entry)) }
        let settings = try constants.settings(seed: seed, for: RuleRegistry.builtIn.entries)
        try GraphRefusals.check(settings, of: rules.compactMap { $0.entry.graphRule() }, because: "--network is a graph")
        return settings
    }

    private func defaultWidths(_ task: TrainingSource.Task, _ data: DataSource) -> [Int] {
        let input = data.inputWidth ?? 784
        let (hidden, code) = input == 64 ? (32, 16) : (256, 100)
        return task == .autoencoder ? [input, hidden, code, hidden, input] : [input, hidden, hidden, 10]
    }
}
