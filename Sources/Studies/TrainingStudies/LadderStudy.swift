internal import Certificates
internal import Comparison
public import Documents
internal import ErrorTables
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import Randomness
public import Training

/// What lies between `bp-prox` and `il-prox`, and between implicit SGD and `il-prox` (C22): at fresh weights and after
/// some training by `il-prox`, the distance of each rung's update from the one of `il-prox` and from the exact one.
public struct LadderStudy: Sendable {
    /// The network, the constants of the rules, and `il-prox`, which trains.
    public var base: TrainingConfiguration
    public var source: TrainingSource
    public var learningRates: [Double]
    public var seeds: [UInt64]
    /// After how many iterations it is measured, in order.
    public var stages: [Int]
    /// How many mini-batches are measured at each stage of a run.
    public var cases: Int
    /// Whether targets are dealt out to the training examples at random.
    public var shufflesLabels: Bool

    public init(
        base: TrainingConfiguration, source: TrainingSource, learningRates: [Double], seeds: [UInt64], stages: [Int],
        cases: Int, shufflesLabels: Bool
    ) {
        self.base = base
        self.source = source
        self.learningRates = learningRates
        self.seeds = seeds
        self.stages = stages.sorted()
        self.cases = cases
        self.shufflesLabels = shufflesLabels
    }

    /// The number of steps that `document` reports progress of.
    public var work: Int { seeds.count * learningRates.count * stages.count }

    /// What was found of one rung in one case.
    private struct Distances {
        let toModel: UpdateDistance
        let toImplicit: UpdateDistance?
    }

    private struct Key: Hashable {
        let rate: Double
        let stage: Int
        let rung: String
    }

    /// Trains and measures. Work that is stopped is lost.
    ///
    /// - Throws: `TrainingError`, `RuleError`, or what reading the examples throws.
    public func document(provenance: Provenance, progress: () -> Void = {}) throws -> Document {
        let data = try shufflesLabels ? shuffled(source.data()) : source.data()
        var found: [Key: [Distances]] = [:]
        var losses: [Key: [Double]] = [:]
        for seed in seeds {
            for rate in learningRates {
                var configuration = base
                (configuration.seed, configuration.learningRate) = (seed, rate)
                configuration.dataSet = try source.storedName()
                configuration.iterations = stages.last ?? 0
                var run = try TrainingRun(configuration, data: data)
                for stage in stages {
                    _ = try run.advance(iterations: stage - run.iteration)
                    var generator = RandomGenerator(seed: seed, stream: 1 << 32 + UInt64(stage))
                    for _ in 0..<cases where !run.isDiverged {
                        let batch = try batch(data, using: &generator)
                        let problem = LearningProblem(
                            network: run.network, batch: batch, loss: base.loss, learningRate: rate)
                        let distances = try measure(problem, using: &generator)
                        for (rung, value) in distances {
                            found[Key(rate: rate, stage: stage, rung: rung), default: []].append(value)
                        }
                        losses[Key(rate: rate, stage: stage, rung: ""), default: []].append(
                            Linearization(network: problem.network, batch: batch, loss: base.loss).meanLoss)
                    }
                    progress()
                }
            }
        }
        var document = Document(title: "Between backpropagation, implicit SGD and il-prox", provenance: provenance)
        document.appendTable(try table(found, losses))
        return document
    }

