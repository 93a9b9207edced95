import RunStore
import Foundation
import Testing

struct LeaseTests {
    private func claim(
        _ store: ResultStore, _ runs: [PlannedRun], for duration: Double = 60
    ) throws -> Claim? {
        guard case .claimed(let claim) = try store.claim(among: runs, for: duration) else { return nil }
        return claim
    }

    private func progress(_ rows: [String], work: Int, finished: Bool = false) -> RunProgress {
        RunProgress(
            newRows: rows, checkpoint: Data("at \(work)".utf8), completedWork: work,
            isFinished: finished, newSeconds: 1, environment: "e")
    }

    @Test func `a run is leased to one`() throws {
        let workspace = try Workspace()
        let runs = try toys(2).map { try PlannedRun.toy($0) }
        let one = try ResultStore(path: workspace.path("s.sqlite"))
        let two = try ResultStore(path: workspace.path("s.sqlite"))
        let first = try #require(try claim(one, runs))
        let second = try #require(try claim(two, runs))
        #expect(first.index == 0 && second.index == 1)
        guard case .othersAtWork(2) = try one.claim(among: runs, for: 60) else {
            Issue.record("both runs are leased")
            return
        }
        try two.release(second)
        #expect(try claim(one, runs)?.index == 1)
    }

    @Test func `a lease that ran out is taken over, and its holder cannot write any more`() throws {
        let workspace = try Workspace()
        let runs = try toys(1).map { try PlannedRun.toy($0) }
        let one = try ResultStore(path: workspace.path("s.sqlite"))
        let two = try ResultStore(path: workspace.path("s.sqlite"))
        let first = try #require(try claim(one, runs, for: 0))
        try one.save(progress(["1"], work: 10), of: first)
        let second = try #require(try claim(two, runs))
        #expect(second.checkpoint == Data("at 10".utf8))
        #expect(second.completedWork == 10)
        #expect(throws: StoreError.leaseLost(path: one.path, key: runs[0].identity.key)) {
            try one.save(progress(["2"], work: 20), of: first)
        }
        // Renewing or releasing what was lost does not disturb the new holder.
        try one.renew([first], for: 0)
        try one.release(first, failure: "x")
        try two.save(progress(["3"], work: 95, finished: true), of: second)
        #expect(try one.rows(runs[0].identity.key) == ["1", "3"])
        guard case .finished = try one.claim(among: runs, for: 60) else {
            Issue.record("nothing is left")
            return
        }
    }

    @Test func `a renewed lease does not run out`() throws {
        let workspace = try Workspace()
        let runs = try toys(1).map { try PlannedRun.toy($0) }
        let store = try ResultStore(path: workspace.path("s.sqlite"))
        let first = try #require(try claim(store, runs, for: 0))
        try store.renew([first], for: 60)
        #expect(try claim(store, runs) == nil)
    }

    /// Two runners on one file, each with its own connection; every run is made once in all.
    @Test func `two runners share the work`() throws {
        let workspace = try Workspace()
        let configurations = toys(30, length: 400)
        let runs = try configurations.map { try PlannedRun.toy($0) }
        let path = workspace.path("s.sqlite")
        let finished = try concurrently(2) { _ in
            try StudyRunner(store: ResultStore(path: path), threads: 2, checkpointInterval: 0)
                .run(runs).finished
        }
        #expect(finished.reduce(0, +) == 30)
        let store = try ResultStore(path: path)
        for (configuration, run) in zip(configurations, runs) {
            #expect(try store.rows(run.identity.key) == expectedRows(configuration))
        }
    }

    /// All make the store at once; the file must be whole for each.
    @Test func `a store is made once`() throws {
        let workspace = try Workspace()
        let counts = try concurrently(8) { _ in
            try ResultStore(path: workspace.path("s.sqlite")).records().count
        }
        #expect(counts == Array(repeating: 0, count: 8))
        #expect(workspace.names.allSatisfy { !$0.hasSuffix(".new") })
    }

    private func concurrently<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
    ) throws -> [Value] {
        nonisolated(unsafe) var results = [Result<Value, any Error>?](repeating: nil, count: count)
        let lock = NSLock()
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let result = Result { try body(index) }
            lock.withLock { results[index] = result }
        }
        return try results.compactMap { try $0?.get() }
    }
}
