public import Foundation
internal import Dispatch
internal import Synchronization

/// Works through the runs of a study on several threads, saving as it goes.
///
/// Every run is on one thread, and its rows depend on its configuration only; so the results are
/// the same for any number of threads and processes, with or without interruptions.
public struct StudyRunner: Sendable {
    /// Where the results go.
    public let store: ResultStore
    /// How many runs are worked on at once.
    public var threads: Int
    /// Time between two checkpoints of a run, in seconds. 0 saves after every slice.
    public var checkpointInterval: TimeInterval
    /// How long a run stays with a process that was not heard of, in seconds. Matters only for
    /// processes of other machines and after a loss of power: of a process of this machine it is
    /// known at once that it is gone.
    public var leaseDuration: TimeInterval
    /// What results are computed on, for provenance.
    public var environment: String
    /// Looked at between slices.
    public var stop: StopRequest

    /// A runner with the usual times.
    public init(
        store: ResultStore, threads: Int = 1, checkpointInterval: TimeInterval = 10,
        leaseDuration: TimeInterval = 60, environment: String = "",
        stop: StopRequest = StopRequest()
    ) {
        self.store = store
        self.threads = threads
        self.checkpointInterval = checkpointInterval
        self.leaseDuration = leaseDuration
        self.environment = environment
        self.stop = stop
    }

    /// A run that ended with an error.
    public struct Failure: Sendable, Equatable {
        public let label: String
        public let message: String
    }

    /// How the work ended.
    public struct Outcome: Sendable, Equatable {
        /// Runs that were finished here.
        public var finished = 0
        /// Runs that were laid down unfinished, here and now.
        public var laidDown = 0
        /// Runs that ended with an error; asked again, they begin at their last checkpoint.
        public var failures: [Failure] = []
        /// The signal that stopped it, `nil` if all that could be done was done.
        public var signal: Int32?
    }

    /// The units of work that these runs still need, for progress.
    public func remainingWork(of runs: [PlannedRun]) throws(StoreError) -> Int {
        let known = Dictionary(
            try store.records().map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return runs.reduce(0) { sum, run in
            guard let record = known[run.identity.key] else { return sum + run.work }
            return sum + (record.isFinished ? 0 : max(0, run.work - record.completedWork))
        }
    }

    /// Finishes all runs that are not finished, waiting for those that other processes work on.
    ///
    /// - Parameter advance: told of units of work done, from any thread.
    /// - Parameter runs: what the study needs; those that the store has are not computed again.
    /// - Throws: `StoreError` if the store cannot be read or written; what was saved before stays.
    public func run(
        _ runs: [PlannedRun], advance: @Sendable (Int) -> Void = { _ in }
    ) throws(StoreError) -> Outcome {
        let work = Work(runner: self, runs: runs)
        let heart = Heartbeat(work)
        defer { heart.stop() }
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            work.untilNothingIsLeft(advance)
        }
        return try work.outcome()
    }
}

/// What the threads of one runner share.
private final class Work: Sendable {
    struct State {
        var outcome = StudyRunner.Outcome()
        var failed: Set<String> = []
        var held: [String: Claim] = [:]
        var error: StoreError?
    }

    let runner: StudyRunner
    let runs: [PlannedRun]
    private let state = Mutex(State())

    init(runner: StudyRunner, runs: [PlannedRun]) {
        self.runner = runner
        self.runs = runs
    }

    var held: [Claim] { state.withLock { Array($0.held.values) } }

    func outcome() throws(StoreError) -> StudyRunner.Outcome {
        let (outcome, error) = state.withLock { ($0.outcome, $0.error) }
        if let error { throw error }
        var result = outcome
        result.signal = runner.stop.signal
        return result
    }

    private var shouldStop: Bool {
        runner.stop.signal != nil || state.withLock { $0.error != nil }
    }

