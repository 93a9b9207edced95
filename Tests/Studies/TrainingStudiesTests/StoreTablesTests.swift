import Documents
import Foundation
import JSON
import RunStore
import Testing
import TrainingStudies

/// What `results show` and `results export` make of rows that are not finite.
@Suite("Tables of a store")
struct StoreTablesTests {
    /// The configuration of some run, stored without its rows.
    private struct Configuration: Codable {
        var network = "3-2"
        var limit = Double.infinity
    }

    private struct Run: ResumableRun {
        var completedWork = 0
        let rows: [JSONValue]
        var isFinished: Bool { completedWork >= rows.count }
        mutating func advance(work: Int) throws -> [JSONValue] {
            defer { completedWork = min(rows.count, completedWork + work) }
            return Array(rows.dropFirst(completedWork).prefix(work))
        }
        func checkpoint() throws -> Data { Data() }
    }

    /// A store with one finished run of these rows.
    private func store(_ rows: [JSONValue]) throws -> (ResultStore, RunRecord) {
        let path = NSTemporaryDirectory() + "store-tables-\(UUID().uuidString).sqlite"
        let store = try ResultStore(path: path)
        defer { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
        let identity = try RunIdentity(kind: "test", configuration: Configuration(), version: "1")
        _ = try StudyRunner(store: store).run([
            PlannedRun(identity: identity, label: "test", work: rows.count) { _ in Run(rows: rows) }
        ])
        return (store, try #require(try store.records().first))
    }

    @Test func `runs of another build are said to be so`() throws {
        let (_, record) = try store([["loss": 1]])
        #expect(try StoreTables.runs([record]).notes.contains { $0.contains("1 of them made by another build") })
    }

    private static let columns = ["loss", "norm.mean", "distance"]

    @Test("a column that is finite at first and not finite later, or the other way", arguments: columns,
        [Double.infinity, -.infinity, .nan])
    func notFinite(column: String, value: Double) throws {
        func row(_ own: Double) -> JSONValue {
            func number(_ name: String) -> JSONValue { .number(name == column ? own : 0.5) }
            return [
                "loss": number("loss"), "norm": ["mean": number("norm.mean")], "distance": number("distance"),
                "diverged": .boolean(!own.isFinite), "iteration": 3,
            ]
        }
        for rows in [[row(0.25), row(value)], [row(value), row(0.25)], [row(value)]] {
            let (store, record) = try store(rows)
            let document = try StoreTables.document(record, rows: store.rows(record.key), provenance: [:])
            let tables = document.blocks.compactMap { block in if case .table(let table) = block { table } else { nil } }
            let table = try #require(tables.last)
            let index = try #require(table.columns.firstIndex { $0.key == column })
            #expect(table.columns[index].format == .significant(4))
            let found = table.rows.compactMap { row in
                if case .number(let number) = row[index] { number } else { nil }
            }
            #expect(found.count == rows.count)
            #expect(found.contains { $0 == value || ($0.isNaN && value.isNaN) })
            for format in OutputFormat.allCases { _ = format.render(document, width: 100, styled: false) }
            let csv = try StoreExport.text(store, runs: [record], format: .csv)
            let word = value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
            #expect(csv.contains(",\(word),") || csv.contains(",\(word)\n"))
            #expect(csv.contains("configuration.limit"))
        }
    }

    @Test func `values of several kinds in one column are texts`() throws {
        let (store, record) = try store([["a": 1], ["a": "one"], ["a": true], ["a": [1, 2.5]]])
        let document = try StoreTables.document(record, rows: store.rows(record.key), provenance: [:])
        guard case .table(let table) = try #require(document.blocks.last) else { return }
        #expect(table.rows == [[.text("1")], [.text("one")], [.text("true")], [.text("1 2.5")]])
    }
}