    private func table(_ found: [Key: [Distances]], _ losses: [Key: [Double]]) throws -> Table {
        var table = try Table(
            title: "Relative distances of updates",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("iteration", format: .integer, identifiesRow: true),
                Column("rung", format: .text, identifiesRow: true),
                Column("toModel", title: "to il-prox", format: .quartiles(.significant(2))),
                Column("cosine", title: "cosine", format: .quartiles(.significant(2))),
                Column("toImplicit", title: "to implicit, one α", format: .quartiles(.significant(2))),
                Column("loss", format: .quartiles(.significant(2))), Column("cases", format: .integer),
            ])
        for rate in learningRates {
            for stage in stages {
                let loss = losses[Key(rate: rate, stage: stage, rung: "")] ?? []
                for rung in try rungs(RandomGenerator(seed: 0)).map(\.label) {
                    let values = found[Key(rate: rate, stage: stage, rung: rung)] ?? []
                    func cell(_ numbers: [Double]) -> Cell { .quartiles(of: numbers, orMissing: "no case") }
                    try table.append([
                        .number(rate), .integer(stage), .text(rung), cell(values.map(\.toModel.relativeDistance)),
                        cell(values.map(\.toModel.cosine)), cell(values.compactMap(\.toImplicit?.relativeDistance)),
                        cell(loss), .integer(values.count),
                    ])
                }
            }
        }
        table.notes = [
            "‖Δ − Δ_ref‖/‖Δ_ref‖, median [quartiles] over \(seeds.count) seeds with \(cases) mini-batches each; loss: of "
                + "the mini-batches before the update. A case whose exact update did not get its certificate is left "
                + "out of that column.",
            "Shuffled: the same factors c₀, c₁, … on other layers, dealt out anew for each mini-batch; uniform: all 1.",
        ]
        return table
    }

    /// The rules by their labels; `generator` deals out the shuffled factors.
    private func rungs(_ generator: consuming RandomGenerator) throws -> [ApproximationStudy.Row] {
        var generator = generator
        let constants = base.constants
        let depth = base.widths.count - 1
        let factors = constants.factors
            ?? .binomial(steps: constants.steps ?? 25, stepSize: constants.stepSize ?? 0.015)
        let shares = (0..<depth).map(factors.share)
        var shuffled = shares
        while shuffled == shares, Set(shares).count > 1 {
            shuffled = generator.permutation(of: depth).map { shares[$0] }
        }
        func row(
            _ label: String, _ entry: RuleEntry, _ change: (inout RuleSettings) -> Void = { _ in }
        ) -> ApproximationStudy.Row {
            var settings = constants
            change(&settings)
            return .init(label: label, rule: entry.rule(settings))
        }
        let ones = Array(repeating: 1.0, count: depth)
        return [
            row("bp-prox", .normalizedBackpropagation),
            row("bp-binomial", .binomialBackpropagation),
            row("bp-binomial, output error after inference", .binomialBackpropagation) { $0.outputError = .inferred },
            row("bp-binomial, shuffled", .binomialBackpropagation) { $0.factors = .given(shuffled) },
            row("output-only", .outputOnly),
            row("implicit", .implicit),
            row("implicit-matched", .normMatchedImplicit),
            row("implicit-layerwise, uniform", .layerwiseImplicit) { $0.factors = .given(ones) },
            row("implicit-layerwise, shuffled", .layerwiseImplicit) { $0.factors = .given(shuffled) },
            row("implicit-layerwise", .layerwiseImplicit),
            row("bp at its rates", .binomialBackpropagation) { $0.epsilon = $0.epsilon ?? 0 },
        ]
    }

    private func measure(
        _ problem: LearningProblem<Double>, using generator: inout RandomGenerator
    ) throws -> [(String, Distances)] {
        let model = try base.rule.entry.rule(base.constants).step(problem).update
        let exact = try ProximalSolver(options: SolverOptions(tolerance: base.solverTolerance)).certified(
            ProximalProblem(
                network: problem.network, batch: problem.batch, loss: problem.loss,
                learningRate: problem.learningRate), examination: .firstOrder)
        let draws = RandomGenerator(seed: generator.nextBits())
        return try rungs(draws).map { row in
            let update = try row.rule.step(problem).update
            return (
                row.label,
                Distances(
                    toModel: UpdateDistance(of: update, to: model),
                    toImplicit: exact.isExact ? UpdateDistance(of: update, to: exact.update) : nil))
        }
    }

    private func batch(_ data: TrainingData, using generator: inout RandomGenerator) throws -> Batch<Double> {
        let indices = (0..<base.batchSize).map { _ in Int(generator.next(below: UInt64(data.training.count))) }
        func columns(_ matrix: Matrix<Float>) -> Matrix<Double> {
            Matrix(rows: matrix.rows, columns: indices.count) { Double(matrix[$0, indices[$1]]) }
        }
        return try Batch(inputs: columns(data.training.inputs), targets: columns(data.training.targets))
    }

    private func shuffled(_ data: TrainingData) throws -> TrainingData {
        var generator = RandomGenerator(seed: base.seed, stream: 1 << 33)
        let order = generator.permutation(of: data.training.count)
        let targets = data.training.targets
        return try TrainingData(
            training: ExamplePairs(
                inputs: data.training.inputs,
                targets: Matrix(rows: targets.rows, columns: targets.columns) { targets[$0, order[$1]] }),
            test: data.test, task: data.task)
    }
}
