import Documents
import Foundation
import RunStore
import LearningRules
import Testing
import Training
import TrainingStudies

/// Verdicts on planted runs: who trained is known, and so is what may be said.
@Suite("Judgments")
struct JudgmentTests {
    /// A run that is finished at once, with one row.
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

    private static let rates = [0.1, 2.5, 10, 100]
    private static let rules: [TrainingRule] = [
        TrainingRule(.backpropagation), TrainingRule(.normalizedBackpropagation),
        TrainingRule(.inferenceLearning), TrainingRule(.proximalInferenceLearning),
    ]

    private func grid(_ rules: [TrainingRule], batchSize: Int = 1, seeds: Int) -> TrainingGrid {
        let base = TrainingConfiguration(
            widths: [64, 4, 10], rule: TrainingRule(.backpropagation), learningRate: 1, batchSize: batchSize, iterations: 9,
            dataSet: "digits")
        return TrainingGrid(
            base: base, source: TrainingSource(.digits), rules: rules, learningRates: Self.rates,
            seeds: (1...UInt64(seeds)).map(\.self))
    }

    /// The verdicts of a study on runs whose final accuracy is a function of rule and learning rate.
    private func verdicts(
        _ study: any ExperimentStudy, _ accuracy: (TrainingRule, Double) -> Double
    ) throws -> [String: String] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("judged-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try ResultStore(path: directory.appendingPathComponent("store.sqlite").path)
        let runs = try study.plan().map { run in
            let configuration = try JSONDecoder().decode(
                TrainingConfiguration.self, from: Data(run.identity.configuration.utf8))
            let reached = accuracy(configuration.rule, configuration.learningRate)
            // Updates of il-prox are shorter.
            let norm = configuration.rule == TrainingRule(.proximalInferenceLearning) ? 1 : 2 + Double(configuration.seed)
            let row = try JSONDecoder().decode(
                TrainingMeasurement.self,
                from: Data(
                    """
                    {"iteration":9,"trainingLoss":1,"testLoss":2,"testAccuracy":\(reached),\
                    "updateNormMean":\(norm),"updateNormVariance":\(norm),"comparisons":0,\
                    "uncertifiedComparisons":0,"uncertifiedUpdates":0,"isDiverged":false}
                    """.utf8))
            return PlannedRun(identity: run.identity, label: run.label, work: 1) { _ in Planted(row: row) }
        }
        let outcome = try StudyRunner(store: store, checkpointInterval: 0).run(runs)
        #expect(outcome.failures.isEmpty)
        let table = try #require(try study.results(store, provenance: [:]).judgments.table())
        return table.rows.reduce(into: [:]) { found, row in
            if case .text(let claim) = row[0], case .text(let what) = row[1], case .text(let word) = row[5] {
                found["\(claim) \(what)"] = word
            }
        }
    }

    private func stability(seeds: Int = 5) -> StabilityStudy {
        StabilityStudy(grid(Self.rules, seeds: seeds), trainedAccuracy: 0.7)
    }

    @Test func `no verdict from nothing: where nobody trained nothing is decided`() throws {
        let found = try verdicts(stability()) { rule, _ in rule == TrainingRule(.normalizedBackpropagation) ? 0.12 : 0.1 }
        #expect(found.count == 9)
        #expect(Set(found.values) == ["undecided"], "\(found)")
    }

    @Test func `il-prox trains everywhere, the others at small rates: the claims hold`() throws {
        let found = try verdicts(stability()) { rule, rate in
            rule == TrainingRule(.proximalInferenceLearning) || rate < 1 ? 0.9 + rate / 1e4 : 0.1
        }
        #expect(found["C5 share of il-prox runs that trained, every α"] == "holds")
        #expect(found["C5 share of bp runs that trained, α ≥ 2.5"] == "holds")
        #expect(found["C11 share of bp-prox runs that trained, α ≥ 2.5"] == "holds")
        #expect(found["C5 log₁₀ mean of ‖Δ‖, il-prox : bp, largest α"] == "holds")
    }

    @Test func `each rule set is judged by itself`() throws {
        let rules = RuleSet.all.flatMap { $0.entries.map { TrainingRule($0) } }
        let found = try verdicts(StabilityStudy(grid(rules, seeds: 5), trainedAccuracy: 0.7)) { rule, rate in
            rule.entry == .proximalInferenceLearning || (rule.entry == .publishedProximalInferenceLearning && rate < 100)
                || rate < 1 ? 0.9 : 0.1
        }
        #expect(found["C5 share of il-prox runs that trained, every α"] == "holds")
        #expect(found["C5 share of il-prox-published runs that trained, every α"] == "does not hold")
        #expect(found["C5 share of il-published runs that trained, α ≥ 2.5"] == "holds")
        #expect(found["C11 share of bp-prox-published runs that trained, α ≥ 2.5"] == "holds")
    }

