import JSON
import RunStore
import Foundation
import Testing

struct MergeTests {
    private let workspace: Workspace
    private let runs: [PlannedRun]

    init() throws {
        workspace = try Workspace()
        runs = try toys(3).map { try PlannedRun.toy($0) }
    }

    /// A store in which run 0 has these rows.
    private func store(_ name: String, rows: [String], work: Int, finished: Bool) throws -> ResultStore {
        let store = try ResultStore(path: workspace.path(name))
        guard case .claimed(let claim) = try store.claim(among: [runs[0]], for: 60) else { return store }
        try store.save(
            RunProgress(
                newRows: rows, checkpoint: Data("\(work)".utf8), completedWork: work,
                isFinished: finished, newSeconds: 2, environment: name), of: claim)
        try store.release(claim)
        return store
    }

    private var key: String { runs[0].identity.key }

    @Test func `a store of an earlier program, which spelled infinity in two ways, is the same store`() throws {
        let old = #"{"loss":"infinity","ratio":"Infinity","low":"-Infinity"}"#
        let new = #"{"loss":"Infinity","ratio":"Infinity","low":"-Infinity"}"#
        let earlier = try store("earlier", rows: ["{}", old], work: 20, finished: true)
        #expect(try earlier.rows(key) == ["{}", new])
        #expect(
            try earlier.finishedRows(runs[0].identity, as: [String: Double].self)?.last
                == ["loss": .infinity, "ratio": .infinity, "low": -.infinity])
        let present = try store("present", rows: ["{}", new], work: 20, finished: true)
        #expect(try present.merge(earlier) == MergeSummary(kept: 1))
        let third = try ResultStore(path: workspace.path("third"))
        #expect(try third.merge(earlier) == MergeSummary(added: 1))
        #expect(try third.rows(key) == ["{}", new])
    }

    @Test("the longer of two unfinished runs, and the finished one, is kept", arguments: [
        (["a"], 10, false, ["a", "b"], 20, false, MergeSummary(advanced: 1)),
        (["a", "b"], 20, false, ["a"], 10, false, MergeSummary(kept: 1)),
        (["a"], 10, false, ["a", "b"], 20, true, MergeSummary(advanced: 1)),
        (["a", "b"], 20, true, ["a"], 10, false, MergeSummary(kept: 1)),
        (["a", "b"], 20, true, ["a", "b"], 20, true, MergeSummary(kept: 1)),
        // A diverged run is finished early: finished counts, not work.
        (["a"], 30, false, ["a"], 20, true, MergeSummary(advanced: 1)),
    ])
    func merges(
        own: [String], ownWork: Int, ownFinished: Bool, their: [String], theirWork: Int,
        theirFinished: Bool, summary: MergeSummary
    ) throws {
        let one = try store("one.sqlite", rows: own, work: ownWork, finished: ownFinished)
        let two = try store("two.sqlite", rows: their, work: theirWork, finished: theirFinished)
        #expect(try one.merge(two) == summary)
        let record = try #require(try one.record(key))
        let expected = summary.advanced == 1 ? (their, theirWork, theirFinished) : (own, ownWork, ownFinished)
        #expect(try one.rows(key) == expected.0)
        #expect(record.completedWork == expected.1)
        #expect(record.isFinished == expected.2)
        if !record.isFinished, case .claimed(let claim) = try one.claim(among: [runs[0]], for: 60) {
            #expect(claim.checkpoint == Data("\(expected.1)".utf8))
        }
    }

    @Test("other rows for the same run are a conflict, and nothing is merged", arguments: [
        (["a", "b"], true, ["a", "c"], true), (["a"], true, ["a", "c"], false),
        (["b"], false, ["a", "c"], true), (["a", "b"], false, ["b"], false),
        (["a"], true, ["a", "b"], true),
    ])
    func conflicts(own: [String], ownFinished: Bool, their: [String], theirFinished: Bool) throws {
        let one = try store("one.sqlite", rows: own, work: 10, finished: ownFinished)
        let two = try store("two.sqlite", rows: their, work: 20, finished: theirFinished)
        _ = try StudyRunner(store: two).run([runs[1], runs[2]])
        #expect(throws: StoreError.conflict(path: one.path, source: two.path, keys: [key])) {
            try one.merge(two)
        }
        #expect(try one.records().map(\.key) == [key])
        #expect(try one.rows(key) == own)
    }

    @Test func `a merge may be repeated, and leaves the other store as it was`() throws {
        let one = try ResultStore(path: workspace.path("one.sqlite"))
        let two = try store("two.sqlite", rows: ["a"], work: 10, finished: false)
        #expect(try one.merge(two) == MergeSummary(added: 1))
        #expect(try one.merge(two) == MergeSummary(kept: 1))
        #expect(try two.records() == one.records())
    }

    @Test func `removing`() throws {
        let store = try ResultStore(path: workspace.path("s.sqlite"))
        _ = try StudyRunner(store: store).run(runs)
        #expect(try store.remove([runs[1].identity.key, "0000"]) == 1)
        #expect(try store.records().count == 2)
        #expect(try store.rows(runs[1].identity.key).isEmpty)
        #expect(try StudyRunner(store: store).run(runs).finished == 1)
    }

    @Test func `runs are found by the beginning of their key`() throws {
        let store = try ResultStore(path: workspace.path("s.sqlite"))
        _ = try StudyRunner(store: store).run(runs)
        #expect(try store.record(prefix: String(key.prefix(9)).uppercased()).key == key)
        #expect(throws: StoreError.noSuchRun(path: store.path, prefix: "xyz")) { _ = try store.record(prefix: "xyz") }
        #expect(throws: StoreError.self) { _ = try store.record(prefix: "") }
    }

    @Test func `identities differ in kind, version and configuration`() throws {
        func key(_ kind: String, _ version: String, _ seed: UInt64) throws -> String {
            try RunIdentity(
                kind: kind, configuration: ToyConfiguration(seed: seed, length: 1), version: version
            ).key
        }
        let keys = try [key("a", "1", 0), key("b", "1", 0), key("a", "2", 0), key("a", "1", 1), key("a1", "", 0)]
        #expect(Set(keys).count == 5)
        #expect(try key("a", "1", 0) == keys[0])
    }

    @Test func `canonical text reads back bit for bit`() throws {
        let values = [0.1, -0.0, Double.leastNonzeroMagnitude, 1e308, .infinity, -.infinity, .pi, 1.0 / 3]
        let text = try CanonicalJSON.text(["z": values, "a": [1]])
        #expect(text.hasPrefix(#"{"a":[1],"z":[0.1,"#))
        let back = try CanonicalJSON.value([String: [Double]].self, from: text)
        #expect(back["z"]?.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(try CanonicalJSON.value([Double].self, from: CanonicalJSON.text([Double.nan]))[0].isNaN)
    }
}
