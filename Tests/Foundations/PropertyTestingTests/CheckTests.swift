import Foundation
import PropertyTesting
import Synchronization
import Testing

@Suite struct `A check` {
    @Test func `passes when all cases hold and counts them`() {
        let report = Property("fine", .int()) { _ in 0.25 }.check(CheckSettings(cases: 37))
        #expect(report.outcome == .passed && report.isPassed)
        #expect(report.cases == 37 && report.failures == 0 && report.discards == 0)
        #expect(report.worst?.margin == 0.25)
        #expect(report.worst?.token == .seeded(seed: 1, index: 0, size: 1))
        #expect(report.corpus == nil && report.counterexample == nil)
    }

    @Test(arguments: [(1.0, true), (1.0.nextUp, false), (-.infinity, true), (.infinity, false), (.nan, false)])
    func `takes 1 as the bound and NaN as a violation`(margin: Double, holds: Bool) {
        let report = Property("margin", .int()) { _ in margin }.check(CheckSettings(cases: 3))
        #expect(report.isPassed == holds)
        #expect((report.counterexample == nil) == holds)
    }

    @Test func `hands on what cases measure, also of discarded ones, for any number of threads`() {
        let property = Property("measured", .int(in: 0...99)) { value, context in
            context.measure("value", -1)
            context.measure("value", Double(value))
            context.measure("half", Double(value) / 2)
            try assume(value % 5 > 0, "a multiple of 5")
            return 0
        }
        var records: [[CaseRecord]] = []
        for threads in [1, 3] {
            var seen: [CaseRecord] = []
            _ = property.check(CheckSettings(cases: 60), threads: threads) { seen.append($0) }
            records.append(seen)
        }
        #expect(records[0] == records[1])
        #expect(records[0].contains { $0.verdict.margin == nil && $0.measurements["value"] != nil })
        for record in records[0] {
            #expect(record.measurements["half"] == record.measurements["value"].map { $0 / 2 })
            #expect(property.replay(record.token).measurements == record.measurements)
        }
    }

    @Test func `reports the worst margin, its case and its token`() {
        let property = Property("worst", .int(in: 0...100_000)) { Double($0) / 200_000 }
        var records: [CaseRecord] = []
        let report = property.check(observe: { records.append($0) })
        let largest = records.compactMap(\.verdict.margin).max()
        #expect(report.worst?.margin == largest)
        #expect(report.worst.map { property.replay($0.token).verdict.margin } == largest)
        #expect(report.worst?.description == "\(Int((largest ?? 0) * 200_000))")
    }

    @Test func `ranks a margin that is no number worst, and of equal ones the first`() {
        let property = Property("worst", .int(in: 0...9)) { $0 == 3 ? .nan : $0 == 5 ? .infinity : 0 }
        var records: [CaseRecord] = []
        let report = property.check(
            CheckSettings(cases: 200, failurePolicy: .countAll), observe: { records.append($0) })
        #expect(report.worst?.margin.isNaN == true)
        #expect(report.worst?.token == records.first { $0.verdict == .violated(margin: .nan) }?.token)
        #expect(report == property.check(CheckSettings(cases: 200, failurePolicy: .countAll)))
    }

    @Test func `stops at the first failure or counts them all`() {
        let property = Property("often wrong", .int(in: 0...9)) { $0 < 8 }
        for seed in 2...20 as ClosedRange<UInt64> {
            let report = property.check(CheckSettings(cases: 1_000, seed: seed))
            #expect(report.failures == 1 && report.cases < 100)
            #expect(report.counterexample?.origin == .generated(index: report.cases - 1))
        }
        let stopped = property.check(CheckSettings(cases: 1_000))
        let counted = property.check(CheckSettings(cases: 1_000, failurePolicy: .countAll))
        #expect(counted.cases == 1_000)
        #expect(abs(counted.failures - 200) < 76)
        #expect(counted.counterexample == stopped.counterexample)
    }

    @Test func `reports a thrown error as a failure with its description`() throws {
        let report = Property("throws", .int(in: 0...50)) { value -> Bool in
            if value > 20 { throw PlantedError(code: value) }
            return true
        }.check()
        let counterexample = try #require(report.counterexample)
        let type = "PropertyTestingTests.PlantedError"
        #expect(counterexample.verdict == .threw(type: type, message: "PlantedError(code: 21)"))
        #expect("\(report)".contains("PlantedError(code: 21)"))
    }

