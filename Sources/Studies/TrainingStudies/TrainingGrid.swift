internal import ErrorTables
internal import Graphs
internal import RunStore
internal import Networks
public import Documents
public import LearningRules
public import Training

/// Training runs of several rules at several learning rates with several seeds, all else equal.
public struct TrainingGrid: Sendable {
    /// What all runs share; its rule, learning rate and seed are replaced.
    public var base: TrainingConfiguration
    public var source: TrainingSource
    public var rules: [TrainingRule]
    /// The learning rates of rules without Adam, and of those with it.
    public var learningRates: [Double]
    public var adamLearningRates: [Double]
    public var seeds: [UInt64]
    /// The learning rates and constants of rules that have their own, as in a published experiment. Constants that
    /// `base` sets have precedence.
    public var ownPlaces: [TrainingRule: OwnPlace] = [:]

    /// Where a rule stands apart from the others of its grid.
    public struct OwnPlace: Sendable, Hashable {
        public var learningRates: [Double]
        public var constants: RuleSettings
    }

    /// - Parameters:
    ///   - base: what all runs share.
    ///   - source: the examples.
    ///   - rules: in the order of tables.
    ///   - learningRates: of rules without Adam.
    ///   - adamLearningRates: of rules with it; `nil` for the same.
    ///   - seeds: as many runs of everything.
    public init(
        base: TrainingConfiguration, source: TrainingSource, rules: [TrainingRule],
        learningRates: [Double], adamLearningRates: [Double]? = nil, seeds: [UInt64]
    ) {
        self.base = base
        self.source = source
        self.rules = rules
        self.learningRates = learningRates
        self.adamLearningRates = adamLearningRates ?? learningRates
        self.seeds = seeds
    }

    func rates(of rule: TrainingRule) -> [Double] {
        ownPlaces[rule]?.learningRates ?? (rule.scalesGradients ? adamLearningRates : learningRates)
    }

    /// All learning rates in order.
    var allRates: [Double] { Set(rules.flatMap { rates(of: $0) }).sorted() }

    func configuration(
        _ rule: TrainingRule, _ rate: Double, _ seed: UInt64
    ) throws -> TrainingConfiguration {
        var configuration = base
        configuration.rule = rule
        configuration.learningRate = rate
        configuration.seed = seed
        if let own = ownPlaces[rule] { configuration.constants.fill(from: own.constants) }
        if configuration.constants.start != .feedforward {
            configuration.constants.start = .random(seed: seed)
        }
        configuration.dataSet = try source.storedName()
        return configuration
    }

    /// Seed by seed, so that an unfinished study has whole grids for its first seeds.
    func plan(_ kind: TrainingKind) throws -> [PlannedRun] {
        try seeds.flatMap { seed in
            try rules.flatMap { rule in
                try rates(of: rule).map { rate in
                    try kind.planned(configuration(rule, rate, seed), source)
                }
            }
        }
    }

    /// The finished runs of one point of the grid, by seed.
    func summaries(
        _ rule: TrainingRule, _ rate: Double, _ kind: TrainingKind, in store: ResultStore
    ) throws -> [UInt64: TrainingSummary] {
        var found: [UInt64: TrainingSummary] = [:]
        for seed in seeds {
            let identity = try kind.identity(configuration(rule, rate, seed))
            found[seed] = try store.finishedRows(identity, as: TrainingMeasurement.self)
                .flatMap { TrainingSummary($0, outputs: base.widths.last ?? 1) }
        }
        return found
    }

    /// Widths, activation and biases of a chain, or what a graph is.
    var network: String {
        if let graph = base.graph { return graph.trainedName }
        return base.widths.map(String.init).joined(separator: "-")
            + " \(base.activation.name) \(base.bias ? "with" : "without") bias"
    }

    var dataSetName: String { source.name }

    /// What every output says of the runs.
    public func describe(_ provenance: Provenance) -> Provenance {
        var result = provenance
        result.set("network", to: .text(network))
        result.set("initialization", to: .text(base.initialization.name))
        result.set("loss", to: .text(base.loss.name))
        result.set("dataSet", title: "data set", to: .text(dataSetName))
        result.set("batchSize", title: "mini-batch", to: .integer(base.batchSize))
        result.set("iterations", to: .integer(base.iterations))
        result.set("seeds", to: .text(seeds.map(String.init).joined(separator: ",")))
        if !base.held.isEmpty { result.set("held", to: .text("\(base.held)")) }
        if let every = base.weightNormEvery {
            result.set("weightNormEvery", title: "updates between norms of the weights' changes", to: .integer(every))
        }
        if base.usesPartialBatches { result.set("partialBatches", title: "partial mini-batches", to: "used") }
        result.set("precision", to: .text(base.precision.rawValue))
        return result
    }
}

extension GraphArchitecture {
    /// Such as `paper-cnn relu`, or for a graph of the user's how large it is.
    var trainedName: String {
        let known = Activation.allCases.first { (try? GraphArchitecture.paperNetwork($0)) == self }
        return known.map { "paper-cnn \($0.name)" } ?? summary
    }
}

/// The results of a grid, read once.
struct GridResults {
    let grid: TrainingGrid
    private let found: [Key: [UInt64: TrainingSummary]]

    private struct Key: Hashable {
        let rule: TrainingRule
        let rate: Double
    }

    init(_ grid: TrainingGrid, _ kind: TrainingKind, in store: ResultStore) throws {
        self.grid = grid
        var found: [Key: [UInt64: TrainingSummary]] = [:]
        for rule in grid.rules {
            for rate in grid.rates(of: rule) {
                found[Key(rule: rule, rate: rate)] =
                    try grid.summaries(rule, rate, kind, in: store)
            }
        }
        self.found = found
    }

    /// The finished runs of a point, in the order of the seeds.
    func runs(_ rule: TrainingRule, _ rate: Double) -> [TrainingSummary] {
        grid.seeds.compactMap { bySeed(rule, rate)[$0] }
    }

    func bySeed(_ rule: TrainingRule, _ rate: Double) -> [UInt64: TrainingSummary] {
        found[Key(rule: rule, rate: rate)] ?? [:]
    }

    /// The runs of two rules, each at a learning rate, of the seeds with which both are finished.
    func pairs(
        _ own: TrainingRule, _ ownRate: Double, _ other: TrainingRule, _ otherRate: Double
    ) -> [(own: TrainingSummary, other: TrainingSummary)] {
        let (ownRuns, otherRuns) = (bySeed(own, ownRate), bySeed(other, otherRate))
        return grid.seeds.compactMap { seed in
            ownRuns[seed].flatMap { own in otherRuns[seed].map { (own, $0) } }
        }
    }

    /// How many runs are not there.
    var missing: Int {
        grid.rules.reduce(0) { sum, rule in
            grid.rates(of: rule).reduce(sum) { $0 + grid.seeds.count - runs(rule, $1).count }
        }
    }

    var notes: [String] { Self.notes(missing: missing) }

    /// What a table says of runs that are not there.
    static func notes(missing: Int) -> [String] {
        missing == 0 ? [] : ["\(missing) runs are not finished and are left out."]
    }
}