    func untilNothingIsLeft(_ advance: (Int) -> Void) {
        do {
            while !shouldStop {
                let failed = state.withLock { $0.failed }
                switch try runner.store.claim(
                    among: runs, except: failed, for: runner.leaseDuration)
                {
                case .finished: return
                case .othersAtWork: Thread.sleep(forTimeInterval: 0.2)
                case .claimed(let claim): try work(on: claim, advance)
                }
            }
        } catch {
            state.withLock { $0.error = $0.error ?? StoreError(error, path: runner.store.path) }
        }
    }

    /// One run, until it is finished, fails, is lost to another process, or all is to stop.
    private func work(on claim: Claim, _ advance: (Int) -> Void) throws {
        state.withLock { $0.held[claim.lease] = claim }
        defer { state.withLock { $0.held[claim.lease] = nil } }
        do {
            var run = try runs[claim.index].start(claim.checkpoint)
            try work(on: &run, claim, advance)
        } catch StoreError.leaseLost {
            return
        } catch let error as StoreError {
            throw error
        } catch {
            let label = runs[claim.index].label
            state.withLock {
                $0.failed.insert(claim.key)
                $0.outcome.failures.append(.init(label: label, message: "\(error)"))
            }
            try runner.store.release(claim, failure: "\(error)")
        }
    }

    private func work(
        on run: inout any ResumableRun, _ claim: Claim, _ advance: (Int) -> Void
    ) throws {
        let clock = ContinuousClock()
        var saved = clock.now
        var rows: [String] = []
        var slice = Slice()
        while !run.isFinished, !shouldStop {
            let before = run.completedWork
            let began = clock.now
            rows += try run.advanceRecording(work: slice.work)
            let now = clock.now
            slice.took((now - began) / .seconds(1))
            advance(run.completedWork - before)
            guard !run.isFinished, (now - saved) / .seconds(1) >= runner.checkpointInterval else {
                continue
            }
            try save(run, rows, (now - saved) / .seconds(1), claim)
            rows = []
            saved = now
        }
        try save(run, rows, (clock.now - saved) / .seconds(1), claim)
        if run.isFinished {
            state.withLock { $0.outcome.finished += 1 }
            advance(max(0, runs[claim.index].work - run.completedWork))
        } else {
            try runner.store.release(claim)
            state.withLock { $0.outcome.laidDown += 1 }
        }
    }

    private func save(
        _ run: any ResumableRun, _ rows: [String], _ seconds: Double, _ claim: Claim
    ) throws {
        try runner.store.save(
            RunProgress(
                newRows: rows, checkpoint: run.isFinished ? nil : try run.checkpoint(),
                completedWork: run.completedWork, isFinished: run.isFinished, newSeconds: seconds,
                environment: runner.environment),
            of: claim)
    }
}

/// How much work is done between two looks at the clock: about a tenth of a second of it.
private struct Slice {
    private(set) var work = 1

    mutating func took(_ seconds: Double) {
        let fitting = Double(work) * 0.1 / max(seconds, 1e-6)
        work = max(1, Int(min(fitting, 2 * Double(work))))
    }
}

/// Renews the leases of the runs at work, from a thread of its own.
private final class Heartbeat {
    private let queue = DispatchQueue(label: "leases")
    private let timer: any DispatchSourceTimer

    init(_ work: Work) {
        timer = DispatchSource.makeTimerSource(queue: queue)
        let interval = max(0.05, work.runner.leaseDuration / 4)
        timer.schedule(deadline: .now() + interval, repeating: interval)
        timer.setEventHandler { [weak work] in
            // A renewal that fails is tried again; if the lease ends, saving says so.
            guard let work else { return }
            try? work.runner.store.renew(work.held, for: work.runner.leaseDuration)
        }
        timer.resume()
    }

    /// Ends the renewals and waits for one that is under way, which holds the store.
    func stop() {
        timer.cancel()
        queue.sync {}
    }
}