    @Test func `reports an error of the generator as a failure too`() {
        let generator = Generator<Int> { source in
            if try source.draw(upTo: 9) == 9 { throw PlantedError() }
            return 0
        }
        let report = Property("generator throws", generator) { _ in true }.check()
        #expect(report.counterexample?.verdict.isFailure == true)
        #expect(report.counterexample?.description == "no value")
    }

    @Test func `replaces discarded cases and tells why they were discarded`() {
        let report = Property("picky", .int(in: 0...9)) { value -> Bool in
            try assume(value > 2, "too small")
            if value == 9 { throw Discard("nine") }
            return true
        }.check(CheckSettings(cases: 200))
        #expect(report.isPassed && report.cases == 200)
        #expect(report.discards > 60 && report.discards < 210)
        #expect(report.discardReasons.keys.sorted() == ["nine", "too small"])
        #expect(report.discardReasons.values.reduce(0, +) == report.discards)
        #expect(report.labels.total == 200)
    }

    @Test func `with too many discards is exhausted and not passed`() {
        let rare = Property("rare", .int(in: 0...999)) { try assume($0 == 7); return true }
        let report = rare.check(CheckSettings(cases: 50, discardsPerCase: 3))
        #expect(report.outcome == .exhausted && !report.isPassed)
        #expect(report.discards == 151)
        #expect("\(report)".contains("exhausted"))
        let impossible = Property("impossible", Generator<Int>.nothing("none")) { _ in true }.check()
        #expect(impossible.outcome == .exhausted && impossible.cases == 0 && impossible.worst == nil)
        #expect(Property("extreme", .int()) { try assume($0 == 7); return true }.check(
            CheckSettings(cases: 2, discardsPerCase: .max)).isPassed)
    }

    @Test func `that found a failure before it ran out of cases has failed`() {
        let report = Property("rare and wrong", .int(in: 0...19)) { try assume($0 == 7); return false }
            .check(CheckSettings(cases: 50, discardsPerCase: 3, failurePolicy: .countAll))
        #expect(report.counterexample?.description == "7")
        #expect(report.cases < 50)
    }

    @Test(arguments: [0, -5])
    func `of no cases is exhausted and not passed`(cases: Int) {
        #expect(Property("none", .int()) { _ in true }.check(CheckSettings(cases: cases)).outcome == .exhausted)
    }

    @Test func `tallies labels with counts and percentages`() {
        let report = Property("labels", .int(in: 0...3)) { value, context in
            context.label("even", when: value % 2 == 0)
            context.label("even", when: value == 0)
            context.label("value", value)
            return true
        }.check(CheckSettings(cases: 400))
        #expect(report.labels.total == 400)
        #expect(abs(report.labels.count("even") - 200) < 60)
        #expect(report.labels.percentage("even") == Double(report.labels.count("even")) / 4)
        #expect(report.labels.rows.map(\.label) == ["even", "value: 0", "value: 1", "value: 2", "value: 3"])
        #expect(report.labels.rows.dropFirst().map(\.count).reduce(0, +) == 400)
        #expect(report.labels.count("odd") == 0)
        #expect("\(report)".contains("\(report.labels.count("even"))) even"))
    }

    @Test func `is the same each time unless it explores`() {
        let property = Property("same", .int(in: 0...100_000)) { Double($0) / 1e6 }
        #expect(property.check() == property.check())
        let explored = property.check(CheckSettings().exploring())
        #expect(explored.worst != property.check().worst)
        #expect(explored == property.check(CheckSettings(seed: explored.seed)))
    }

    @Test func `says so when a failure cannot be reproduced`() {
        let calls = Mutex(0)
        let property = Property("flaky", .int(in: 0...9)) { _ in calls.withLock { $0 += 1; return $0 != 5 } }
        let counterexample = property.check().counterexample
        #expect(counterexample?.isReproducible == false)
        #expect(counterexample?.shrinkReplays == 0)
        #expect("\(property.check())".contains("NOT REPRODUCIBLE") == false)
    }

    @Test func `gives the size to the body and grows it`() {
        let sizes = Mutex<[Int]>([])
        _ = Property("sizes", .int()) { _, context in sizes.withLock { $0.append(context.size) }; return 0 }
            .check(CheckSettings(cases: 101))
        #expect(sizes.withLock { Array($0.prefix(101)) } == Array(1...100) + [1])
    }
}

