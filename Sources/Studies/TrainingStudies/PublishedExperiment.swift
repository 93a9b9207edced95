public import ErrorTables
internal import LearningRules
public import Training

/// The settings of an experiment of the paper, as the published code lists them: data, network, mini-batch, number of
/// updates, and for each rule its learning rates and constants. Every experiment has five seeds.
///
/// `docs/as-published.md` has them as a table.
public struct PublishedExperiment: Sendable {
    public let name: String
    /// One line for help texts.
    public let summary: String
    public let dataSet: DataSource
    public let task: TrainingSource.Task
    /// The hidden layers of a chain; `nil` for the paper's convolutional network.
    public let hiddenWidths: [Int]?
    public let batchSize: Int
    public let iterations: Int
    /// The number of updates between two measurements.
    public let evaluateEvery: Int
    /// In the order of tables; the rules are those as published.
    public let rules: [Line]

    /// What one rule is trained with.
    public struct Line: Sendable {
        public let rule: TrainingRule
        public let place: TrainingGrid.OwnPlace
    }

    init(
        name: String, summary: String, dataSet: DataSource, task: TrainingSource.Task, hiddenWidths: [Int]?,
        batchSize: Int, iterations: Int, evaluateEvery: Int = 50, rules: [Line]
    ) {
        self.name = name
        self.summary = summary
        self.dataSet = dataSet
        self.task = task
        self.hiddenWidths = hiddenWidths
        self.batchSize = batchSize
        self.iterations = iterations
        self.evaluateEvery = evaluateEvery
        self.rules = rules
    }

    /// Whether the network is the paper's convolutional one.
    public var isConvolutional: Bool { hiddenWidths == nil }

    /// `d₀ … d_N` of a chain for inputs of a width; an autoencoder has as many outputs.
    public func widths(inputs: Int) -> [Int]? {
        hiddenWidths.map { [inputs] + $0 + [task == .autoencoder ? inputs : 10] }
    }

    /// Learning rates and constants of a rule, of either rule set; `nil` if the experiment does not have it.
    public func place(of rule: TrainingRule) -> TrainingGrid.OwnPlace? {
        let names = [rule.entry, RuleSet.asPublished.counterpart(of: rule.entry)]
        return rules.first { names.contains($0.rule.entry) && $0.rule.optimizer == rule.optimizer }?.place
    }

    /// The experiment of a name, if there is one.
    public static func named(_ name: String) -> PublishedExperiment? { all.first { $0.name == name } }

    public static let all = [stabilityMNIST, stabilityCIFAR10, mnist, fashionMNIST, cifar10, cifar10Batches, autoencoder, cifar10Convolutional]
}

extension TrainingGrid {
    /// The grid in which the experiment's rules have their own learning rates and constants. Learning rates that were given have
    /// precedence: `rates` are those of rules without Adam and with it.
    public func with(
        _ experiment: PublishedExperiment?, rates: (plain: [Double]?, adam: [Double]?) = (nil, nil)
    ) -> TrainingGrid {
        var result = self
        for rule in rules {
            guard var place = experiment?.place(of: rule) else { continue }
            place.learningRates = (rule.scalesGradients ? rates.adam : rates.plain) ?? place.learningRates
            result.ownPlaces[rule] = place
        }
        return result
    }
}

extension PublishedExperiment.Line {
    fileprivate static func bp(_ rates: [Double], _ optimizer: Optimizer = .plain) -> Self {
        Self(.publishedBackpropagation, optimizer, rates)
    }

    fileprivate static func bpProx(_ rates: [Double], epsilon: Double) -> Self {
        Self(.publishedNormalizedBackpropagation, .plain, rates, RuleSettings(epsilon: epsilon))
    }

    fileprivate static func il(_ rates: [Double], stepSize: Double? = nil) -> Self {
        Self(.publishedInferenceLearning, .plain, rates, RuleSettings(stepSize: stepSize, leakStepSize: stepSize))
    }

    fileprivate static func ilAdam(_ rates: [Double], nudge: Double) -> Self {
        Self(.publishedInferenceLearning, .adam, rates, RuleSettings(standardOutput: .nudged(strength: nudge)))
    }

    fileprivate static func ilProx(_ rates: [Double], epsilon: Double, stepSize: Double? = nil) -> Self {
        Self(.publishedProximalInferenceLearning, .plain, rates, RuleSettings(stepSize: stepSize, epsilon: epsilon))
    }

    fileprivate static func ilProxFast(_ rates: [Double], epsilon: Double, stepSize: Double? = nil) -> Self {
        Self(.publishedProximalInferenceLearningFast, .plain, rates, RuleSettings(stepSize: stepSize, epsilon: epsilon))
    }

    /// Adam's step is 3e-5 in every experiment; `α` is that of the target.
    fileprivate static func ilProxAdam(targetRate: Double, epsilon: Double) -> Self {
        Self(
            .publishedProximalInferenceLearning, .adam, [3e-5],
            RuleSettings(epsilon: epsilon, targetRate: targetRate))
    }

