import Documents
import Synchronization
import Testing

/// A clock that only the test moves, and a sink that remembers.
private final class Stage: Sendable {
    private let now = Mutex(Duration.seconds(1000))
    private let pieces = Mutex<[String]>([])

    func reporter(
        _ mode: ProgressReporter.Mode, total: Int? = 100, label: String = "solves"
    ) -> ProgressReporter {
        ProgressReporter(
            label, total: total, mode: mode, clock: { self.now.withLock { $0 } },
            sink: { text in self.pieces.withLock { $0.append(text) } })
    }

    func wait(_ seconds: Double) { now.withLock { $0 += .seconds(seconds) } }
    var written: [String] { pieces.withLock { $0 } }
}

@Suite struct ProgressReporterTests {
    @Test func plainLinesEveryFewSeconds() {
        let stage = Stage()
        let progress = stage.reporter(.plain)
        for _ in 1...100 {
            stage.wait(0.125)
            progress.advance()
        }
        progress.finish()
        #expect(
            stage.written == [
                "solves: 16 of 100 (16 %), 8.00/s, 11 s left\n",
                "solves: 56 of 100 (56 %), 8.00/s, 6 s left\n",
                "solves: 96 of 100 (96 %), 8.00/s, 1 s left\n",
                "solves: 100 of 100 (100 %) in 13 s\n",
            ])
    }

    @Test func oneLineRewrittenOnATerminal() {
        let stage = Stage()
        let progress = stage.reporter(.terminal, total: 5)
        for seconds in [1, 1, 0.125, 0.125, 0.25] {
            stage.wait(seconds)
            progress.advance()
        }
        #expect(
            stage.written == [
                "\rsolves: 2 of 5 (40 %), 1.00/s, 3 s left\u{1B}[K",
                "\rsolves: 4 of 5 (80 %), 1.78/s, 1 s left\u{1B}[K",
                "\rsolves: 5 of 5 (100 %), 2.00/s, 0 s left\u{1B}[K",
            ])
        progress.finish()
        #expect(stage.written.last == "\r\u{1B}[K")
        #expect(stage.written.count == 4)
    }

    @Test(arguments: [ProgressReporter.Mode.plain, .terminal])
    func nothingInUnderTwoSeconds(mode: ProgressReporter.Mode) {
        let stage = Stage()
        let progress = stage.reporter(mode)
        for _ in 1...199 {
            stage.wait(0.01)
            progress.advance()
        }
        progress.finish()
        #expect(stage.written.isEmpty)
    }

    @Test func quietIsSilent() {
        let stage = Stage()
        let progress = stage.reporter(.quiet)
        for _ in 1...100 {
            stage.wait(60)
            progress.advance()
        }
        progress.finish()
        #expect(stage.written.isEmpty)
    }

    @Test func unknownTotal() {
        let stage = Stage()
        let progress = stage.reporter(.plain, total: nil)
        stage.wait(4)
        progress.advance(by: 10)
        progress.finish()
        #expect(stage.written == ["solves: 10, 2.50/s\n", "solves: 10 in 4 s\n"])
    }

    @Test("no rate from nothing, no negative time left, no harm from a label")
    func oddCounts() {
        let stage = Stage()
        let progress = stage.reporter(.plain, total: 4, label: "a\n\u{1B}b")
        stage.wait(2)
        progress.advance(by: 0)
        stage.wait(6)
        progress.advance(by: 8)
        #expect(
            stage.written == [
                "a \u{FFFD}b: 0 of 4 (0 %)\n", "a \u{FFFD}b: 8 of 4 (200 %), 1.00/s\n",
            ])
    }

    @Test func percentIsNeverRoundedUpToDone() {
        let stage = Stage()
        let progress = stage.reporter(.plain, total: 1000)
        stage.wait(999)
        progress.advance(by: 999)
        #expect(stage.written == ["solves: 999 of 1000 (99 %), 1.00/s, 1 s left\n"])
    }

    @Test func finishIsFinal() {
        let stage = Stage()
        let progress = stage.reporter(.plain)
        stage.wait(3)
        progress.advance()
        progress.finish()
        let before = stage.written
        stage.wait(30)
        progress.advance()
        progress.finish()
        #expect(stage.written == before)
    }

    @Test("steps reported by many threads are all counted, and lines never mix")
    func threads() async {
        let stage = Stage()
        let progress = stage.reporter(.terminal, total: 8000)
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...8 {
                group.addTask {
                    for _ in 1...999 { progress.advance() }
                }
            }
        }
        #expect(stage.written.isEmpty)
        stage.wait(10)
        progress.advance(by: 8)
        #expect(stage.written == ["\rsolves: 8000 of 8000 (100 %), 800/s, 0 s left\u{1B}[K"])
    }

    @Test(arguments: [
        (0, "0 s"), (0.2, "1 s"), (59, "59 s"), (59.5, "1 min 0 s"), (125, "2 min 5 s"),
        (3600, "1 h 0 min"), (13_200, "3 h 40 min"), (1e300, "over 100 h"),
        (.infinity, "over 100 h"),
        (.nan, "over 100 h"),
    ])
    func clockTime(seconds: Double, expected: String) {
        #expect(ProgressLine.clockTime(seconds) == expected)
    }

    @Test func quietWinsOverTheTerminal() {
        #expect(ProgressReporter.Mode.standardError(quiet: true) == .quiet)
        #expect(ProgressReporter.Mode.standardError() != .quiet)
    }

    @Test func theClockRuns() {
        let clock = ProgressReporter.monotonicClock()
        let first = clock()
        #expect(first >= .zero)
        #expect(clock() >= first)
    }
}
