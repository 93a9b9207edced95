internal import Certificates
internal import Comparison
public import Documents
internal import ErrorTables
internal import Foundation
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
    /// Whether the layers' learning rates that come nearest to `il-prox` are looked for too, at some fifty exact updates a
    /// mini-batch.
    public var fitsRates: Bool

    public init(
        base: TrainingConfiguration, source: TrainingSource, learningRates: [Double], seeds: [UInt64], stages: [Int],
        cases: Int, fitsRates: Bool = false
    ) {
        self.base = base
        self.source = source
        self.learningRates = learningRates
        self.seeds = seeds
        self.stages = stages.sorted()
        self.cases = cases
        self.fitsRates = fitsRates
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

    /// What was measured of one mini-batch.
    private struct Measured {
        var rungs: [(label: String, distances: Distances)]
        /// `αₙ` of C22, and those fitted; `nil` if they were not asked for, or not found.
        var rates: (predicted: [Double], fitted: [Double])?
    }

    /// Trains and measures. Work that is stopped is lost.
    ///
    /// - Throws: `TrainingError`, `RuleError`, or what reading the examples throws.
    public func document(provenance: Provenance, progress: () -> Void = {}) throws -> Document {
        let data = try source.data()
        var found: [Key: [Distances]] = [:]
        var losses: [Key: [Double]] = [:]
        var rates: [Key: [(predicted: [Double], fitted: [Double])]] = [:]
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
                        let measured = try measure(problem, using: &generator)
                        for (rung, value) in measured.rungs {
                            found[Key(rate: rate, stage: stage, rung: rung), default: []].append(value)
                        }
                        rates[Key(rate: rate, stage: stage, rung: ""), default: []] += [measured.rates].compactMap(\.self)
                        losses[Key(rate: rate, stage: stage, rung: ""), default: []].append(
                            Linearization(network: problem.network, batch: batch, loss: base.loss).meanLoss)
                    }
                    progress()
                }
            }
        }
        var document = Document(title: "Between backpropagation, implicit SGD and il-prox", provenance: provenance)
        document.appendTable(try table(found, losses))
        if fitsRates { document.appendTable(try rateTable(rates)) }
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
        let labels = try rungs(RandomGenerator(seed: 0)).map(\.label) + (fitsRates ? [Self.fitted] : [])
        for rate in learningRates {
            var curves = labels.map { LineChart.Series($0, []) }
            for stage in stages {
                let loss = losses[Key(rate: rate, stage: stage, rung: "")] ?? []
                for (place, rung) in labels.enumerated() {
                    let values = found[Key(rate: rate, stage: stage, rung: rung)] ?? []
                    func cell(_ numbers: [Double]) -> Cell { .quartiles(of: numbers, orMissing: "no case") }
                    let distance = cell(values.map(\.toModel.relativeDistance))
                    curves[place].points += [LineChart.Point(x: Double(stage), distance)].compactMap(\.self)
                    try table.append([
                        .number(rate), .integer(stage), .text(rung), distance,
                        cell(values.map(\.toModel.cosine)), cell(values.compactMap(\.toImplicit?.relativeDistance)),
                        cell(loss), .integer(values.count),
                    ])
                }
            }
            table.charts.append(
                chart("Distance from il-prox, α = \(NumberFormat.setting.string(rate))", "‖Δ − Δ_il-prox‖/‖Δ_il-prox‖", curves))
        }
        table.notes = [
            "‖Δ − Δ_ref‖/‖Δ_ref‖, median [quartiles] over \(seeds.count) seeds with \(cases) mini-batches each; loss: of "
                + "the mini-batches before the update. A case whose exact update did not get its certificate is left "
                + "out of that column.",
            "Shuffled: the same factors c₀, c₁, … on other layers, dealt out anew for each mini-batch; uniform: all 1.",
        ]
        return table
    }

    /// The layers' learning rates, those of C22 beside those that were fitted.
    private func rateTable(_ rates: [Key: [(predicted: [Double], fitted: [Double])]]) throws -> Table {
        var table = try Table(
            title: "Learning rates of the layers",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("iteration", format: .integer, identifiesRow: true),
                Column("layer", format: .integer, identifiesRow: true),
                Column("predicted", title: "αₙ of C22", format: .quartiles(.significant(2))),
                Column("fitted", title: "αₙ fitted", format: .quartiles(.significant(2))),
                Column("ratio", title: "fitted : C22", format: .quartiles(.significant(2))),
                Column("cases", format: .integer),
            ])
        for rate in learningRates {
            var curves = (0..<base.widths.count - 1).map { LineChart.Series("layer \($0)", []) }
            for stage in stages {
                let found = rates[Key(rate: rate, stage: stage, rung: "")] ?? []
                for n in curves.indices {
                    func cell(_ numbers: [Double]) -> Cell { .quartiles(of: numbers, orMissing: "no fit") }
                    let ratio = cell(found.map { $0.fitted[n] / $0.predicted[n] })
                    curves[n].points += [LineChart.Point(x: Double(stage), ratio)].compactMap(\.self)
                    try table.append([
                        .number(rate), .integer(stage), .integer(n), cell(found.map { $0.predicted[n] }),
                        cell(found.map { $0.fitted[n] }), ratio, .integer(found.count),
                    ])
                }
            }
            table.charts.append(
                chart("Fitted learning rates, α = \(NumberFormat.setting.string(rate))", "αₙ fitted : αₙ of C22", curves))
        }
        table.notes = [
            "αₙ with which exact layerwise implicit SGD comes nearest to il-prox in one mini-batch, within a factor of \(NumberFormat.significant(3).string(exp(FittedLayerRates.reach))) of "
                + "those of C22; layer 0 is that of the inputs. Median [quartiles]. A mini-batch in which an exact update did "
                + "not meet its tolerance is left out."
        ]
        return table
    }

    private func chart(_ title: String, _ quantity: String, _ series: [LineChart.Series]) -> Chart {
        Chart(
            title: title,
            subtitle: "\(base.widths.map(String.init).joined(separator: "-")) \(base.activation.name), mini-batch "
                + "\(base.batchSize), trained by il-prox; median and quartiles, \(seeds.count) seeds with \(cases) mini-batches each",
            content: .lines(
                LineChart(
                    x: Axis("iteration", .linear), y: Axis(quantity, .logarithmic), series: series, band: .quartiles)))
    }

    private static let fitted = "implicit-layerwise, fitted"

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
    ) throws -> Measured {
        let model = try base.rule.entry.rule(base.constants).step(problem).update
        let exact = try ProximalSolver(options: SolverOptions(tolerance: base.solverTolerance)).certified(
            ProximalProblem(
                network: problem.network, batch: problem.batch, loss: problem.loss,
                learningRate: problem.learningRate), examination: .firstOrder)
        let draws = RandomGenerator(seed: generator.nextBits())
        func distances(_ update: Parameters<Double>) -> Distances {
            Distances(
                toModel: UpdateDistance(of: update, to: model),
                toImplicit: exact.isExact ? UpdateDistance(of: update, to: exact.update) : nil)
        }
        var measured = Measured(
            rungs: try rungs(draws).map { ($0.label, distances(try $0.rule.step(problem).update)) })
        if fitsRates, let rule = RuleEntry.layerwiseImplicit.rule(base.constants) as? LayerwiseImplicit,
            let fit = try FittedLayerRates(nearest: model, problem, rule)
        {
            measured.rungs.append((Self.fitted, distances(fit.update)))
            measured.rates = (fit.predicted, fit.rates)
        }
        return measured
    }

    private func batch(_ data: TrainingData, using generator: inout RandomGenerator) throws -> Batch<Double> {
        let indices = (0..<base.batchSize).map { _ in Int(generator.next(below: UInt64(data.training.count))) }
        func columns(_ matrix: Matrix<Float>) -> Matrix<Double> {
            Matrix(rows: matrix.rows, columns: indices.count) { Double(matrix[$0, indices[$1]]) }
        }
        return try Batch(inputs: columns(data.training.inputs), targets: columns(data.training.targets))
    }
}
