import JSON
import RunStore
import Foundation
import Synchronization

/// A directory that goes away with its last user.
final class Workspace: Sendable {
    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("experiments-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()
    }
}

/// What the rows of a toy run depend on.
struct ToyConfiguration: Codable, Hashable, Sendable {
    var seed: UInt64
    var length: Int
    /// At this unit of work the run throws, unless it is 0.
    var failsAt = 0
}

/// A logistic map: its last bits depend on every step, so that a checkpoint that is one bit off, or
/// one step, shows in the rows.
struct ToyRun: ResumableRun {
    struct Row: Codable, Sendable, Hashable {
        let work: Int
        let value: Double
    }

    struct Failed: Error, CustomStringConvertible { let description = "the toy broke" }

    private struct State: Codable {
        var work = 0
        var bits: UInt64
    }

    let configuration: ToyConfiguration
    private var state: State
    /// Told of every unit of work that is done.
    var onWork: @Sendable (Int) -> Void = { _ in }

    init(_ configuration: ToyConfiguration, checkpoint: Data? = nil) throws {
        self.configuration = configuration
        let start = 0.1 + 0.8 * Double(configuration.seed % 1000) / 1000
        state =
            try checkpoint.map { try JSONDecoder().decode(State.self, from: $0) }
            ?? State(bits: start.bitPattern)
    }

    var completedWork: Int { state.work }
    var isFinished: Bool { state.work >= configuration.length }

    mutating func advance(work: Int) throws -> [Row] {
        var rows: [Row] = []
        for _ in 0..<work where !isFinished {
            let x = Double(bitPattern: state.bits)
            state.bits = (3.99 * x * (1 - x)).bitPattern
            state.work += 1
            onWork(state.work)
            if state.work == configuration.failsAt { throw Failed() }
            if state.work.isMultiple(of: 10) {
                rows.append(Row(work: state.work, value: Double(bitPattern: state.bits)))
            }
        }
        return rows
    }

    func checkpoint() throws -> Data { try JSONEncoder().encode(state) }
}

extension PlannedRun {
    static func toy(
        _ configuration: ToyConfiguration, onWork: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> PlannedRun {
        PlannedRun(
            identity: try RunIdentity(kind: "toy", configuration: configuration, version: "1"),
            label: "toy \(configuration.seed)", work: configuration.length
        ) { checkpoint in
            var run = try ToyRun(configuration, checkpoint: checkpoint)
            run.onWork = onWork
            return run
        }
    }
}

/// The rows that a run must have: computed in one go, without store or runner.
func expectedRows(_ configuration: ToyConfiguration) throws -> [String] {
    var run = try ToyRun(configuration)
    return try run.advance(work: configuration.length).map { try CanonicalJSON.text($0) }
}

func toys(_ count: Int, length: Int = 95) -> [ToyConfiguration] {
    (0..<count).map { ToyConfiguration(seed: UInt64($0), length: length) }
}
