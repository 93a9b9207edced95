import Documents
import ErrorTables
import Foundation
import Graphs
import LearningRules
import Networks
import RunStore
import Testing
import Training
import TrainingStudies

/// Studies made again from a store, against the studies that filled it.
@Suite("Stored studies")
struct StoredStudiesTests {
    /// A store in a directory that goes away with it.
    private final class Place {
        let store: ResultStore
        private let directory: URL

        init() throws {
            directory = FileManager.default.temporaryDirectory
                .appendingPathComponent("stored-studies-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            store = try ResultStore(path: directory.appendingPathComponent("store.sqlite").path)
        }

        deinit { try? FileManager.default.removeItem(at: directory) }

        func run(_ runs: [PlannedRun]) throws {
            let outcome = try StudyRunner(store: store, checkpointInterval: 0).run(runs)
            #expect(outcome.failures.isEmpty, "\(outcome.failures)")
        }
    }

    private func grid(
        _ rules: [TrainingRule], _ rates: [Double], adam: [Double]? = nil, batchSize: Int = 1,
        iterations: Int = 8, task: TrainingSource.Task = .classification, seeds: [UInt64] = [1, 2]
    ) -> TrainingGrid {
        let base = TrainingConfiguration(
            widths: task == .autoencoder ? [64, 4, 64] : [64, 4, 10],
            loss: task == .autoencoder ? .sigmoidCrossEntropy : .softmaxCrossEntropy,
            rule: TrainingRule(.backpropagation), learningRate: 1, batchSize: batchSize, iterations: iterations,
            dataSet: "digits", trainingExamples: 50, testExamples: 20, evaluateEvery: 2)
        return TrainingGrid(
            base: base,
            source: TrainingSource(.digits, task: task, trainingExamples: 50, testExamples: 20),
            rules: rules, learningRates: rates, adamLearningRates: adam, seeds: seeds)
    }

    private func tables(_ document: Document) -> [Table] {
        document.blocks.compactMap { block in if case .table(let table) = block { table } else { nil } }
    }

