import Statistics
import Testing
import Theorems

/// What makes a finding, from counts whose answer is plain.
@Suite("Findings")
struct FindingTests {
    private let criteria = FindingCriteria()

    private func interval(_ successes: Int, _ trials: Int) throws -> ClopperPearson {
        try ClopperPearson(successes: successes, trials: trials)
    }

    @Test(
        "The overall interval decides where it is clear of the thresholds",
        arguments: [
            (1000, 1000, Finding.holds), (980, 1000, .holds), (960, 1000, .undecided), (5, 5, .undecided),
            (800, 1000, .mixed), (505, 1000, .undecided), (100, 1000, .refuted), (0, 20, .refuted),
            (0, 0, .undecided),
        ])
    func overall(_ successes: Int, _ trials: Int, _ expected: Finding) throws {
        let whole = try interval(successes, trials)
        #expect(criteria.finding(overall: whole, regions: []) == expected)
    }

    @Test("A region in which it holds makes a condition conditional, one that may keeps it undecided")
    func regions() throws {
        let rare = try interval(100, 1000)
        #expect(try criteria.finding(overall: rare, regions: [interval(0, 800), interval(200, 200)]) == .conditional)
        #expect(try criteria.finding(overall: rare, regions: [interval(0, 800), interval(20, 20)]) == .undecided)
        #expect(try criteria.finding(overall: rare, regions: [interval(0, 800), interval(100, 200)]) == .refuted)
        // An unconditional coin of 55 % has no region to name.
        let coin = try interval(5500, 10_000)
        #expect(try criteria.finding(overall: coin, regions: [interval(2700, 5000), interval(2800, 5000)]) == .mixed)
        #expect(try criteria.finding(overall: coin, regions: [interval(500, 5000), interval(5000, 5000)]) == .conditional)
        #expect(try criteria.finding(overall: coin, regions: [interval(2700, 5000), interval(20, 20)]) == .mixed)
    }

    @Test("More samples of the same population never turn one decided finding into another")
    func consistency() throws {
        // Rates as they are, without noise, at growing numbers of cases.
        for (whole, part) in [(0.3, 1.0), (0.3, 0.6), (0.7, 0.8), (0.7, 0.98), (0.99, 1.0), (0.1, 0.97)] {
            var found: Set<Finding> = []
            for trials in [20, 100, 1000, 10_000, 100_000] {
                let regions = [try interval(Int(part * Double(trials / 10)), trials / 10)]
                found.insert(
                    criteria.finding(overall: try interval(Int(whole * Double(trials)), trials), regions: regions))
            }
            // A region that few cases do not show makes a mixed condition conditional, and nothing else.
            let decided = found.subtracting(found.contains(.conditional) ? [.undecided, .mixed] : [.undecided])
            #expect(decided.count == 1, "\(whole), \(part): \(found)")
        }
    }

    @Test("A condition is strict: ties and what is not a number do not satisfy it")
    func strictness() {
        func condition(_ resolution: Double) -> ClaimCondition {
            ClaimCondition(
                "a", words: "a < b", group: "g", column: "c", smaller: "a", bound: .measurement("b"),
                resolution: resolution, recorded: .holds)
        }
        #expect(condition(0).isHeld(["a": 1, "b": 2]) == true)
        #expect(condition(0).isHeld(["a": 2, "b": 2]) == false)
        #expect(condition(0).isHeld(["a": .nan, "b": 2]) == false)
        #expect(condition(0).isHeld(["a": 1, "b": .nan]) == false)
        #expect(condition(0).isHeld(["a": 1, "b": .infinity]) == true)
        #expect(condition(0).isHeld(["a": 1]) == nil)
        #expect(condition(0.1).isHeld(["a": 1.95, "b": 2]) == false)
        #expect(condition(0.1).isHeld(["a": 1.85, "b": 2]) == true)
    }

    @Test("Intervals of many regions have their confidence together")
    func simultaneous() {
        #expect(abs(criteria.simultaneous(10) - 0.995) < 1e-15)
        #expect(criteria.simultaneous(1) == criteria.confidence)
    }
}
