import Documents
import ErrorTables
import Foundation
import LearningRules
import RunStore
import Testing
import Training
import TrainingStudies

/// The family of T18 in training, on the built-in digits.
@Suite("Slack study")
struct SlackStudyTests {
    @Test func `distance grows from that of exact implicit SGD, in the order of the slacks`() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("slack-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try ResultStore(path: directory.appendingPathComponent("store.sqlite").path)
        let base = TrainingConfiguration(
            widths: [64, 6, 10], activation: .tanh, rule: TrainingRule(.backpropagation), learningRate: 1, iterations: 6,
            precision: .double, dataSet: "digits", trainingExamples: 50, testExamples: 20, evaluateEvery: 6, compareEvery: 6)
        let grid = TrainingGrid(
            base: base, source: TrainingSource(.digits, trainingExamples: 50, testExamples: 20), rules: [],
            learningRates: [1, 10], seeds: [1, 2])
        let study = SlackStudy(grid, slacks: [0.001, 0.01, 1, 100])
        let plan = try study.plan()
        #expect(plan.count == (4 + 2) * 2 * 2)
        #expect(Set(plan.map(\.identity.key)).count == plan.count)
        #expect(try StudyRunner(store: store, checkpointInterval: 0).run(plan).failures.isEmpty)
        let document = try study.results(store, provenance: [:]).tables
        let tables = document.blocks.compactMap { if case .table(let table) = $0 { table } else { nil } }
        let rows = try #require(tables.first).rows
        #expect(rows.count == 2 * 6)
        for half in [rows[..<6], rows[6...]] {
            let distances = half.dropLast().map { if case .number(let value) = $0[7] { value } else { Double.nan } }
            #expect(distances[0] < 1e-8, "exact implicit SGD is at no distance from itself")
            #expect(zip(distances, distances.dropFirst()).allSatisfy { $0 < $1 }, "\(distances)")
            // First order in ε (T18): ten times the slack, ten times the distance.
            #expect(abs(distances[2] / distances[1] - 10) < 1, "\(distances)")
        }
        #expect(document.charts.count == 2)
    }
}