    @Test func `runs of a graph are a study of their own, made again from the store`() throws {
        let place = try Place()
        let maps = [
            MapDescription("convolution", ["weight": "k", "bias": "b", "stride": [2, 2]]),
            MapDescription("dense", ["weight": "v", "bias": "d"]),
        ]
        let graph = try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [2, 10, 10],
                nodes: [
                    NodeDescription(name: "c", activation: .relu, edges: [EdgeDescription(from: "x", [maps[0]])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "c", [MapDescription("flatten"), maps[1]])]),
                ], output: "o"), tensors: ["k": [3, 2, 4, 4], "b": [3], "v": [10, 48], "d": [10]])
        let rules = [
            TrainingRule(.backpropagation), TrainingRule(.backpropagation, .adam), TrainingRule(.publishedConvolution, .adam),
        ]
        var ofGraph = grid(rules, [0.1, 1], adam: [0.001], batchSize: 16)
        ofGraph.base = ofGraph.base.training(graph)
        ofGraph.source = try TrainingSource(for: graph, .digits, trainingExamples: 50, testExamples: 20)
        let convergence = ConvergenceStudy(
            .accuracy, grids: [ofGraph], targets: ConvergenceStudy.Metric.accuracy.usualTargets, showsCourse: true)
        let chains = ConvergenceStudy(
            .accuracy, grids: [grid([rules[0]], [0.1], batchSize: 16)],
            targets: ConvergenceStudy.Metric.accuracy.usualTargets, showsCourse: true)
        try place.run(convergence.plan() + chains.plan())
        let found = try StoredStudies(in: place.store)
        #expect(found.studies.count == 2 && found.remarks.isEmpty, "\(found.remarks)")
        for study in [convergence, chains] {
            let expected = tables(try study.results(place.store, provenance: [:]).tables)
            let same = try found.studies.filter { tables(try $0.results(place.store).tables) == expected }
            #expect(same.count == 1)
        }
        let network = try convergence.results(place.store, provenance: [:]).tables.provenance.entries
            .first { $0.key == "network" }
        #expect(network?.value == .text(graph.summary))
        // Their rows are measurements as those of any training, and the configuration has the graph.
        for record in try place.store.records() where record.identity.configuration.contains("graph") {
            let rows = try place.store.finishedRows(record.identity, as: TrainingMeasurement.self)
            #expect(rows?.map(\.iteration) == [2, 4, 6, 8])
            #expect(record.identity.configuration.contains("digits padded=2x10x10"))
        }
    }

    @Test func `a store of five studies gives the tables that they print`() throws {
        let place = try Place()
        let rules = [TrainingRule(.backpropagation), TrainingRule(.proximalInferenceLearning)]
        let learned = rules + [TrainingRule(.inferenceLearning, .adam)]
        let stability = StabilityStudy(
            grid(rules, [0.1, 1000], iterations: 10), trainedAccuracy: StabilityStudy.usualAccuracy)
        // Shorter, so that its runs are none of those of stability.
        let convergence = ConvergenceStudy(
            .accuracy,
            grids: [
                grid(rules, [0.1], batchSize: 2, seeds: [1, 2, 3]),
                grid(learned.sorted { $0.name < $1.name }, [0.1, 1], adam: [0.01], batchSize: 16),
            ], targets: ConvergenceStudy.Metric.accuracy.usualTargets, showsCourse: true)
        let autoencoder = ConvergenceStudy(
            .reconstruction, grids: [grid(rules, [0.1, 1], task: .autoencoder)],
            targets: ConvergenceStudy.Metric.reconstruction.usualTargets, showsCourse: true)
        var paths = grid(rules, [0.1, 1], iterations: 4)
        paths.base.precision = .double
        let trajectory = TrajectoryStudy(paths)
        let phase = PhaseStudy(
            base: PhaseConfiguration(
                widths: [64, 4, 4, 10], activation: .tanh, bias: true, initialization: .uniform,
                loss: .softmaxCrossEntropy, dataSet: "digits", batchSize: 1, cases: 2, seed: 3,
                learningRate: 1, steps: 7, stepSize: nil, rules: ["bp", "il-prox"], tolerance: 1e-10),
            // Neither the learning rate nor the network of the second map is in the first.
            learningRates: [0.1, 10], steps: [2, 3], depths: [1, 3], hiddenWidths: [4, 6])
        let studies: [any ExperimentStudy] = [stability, convergence, autoencoder, trajectory, phase]
        for study in studies { try place.run(study.plan()) }

        let stored = try StoredStudies(in: place.store)
        #expect(stored.remarks.isEmpty)
        // The runs at mini-batch 1 answer the question of convergence too.
        try #require(
            stored.studies.map(\.name) == [
                "stability", "convergence", "convergence", "autoencoder", "trajectory", "phase", "phase",
            ])
        let found = try stored.studies.map { tables(try $0.results(place.store).document()) }
        func printed(_ study: any ExperimentStudy) throws -> [Table] {
            tables(try study.results(place.store, provenance: [:]).document())
        }
        #expect(try found[0] == printed(stability))
        #expect(try found[2] == printed(convergence))
        #expect(try found[3] == printed(autoencoder))
        #expect(try found[4] == printed(trajectory))
        #expect(try found[5] + found[6] == printed(phase))
        #expect(found[2].contains { $0.title == "Course of training, mini-batch 16" })
        // Every study draws what it measured.
        let titles = found.map { $0.flatMap(\.charts).map(\.title) }
        #expect(titles[0] == ["Final test accuracy against learning rate"])
        #expect(titles[2] == ["Course of training, mini-batch 2", "Course of training, mini-batch 16"])
        #expect(titles[3] == ["Course of training, mini-batch 1"])
        #expect(titles[4].count == trajectory.grid.learningRates.count)
        #expect(titles[4].allSatisfy { $0.hasPrefix("Along the trajectory, α = ") })
        #expect(titles[5] == ["The rule nearest to implicit SGD"] && titles[6] == titles[5])
        // A rule has one look, as a curve and as a square.
        func styles(_ table: Table) -> [String: Int?] {
            table.charts.reduce(into: [:]) { styles, chart in
                switch chart.content {
                case .lines(let lines): for one in lines.series { styles[one.label] = one.style }
                case .heatMap(let map): for one in map.categories { styles[one.label] = one.style }
                case .dots: break
                }
            }
        }
        let curves = try #require(found[0].first { !$0.charts.isEmpty })
        let map = try #require(found[5].first { !$0.charts.isEmpty })
        #expect(styles(map) == ["bp": 0, "il-prox": 3] && styles(curves).values.allSatisfy { $0 != nil })
        for (rule, style) in styles(curves) { #expect(styles(map)[rule] == style) }
        #expect(found[0].allSatisfy { !$0.rows.isEmpty } && found[6].allSatisfy { !$0.rows.isEmpty })
    }

    /// Its rules have learning rates and constants of their own; a study of the same rules without them stays apart.
    @Test func `a published experiment is one study`() throws {
        let place = try Place()
        let experiment = try #require(PublishedExperiment.named("cifar10"))
        let rules = RuleRegistry.builtIn.trainingRules.filter { rule in
            experiment.rules.contains { $0.rule == rule } && rule.entry != .publishedProximalInferenceLearningFast
        }
        let study = ConvergenceStudy(
            .accuracy, grids: [grid(rules, [1], seeds: [1]).with(experiment)],
            targets: ConvergenceStudy.Metric.accuracy.usualTargets, showsCourse: true)
        let other = StabilityStudy(
            grid([TrainingRule(.publishedInferenceLearning)], [0.01, 0.2], iterations: 4),
            trainedAccuracy: StabilityStudy.usualAccuracy)
        for one in [study, other] as [any ExperimentStudy] { try place.run(one.plan()) }
        let stored = try StoredStudies(in: place.store)
        let found = try stored.studies.map { ($0.name, tables(try $0.results(place.store).document())) }
        #expect(found.map(\.0) == ["stability", "stability", "convergence", "convergence"])
        let printed = tables(try study.results(place.store, provenance: [:]).document())
        #expect(found.contains { $0.0 == "convergence" && $0.1 == printed })
        let first = try #require(printed.first)
        #expect(first.rows.count == rules.count)
        let others = tables(try other.results(place.store, provenance: [:]).document())
        #expect(found.contains { $0.0 == "stability" && $0.1 == others })
    }

    @Test func `a run that is missing or unfinished is counted, and a study without any finished one is none`() throws {
        let place = try Place()
        let grid = grid([TrainingRule(.backpropagation), TrainingRule(.proximalInferenceLearning)], [0.1, 1])
        let study = StabilityStudy(grid, trainedAccuracy: StabilityStudy.usualAccuracy)
        let plan = try study.plan()
        try place.run(Array(plan.dropLast(3)))
        // Begun and laid down.
        _ = try place.store.claim(among: Array(plan.suffix(1)), for: 0)
        _ = try place.store.claim(among: TrajectoryStudy(grid).plan(), for: 0)
        let stored = try StoredStudies(in: place.store)
        #expect(stored.studies.map(\.name) == ["stability", "convergence"])
        #expect(stored.remarks == ["Unfinished runs, none of whose study is finished, left out: 1."])
        let found = tables(try stored.studies[0].results(place.store).document())
        #expect(found == tables(try study.results(place.store, provenance: [:]).document()))
        #expect(found[0].notes.contains("3 runs are not finished and are left out."))
    }

    /// A run that is finished at once, with a row that no data were needed for.
    private struct Planted: ResumableRun {
        let row: TrainingMeasurement
        private(set) var completedWork = 0
        var isFinished: Bool { completedWork > 0 }
        func checkpoint() -> Data { Data() }
        mutating func advance(work: Int) -> [TrainingMeasurement] {
            completedWork = 1
            return [row]
        }
    }

    private func planted(
        _ dataSet: String, _ rate: Double, accuracy: Double, version: String = ResultVersion.current
    ) throws -> PlannedRun {
        let row = try JSONDecoder().decode(
            TrainingMeasurement.self,
            from: Data(
                """
                {"iteration":1,"trainingLoss":1,"testLoss":2,"testAccuracy":\(accuracy),"updateNormMean":1,\
                "updateNormVariance":0,"comparisons":0,"uncertifiedComparisons":0,"uncertifiedUpdates":0,\
                "isDiverged":false}
                """.utf8))
        let configuration = TrainingConfiguration(
            widths: [3072, 4, 10], rule: TrainingRule(.backpropagation), learningRate: rate, iterations: 1,
            dataSet: dataSet)
        let identity = try RunIdentity(kind: "training", configuration: configuration, version: version)
        return PlannedRun(identity: identity, label: "planted", work: 1) { _ in Planted(row: row) }
    }

    @Test func `runs on the user's files need no files, and stay apart by fingerprint`() throws {
        let place = try Place()
        try place.run([
            planted("cifar-10 1a2b", 0.1, accuracy: 0.25), planted("cifar-10 1a2b", 1, accuracy: 0.5),
            planted("cifar-10 ffff", 0.1, accuracy: 0.75), planted("fashion-mnist 1f", 0.1, accuracy: 1),
        ])
        let stored = try StoredStudies(in: place.store)
        #expect(stored.studies.map(\.name) == ["stability", "convergence", "convergence", "convergence"])
        let documents = try stored.studies.map { try $0.results(place.store).document() }
        #expect(
            documents.map { $0.provenance["dataSet"] } == [
                .text("cifar-10 1a2b"), .text("cifar-10 1a2b"), .text("cifar-10 ffff"),
                .text("fashion-mnist 1f"),
            ])
        #expect(tables(documents[0])[0].rows == [["bp", "0.250", "0.500"]])
        #expect(stored.remarks.isEmpty)
    }

    @Test func `what this program did not make is left out and counted`() throws {
        let place = try Place()
        try place.run([
            planted("digits", 0.1, accuracy: 1), planted("digits", 1, accuracy: 1, version: "0.0.1"),
            // The same version with other arithmetic.
            planted("digits", 1, accuracy: 1, version: RunProvenance.version + "+00000000"),
            // Names that no source gives: the user's files without a fingerprint, or one that is none.
            planted("cifar-10", 0.1, accuracy: 1), planted("digits 0x1f", 0.1, accuracy: 1),
            planted("mars", 0.1, accuracy: 1), planted("digits 1 2", 0.1, accuracy: 1),
            PlannedRun(
                identity: RunIdentity(
                    kind: "training", configuration: ["rule": "bp"], version: ResultVersion.current),
                label: "short", work: 1
            ) { [row = try measurement()] _ in Planted(row: row) },
        ])
        let stored = try StoredStudies(in: place.store)
        #expect(stored.studies.map(\.name) == ["convergence"])
        #expect(
            stored.remarks == [
                "Runs that another build of the program made, left out: 7 (this is version "
                    + "\(ResultVersion.current))."
            ])
        #expect(tables(try stored.studies[0].results(place.store).document())[0].columns.count == 3)
    }

    private func measurement() throws -> TrainingMeasurement {
        let source = grid([TrainingRule(.backpropagation)], [0.1], iterations: 1)
        var run = try TrainingRun(source.base, data: source.source.data())
        return try #require(try run.advance(iterations: 1).first)
    }

    @Test func `an empty store has no studies`() throws {
        let stored = try StoredStudies(in: Place().store)
        #expect(stored.studies.isEmpty && stored.remarks.isEmpty)
    }
}