    @Test("C25 is about implicit SGD from α = 1 on, at mini-batch 1", arguments: [
        (0.9, 0.1, "holds"), (0.1, 0.9, "does not hold"), (0.1, 0.1, "undecided"),
    ])
    func implicitTrains(_ implicit: Double, _ other: Double, _ word: String) throws {
        let rules = [TrainingRule(.implicit), TrainingRule(.proximalInferenceLearning)]
        let study = StabilityStudy(grid(rules, seeds: 5), trainedAccuracy: 0.7)
        // Below α = 1 it may fail.
        let found = try verdicts(study) { rule, rate in rule == rules[0] ? (rate < 1 ? 0.1 : implicit) : other }
        #expect(found["C25 share of implicit runs that trained, α ≥ 1"] == word)
        let batches = StabilityStudy(grid(rules, batchSize: 8, seeds: 5), trainedAccuracy: 0.7)
        #expect(try verdicts(batches) { _, _ in 0.9 }.keys.contains { $0.hasPrefix("C25") } == false)
    }

    @Test func `everybody trains everywhere: the others need no remedy`() throws {
        let found = try verdicts(stability()) { _, _ in 0.9 }
        #expect(found["C5 share of il-prox runs that trained, every α"] == "holds")
        #expect(found["C5 share of il runs that trained, α ≥ 2.5"] == "does not hold")
        #expect(found["C11 share of bp-prox runs that trained, α ≥ 2.5"] == "does not hold")
    }

    @Test func `il-prox does not train where others do: that is a verdict`() throws {
        let found = try verdicts(stability()) { rule, _ in rule == TrainingRule(.backpropagation) ? 0.9 : 0.1 }
        #expect(found["C5 share of il-prox runs that trained, every α"] == "does not hold")
        // il did not train, but neither did il-prox.
        #expect(found["C5 share of il runs that trained, α ≥ 2.5"] == "undecided")
        #expect(found["C11 share of bp-prox runs that trained, α ≥ 2.5"] == "undecided")
    }

    @Test func `one seed is too few for shares to be apart`() throws {
        let found = try verdicts(stability(seeds: 1)) { rule, rate in
            rule == TrainingRule(.proximalInferenceLearning) || rate < 1 ? 0.9 : 0.1
        }
        #expect(found["C5 share of bp runs that trained, α ≥ 2.5"] == "undecided")
        #expect(found["C5 log₁₀ mean of ‖Δ‖, il-prox : bp, largest α"] == "undecided")
    }

    @Test("Equality at the end is judged where somebody reached a target", arguments: [
        (0.1, 0.1, "undecided"), (0.9, 0.9, "holds"), (0.9, 0.95, "does not hold"), (0.95, 0.9, "does not hold"),
    ])
    func equality(_ inference: Double, _ backpropagation: Double, _ word: String) throws {
        let grid = grid([TrainingRule(.inferenceLearning, .adam), TrainingRule(.backpropagation, .adam)], batchSize: 64, seeds: 6)
        let study = ConvergenceStudy(.accuracy, grids: [grid], targets: [0.7])
        let found = try verdicts(study) { rule, _ in
            rule == TrainingRule(.inferenceLearning, .adam) ? inference : backpropagation
        }
        #expect(found == ["C7 final accuracy, il-adam − bp-adam": word])
    }

    @Test func `an overview goes by claim, then by study, each criterion once`() throws {
        func judgment(_ claim: String, _ quantity: String) -> Judgment {
            Judgment(claim: claim, quantity: quantity, estimate: 1, interval: 0...2, verdict: .holds)
        }
        let studies = [
            Judgments(
                [judgment("C11", "a"), judgment("C5", "b"), judgment("C5", "a")],
                criteria: ["C11: differs", "Premise: all"]),
            Judgments([], criteria: []),
            Judgments([judgment("C5", "c")], criteria: ["C5: is less", "Premise: all"]),
        ]
        let table = try #require(try Judgments.overview(studies))
        #expect(
            table.rows.map { Array($0.prefix(3)) } == [
                ["C5", 1, "b"], ["C5", 1, "a"], ["C5", 3, "c"], ["C11", 1, "a"],
            ])
        #expect(table.notes == ["C5: is less", "C11: differs", "Premise: all"])
        #expect(try Judgments.overview([studies[1]]) == nil)
        #expect(try studies[1].table() == nil)
    }
}