    fileprivate init(
        _ entry: RuleEntry, _ optimizer: Optimizer, _ rates: [Double], _ constants: RuleSettings = RuleSettings()
    ) {
        rule = TrainingRule(entry, optimizer)
        place = TrainingGrid.OwnPlace(learningRates: rates, constants: constants)
    }
}

extension PublishedExperiment {
    private static let stabilityLines: [Line] = [
        .bp(StabilityStudy.learningRates), .bpProx(StabilityStudy.learningRates, epsilon: 0),
        .il(StabilityStudy.learningRates), .ilProx(StabilityStudy.learningRates, epsilon: 0),
    ]

    static let stabilityMNIST = PublishedExperiment(
        name: "stability-mnist", summary: "six α, ε = 0, 20,000 updates", dataSet: .mnist, task: .classification,
        hiddenWidths: [256, 256], batchSize: 1, iterations: 20_000, rules: stabilityLines)

    static let stabilityCIFAR10 = PublishedExperiment(
        name: "stability-cifar10", summary: "six α, ε = 0, 50,000 updates", dataSet: .cifar10, task: .classification,
        hiddenWidths: [1024, 1024, 1024], batchSize: 1, iterations: 50_000, rules: stabilityLines)

    static let mnist = PublishedExperiment(
        name: "mnist", summary: "mini-batch 1, 50,000 updates", dataSet: .mnist, task: .classification,
        hiddenWidths: [256, 256], batchSize: 1, iterations: 50_000,
        rules: [
            .bp([0.015]), .bp([1e-4], .adam), .il([0.05]), .ilProx([5], epsilon: 0.25), .ilProxFast([3], epsilon: 0.25),
        ])

    static let fashionMNIST = PublishedExperiment(
        name: "fashion-mnist", summary: "mini-batch 1, 50,000 updates", dataSet: .fashionMNIST, task: .classification,
        hiddenWidths: [256, 256], batchSize: 1, iterations: 50_000,
        rules: [
            .bp([0.01]), .bp([5e-5], .adam), .il([0.03]), .ilProx([2.5], epsilon: 0.25),
            .ilProxFast([2.5], epsilon: 0.25),
        ])

    static let cifar10 = PublishedExperiment(
        name: "cifar10", summary: "mini-batch 1, 50,000 updates", dataSet: .cifar10, task: .classification,
        hiddenWidths: [1024, 1024, 1024], batchSize: 1, iterations: 50_000,
        rules: [
            .bp([0.015]), .bp([2.5e-5], .adam), .il([0.01]), .ilProx([100], epsilon: 1), .ilProxFast([100], epsilon: 5),
            .ilAdam([1e-5], nudge: 0.95), .ilProxAdam(targetRate: 100, epsilon: 5),
        ])

    static let cifar10Batches = PublishedExperiment(
        name: "cifar10-batch-64", summary: "mini-batch 64, 77,000 updates", dataSet: .cifar10, task: .classification,
        hiddenWidths: [1024, 1024, 1024], batchSize: 64, iterations: 77_000,
        rules: [
            .bp([0.01]), .bp([1e-5], .adam), .il([0.01]), .ilProx([100], epsilon: 5), .ilProxFast([100], epsilon: 5),
            .ilAdam([5e-6], nudge: 0.35), .ilProxAdam(targetRate: 100, epsilon: 5),
        ])

    static let autoencoder = PublishedExperiment(
        name: "autoencoder", summary: "mini-batch 1, 50,000 updates", dataSet: .cifar10, task: .autoencoder,
        hiddenWidths: [1024, 256, 100, 256, 1024], batchSize: 1, iterations: 50_000,
        rules: [
            .bp([1e-4]), .bp([5e-5], .adam), .il([0.04], stepSize: 0.012), .ilProx([10], epsilon: 20, stepSize: 0.012),
            .ilProxFast([10], epsilon: 20, stepSize: 0.02),
        ])

    /// The code gives 8e-6 to the target of its IL-prox and leaves Adam's step at the default of its class, 1e-4.
    static let cifar10Convolutional = PublishedExperiment(
        name: "cifar10-cnn", summary: "mini-batch 64, 77,000 updates", dataSet: .cifar10, task: .classification,
        hiddenWidths: nil, batchSize: 64, iterations: 77_000, evaluateEvery: 100,
        rules: [
            .init(.backpropagation, .adam, [2e-5]),
            .init(.inferenceLearning, .adam, [9e-6], RuleSettings(steps: 8, stepSize: 0.02, leakStepSize: 0)),
            .init(
                .publishedConvolution, .adam, [1e-4],
                RuleSettings(steps: 8, stepSize: 0.02, leakStepSize: 0, epsilon: 15, targetRate: 8e-6)),
        ])
}
