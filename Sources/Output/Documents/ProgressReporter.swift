internal import Files
import Foundation
import Synchronization

/// Says on standard error how far a long computation is.
///
/// - On a terminal, a single line is rewritten, with rate and time left, and removed at the end.
/// - Elsewhere (a log file, continuous integration), plain lines appear every few seconds.
/// - When quiet, nothing is written; and in no mode is anything written in the first two seconds.
///
/// The time left supposes that the rest goes at the average rate so far. Any number of threads may
/// report at once: lines never mix. Lines appear only when somebody reports, so a step that takes a
/// minute is silent for a minute.
///
/// ```swift
/// let progress = ProgressReporter("exact updates", total: cases.count, mode: .standardError())
/// defer { progress.finish() }
/// for one in cases { solve(one); progress.advance() }
/// ```
public final class ProgressReporter: Sendable {
    /// How to write.
    public enum Mode: Sendable, Equatable {
        case quiet, plain, terminal

        /// The mode that suits this process's standard error.
        public static func standardError(quiet: Bool = false) -> Mode {
            if quiet { return .quiet }
            let isDumb = ProcessInfo.processInfo.environment["TERM"] == "dumb"
            return StandardError.isTerminal && !isDumb ? .terminal : .plain
        }
    }

    private struct State {
        var completed = 0
        var lastWritten: Duration?
        var isFinished = false
    }

    private let label: String
    private let total: Int?
    private let mode: Mode
    private let clock: @Sendable () -> Duration
    private let sink: @Sendable (String) -> Void
    private let start: Duration
    private let state = Mutex(State())

    /// A reporter whose time starts now.
    ///
    /// - Parameters:
    ///   - label: what is being counted, a few words.
    ///   - total: how many steps there will be; `nil` if nobody knows.
    ///   - clock: the time since some fixed moment; never runs backwards.
    ///   - sink: takes what is to be written, line breaks and control characters included. It is
    ///     called by one thread at a time and must not call the reporter.
    ///   - mode: whether and how anything is shown.
    public init(
        _ label: String, total: Int?, mode: Mode,
        clock: @escaping @Sendable () -> Duration = ProgressReporter.monotonicClock(),
        sink: @escaping @Sendable (String) -> Void = ProgressReporter.writeToStandardError
    ) {
        self.label = label.singleLine
        self.total = total
        self.mode = mode
        self.clock = clock
        self.sink = sink
        start = clock()
    }

    /// Reports that `steps` more are done. Ignored after `finish()`.
    public func advance(by steps: Int = 1) {
        state.withLock { state in
            guard !state.isFinished else { return }
            state.completed += steps
            let elapsed = clock() - start
            guard mode != .quiet, elapsed >= Self.silence else { return }
            if let last = state.lastWritten, elapsed - last < interval { return }
            state.lastWritten = elapsed
            let line = ProgressLine(
                label: label, completed: state.completed, total: total, elapsed: elapsed)
            sink(mode == .terminal ? "\r\(line.underway)\u{1B}[K" : line.underway + "\n")
        }
    }

    /// Ends the report: removes the line from a terminal, or writes a last plain line if there was
    /// any before. Further calls do nothing.
    public func finish() {
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            guard state.lastWritten != nil else { return }
            let line = ProgressLine(
                label: label, completed: state.completed, total: total, elapsed: clock() - start)
            sink(mode == .terminal ? "\r\u{1B}[K" : line.finished + "\n")
        }
    }

    /// Nothing is written before so much time has passed.
    private static let silence = Duration.seconds(2)
    private var interval: Duration { mode == .terminal ? .milliseconds(200) : .seconds(5) }

    /// A clock that starts at zero now.
    public static func monotonicClock() -> @Sendable () -> Duration {
        let start = ContinuousClock.now
        return { ContinuousClock.now - start }
    }

    /// Writes the text to standard error. A closed or full standard error is no reason to stop.
    @Sendable public static func writeToStandardError(_ text: String) {
        StandardError.write(text)
    }
}
