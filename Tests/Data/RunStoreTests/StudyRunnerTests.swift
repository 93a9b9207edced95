import RunStore
import Foundation
import Synchronization
import Testing

struct StudyRunnerTests {
    @Test("rows do not depend on threads or on how often they are saved",
        arguments: [(1, 0.0), (1, 10), (3, 0), (4, 10)])
    func threads(threads: Int, interval: Double) throws {
        let workspace = try Workspace()
        let store = try ResultStore(path: workspace.path("s.sqlite"))
        let configurations = toys(7)
        let runs = try configurations.map { try PlannedRun.toy($0) }
        let advanced = Mutex(0)
        let outcome = try StudyRunner(
            store: store, threads: threads, checkpointInterval: interval
        ).run(runs) { work in advanced.withLock { $0 += work } }
        #expect(outcome.finished == 7 && outcome.laidDown == 0 && outcome.failures.isEmpty)
        #expect(outcome.signal == nil)
        for (configuration, run) in zip(configurations, runs) {
            #expect(try store.rows(run.identity.key) == expectedRows(configuration))
        }
        #expect(advanced.withLock { $0 } == 7 * 95)
    }

    /// Stops at every possible unit of work in turn, each time with a new store object, until all is
    /// done: every checkpoint is used once.
    @Test func `stopped at every unit of work`() throws {
        let workspace = try Workspace()
        let configurations = toys(2, length: 41)
        var attempts = 0
        while true {
            let store = try ResultStore(path: workspace.path("s.sqlite"))
            let stop = StopRequest()
            let runs = try configurations.map { configuration in
                try PlannedRun.toy(configuration) { _ in stop.request(signal: 2) }
            }
            let outcome = try StudyRunner(store: store, checkpointInterval: 1000, stop: stop).run(runs)
            attempts += 1
            if outcome.signal == nil { break }
            #expect(outcome.signal == 2)
            #expect(outcome.finished + outcome.laidDown == 1)
            try #require(attempts < 100)
        }
        // Each attempt does one slice of one unit before it sees the wish.
        #expect(attempts == 2 * 41 + 1)
        let store = try ResultStore(path: workspace.path("s.sqlite"))
        for configuration in configurations {
            let key = try PlannedRun.toy(configuration).identity.key
            #expect(try store.rows(key) == expectedRows(configuration))
            #expect(try store.record(key)?.isFinished == true)
        }
    }

    @Test func `finished runs are not run again`() throws {
        let workspace = try Workspace()
        let store = try ResultStore(path: workspace.path("s.sqlite"))
        let configurations = toys(3)
        let runner = StudyRunner(store: store)
        #expect(try runner.run(configurations.map { try PlannedRun.toy($0) }).finished == 3)
        let again = try configurations.map { configuration in
            try PlannedRun.toy(configuration) { _ in Issue.record("worked again") }
        }
        #expect(try runner.remainingWork(of: again) == 0)
        #expect(try runner.run(again).finished == 0)
    }

    @Test func `a run that throws is reported, and the others are finished`() throws {
        let workspace = try Workspace()
        let store = try ResultStore(path: workspace.path("s.sqlite"))
        var configurations = toys(3)
        configurations[1].failsAt = 50
        let runs = try configurations.map { try PlannedRun.toy($0) }
        let outcome = try StudyRunner(store: store, threads: 2).run(runs)
        #expect(outcome.finished == 2)
        #expect(outcome.failures.map(\.label) == ["toy 1"])
        #expect(outcome.failures.map(\.message) == ["the toy broke"])
        let record = try #require(try store.record(runs[1].identity.key))
        #expect(record.failure == "the toy broke")
        #expect(!record.isFinished)
    }

    @Test func `shards of several stores, merged, are the whole`() throws {
        let workspace = try Workspace()
        let configurations = toys(8)
        let runs = try configurations.map { try PlannedRun.toy($0) }
        let whole = try ResultStore(path: workspace.path("whole.sqlite"))
        for shard in try (1...3).map({ try #require(Shard("\($0)/3")) }) {
            let part = try ResultStore(path: workspace.path("part-\(shard.index).sqlite"))
            let chosen = shard.select(runs)
            #expect(try StudyRunner(store: part).run(chosen).finished == chosen.count)
            #expect(try whole.merge(part) == MergeSummary(added: chosen.count))
        }
        for (configuration, run) in zip(configurations, runs) {
            #expect(try whole.rows(run.identity.key) == expectedRows(configuration))
        }
    }

    @Test func `shards share out every run once`() throws {
        let runs = Array(0..<17)
        for count in 1...20 {
            let shards = try (1...count).map { try #require(Shard("\($0)/\(count)")) }
            #expect(shards.flatMap { $0.select(runs) }.sorted() == runs)
        }
        for text in ["0/3", "4/3", "1", "1/", "/2", "-1/2", "1/0", "1/2/3", "a/b", ""] {
            #expect(Shard(text) == nil, "\(text)")
        }
        #expect(Shard("2/3")?.description == "2/3")
    }
}
