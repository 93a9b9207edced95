import JSON
import RunStore
import Foundation
import Testing

/// What is not a whole store is refused, by name and reason, and stays as it was.
struct StoreFileTests {
    /// A store with three finished runs, closed.
    private func madeStore(_ workspace: Workspace, runs: Int = 3) throws -> Data {
        try fill(workspace.path("good.sqlite"), runs)
        #expect(workspace.names == ["good.sqlite"], "closing leaves one file")
        return try workspace.bytes("good.sqlite")
    }

    private func fill(_ path: String, _ runs: Int) throws {
        let store = try ResultStore(path: path)
        _ = try StudyRunner(store: store).run(toys(runs, length: 2000).map { try PlannedRun.toy($0) })
    }

    private func expectRefusal(
        _ name: String, in workspace: Workspace, _ matches: (StoreError) -> Bool
    ) throws {
        let before = try workspace.bytes(name)
        let names = workspace.names
        for absence in [ResultStore.Absence.create, .fail] {
            do {
                _ = try ResultStore(path: workspace.path(name), ifAbsent: absence)
                Issue.record("\(name) was accepted")
            } catch {
                #expect(matches(error), "\(error)")
                #expect(error.description.contains(name), "\(error)")
            }
        }
        do {
            _ = try ResultStore(reading: workspace.path(name))
            Issue.record("\(name) was accepted")
        } catch {
            #expect(matches(error), "\(error)")
        }
        #expect(try workspace.bytes(name) == before, "\(name) was touched")
        #expect(workspace.names == names)
    }

    @Test func `a store that is only read stays the same to the last byte, and refuses to be written`() throws {
        let workspace = try Workspace()
        let before = try madeStore(workspace)
        let path = workspace.path("good.sqlite")
        func date() throws -> Date? {
            try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        }
        let written = try date()
        try {
            let store = try ResultStore(reading: path)
            let records = try store.records()
            #expect(records.count == 3)
            for record in records { #expect(try store.rows(record.key).count == 200) }
            #expect(throws: StoreError.system(path: path, reason: "was opened to be read only")) {
                try store.remove(records.map(\.key))
            }
            #expect(try store.records() == records)
        }()
        #expect(try workspace.bytes("good.sqlite") == before)
        #expect(try date() == written)
        #expect(workspace.names == ["good.sqlite"], "closing leaves one file")
        #expect(throws: StoreError.missing(path: workspace.path("none"))) {
            _ = try ResultStore(reading: workspace.path("none"))
        }
        #expect(workspace.names == ["good.sqlite"])
    }

    @Test("foreign files", arguments: [
        [], Array("hello".utf8), Array(repeating: 0, count: 5000),
        Array("SQLite format 3\0".utf8), Array("SQLite format 4\0".utf8) + Array(repeating: 1, count: 9000),
    ] as [[UInt8]])
    func foreign(bytes: [UInt8]) throws {
        let workspace = try Workspace()
        _ = try workspace.write(bytes, to: "f.sqlite")
        try expectRefusal("f.sqlite", in: workspace) { if case .foreign = $0 { true } else { false } }
    }

    @Test func `a database of another program, and of a later version`() throws {
        let workspace = try Workspace()
        var bytes = try madeStore(workspace)
        bytes[71] ^= 1
        _ = try workspace.write(bytes, to: "other.sqlite")
        try expectRefusal("other.sqlite", in: workspace) {
            if case .foreign(_, let found) = $0 { found.contains("another program") } else { false }
        }
        bytes[71] ^= 1
        bytes[63] = 9
        _ = try workspace.write(bytes, to: "later.sqlite")
        try expectRefusal("later.sqlite", in: workspace) { if case .newer(_, 9, 1) = $0 { true } else { false } }
    }

    @Test func `a directory, a missing file`() throws {
        let workspace = try Workspace()
        #expect(throws: StoreError.foreign(path: workspace.directory.path, found: "a directory or device")) {
            _ = try ResultStore(path: workspace.directory.path)
        }
        let path = workspace.path("none.sqlite")
        #expect(throws: StoreError.missing(path: path)) { _ = try ResultStore(path: path, ifAbsent: .fail) }
        #expect(workspace.names.isEmpty)
        #expect(throws: StoreError.self) { _ = try ResultStore(path: workspace.path("no/such/place.sqlite")) }
    }

    @Test func `a file that was cut off`() throws {
        let workspace = try Workspace()
        let bytes = try madeStore(workspace)
        for length in [100, 4095, 4096, bytes.count / 2, bytes.count - 4096, bytes.count - 1] {
            let name = "cut-\(length).sqlite"
            _ = try workspace.write(bytes.prefix(length), to: name)
            try expectRefusal(name, in: workspace) { if case .damaged = $0 { true } else { false } }
        }
    }

    /// Whatever byte changes: the store is refused, or what it says is still what was written, or
    /// reading says that it is damaged. It never shows other numbers.
    @Test func `no flipped byte changes a number unnoticed`() throws {
        let workspace = try Workspace()
        let bytes = try madeStore(workspace, runs: 1)
        let configuration = toys(1, length: 2000)[0]
        let run = try PlannedRun.toy(configuration)
        let expected = try expectedRows(configuration)
        var noticed = 0
        for offset in stride(from: 0, to: bytes.count, by: 211) {
            var changed = bytes
            changed[offset] ^= 0x11
            let path = try workspace.write(changed, to: "changed.sqlite")
            do {
                let store = try ResultStore(path: path)
                let rows = try store.finishedRows(run.identity, as: ToyRun.Row.self)
                // A run whose key was changed is another run; its key no longer fits.
                if rows == nil {
                    #expect(throws: StoreError.self, "byte \(offset)") { _ = try store.records() }
                } else {
                    #expect(try rows?.map { try CanonicalJSON.text($0) } == expected, "byte \(offset)")
                }
            } catch { noticed += 1 }
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        }
        #expect(noticed > 20)
    }

    @Test func `a checkpoint that is not the one that was written`() throws {
        let workspace = try Workspace()
        let run = try PlannedRun.toy(toys(1)[0])
        do {
            let store = try ResultStore(path: workspace.path("s.sqlite"))
            guard case .claimed(let claim) = try store.claim(among: [run], for: 60) else { return }
            let checkpoint = Data(repeating: 0xAB, count: 300)
            try store.save(
                RunProgress(
                    newRows: [], checkpoint: checkpoint, completedWork: 5, isFinished: false,
                    newSeconds: 0, environment: "e"), of: claim)
            try store.release(claim)
        }
        var bytes = try workspace.bytes("s.sqlite")
        let place = try #require(bytes.range(of: Data(repeating: 0xAB, count: 300)))
        bytes[place.lowerBound + 100] = 0xAA
        let store = try ResultStore(path: try workspace.write(bytes, to: "changed.sqlite"))
        #expect(throws: StoreError.self) { _ = try store.claim(among: [run], for: 60) }
    }
}