@Suite struct `Sizes` {
    @Test func `grow linearly over the period and start again`() {
        let schedule = SizeSchedule(from: 10, to: 20, period: 6)
        #expect((0..<8).map(schedule.size(ofCase:)) == [10, 12, 14, 16, 18, 20, 10, 12])
        #expect(SizeSchedule(from: 20, to: 10, period: 3).size(ofCase: 1) == 15)
        #expect(SizeSchedule(period: .max).size(ofCase: .max - 1) == 100)
        #expect(SizeSchedule(period: -4).size(ofCase: 3) == 100)
        #expect(SizeSchedule().size(ofCase: -1) == 100)
        #expect(SizeSchedule.constant(700).size(ofCase: 12) == 100)
        #expect(SizeSchedule(from: -9, to: 5).first == 0)
    }
}

@Suite struct `On several threads` {
    private let property = Property("threads", .array(of: .double(in: -5...5), count: 0...20)) { values, context in
        context.label("empty", when: values.isEmpty)
        try assume(values.count != 7, "seven")
        if values.count == 19 { throw PlantedError() }
        return values.reduce(0, +) / 25
    }

    @Test(arguments: [2, 3, 8])
    func `a check reports exactly what it reports on one`(threads: Int) {
        for seed in 0..<12 as Range<UInt64> {
            for policy in [CheckSettings.FailurePolicy.stop, .countAll] {
                let settings = CheckSettings(cases: 150, seed: seed, failurePolicy: policy)
                var (ones, manys): ([CaseRecord], [CaseRecord]) = ([], [])
                let one = property.check(settings, threads: 1, observe: { ones.append($0) })
                let many = property.check(settings, threads: threads, observe: { manys.append($0) })
                #expect(one == many)
                #expect(ones == manys)
            }
        }
    }

    @Test func `exhaustion and passing are the same too`() {
        let rare = Property("rare", .int(in: 0...99)) { try assume($0 == 7); return true }
        let fine = Property("fine", .int(in: 0...99)) { Double($0) / 100 }
        for settings in [CheckSettings(cases: 50, discardsPerCase: 3), CheckSettings(cases: 777)] {
            #expect(rare.check(settings) == rare.check(settings, threads: 4))
            #expect(fine.check(settings) == fine.check(settings, threads: 4))
        }
        #expect(fine.check(threads: -2) == fine.check(threads: 1))
        #expect(fine.check(threads: .max) == fine.check(threads: 1))
    }

    @Test func `results end at the first last one, even if a later one is found afterwards`() {
        let results = resultsInOrder(of: 0..<100, threads: 2, isLast: { $0 < 2 }) { (index: Int) in
            if index < 2 { Thread.sleep(forTimeInterval: index == 0 ? 0.02 : 0.2) }
            return index
        }
        #expect(results == [0])
        #expect(resultsInOrder(of: 3..<60, threads: 4, isLast: { $0 == 40 }) { (index: Int) in index } == Array(3...40))
        #expect(resultsInOrder(of: 3..<3, threads: 4, isLast: { _ in true }) { (index: Int) in index }.isEmpty)
    }

    @Test func `cases do run concurrently`() {
        // Two cases wait for each other: alone, neither would see the other. The limit is only for that failure.
        let running = Mutex((now: 0, most: 0))
        let property = Property("meeting", .int()) { _ in
            running.withLock { $0.now += 1; $0.most = max($0.most, $0.now) }
            let clock = ContinuousClock()
            let end = clock.now + .seconds(20)
            while running.withLock({ $0.most }) < 2 && clock.now < end { Thread.sleep(forTimeInterval: 0.001) }
            running.withLock { $0.now -= 1 }
            return true
        }
        #expect(property.check(CheckSettings(cases: 2), threads: 2).isPassed)
        #expect(running.withLock { $0.most } == 2)
    }
}
