import PropertyTesting
import Randomness
import Synchronization
import Testing

/// A search over raw sequences: each choice has the bound 1000, and what fails is decided on the choices read.
private func smallest(
    from start: [UInt64], limit: Int = 20_000, reads length: @escaping ([UInt64]) -> Int = { $0.count },
    failing: @escaping ([UInt64]) -> Bool
) -> (choices: [UInt64], isFinished: Bool, replays: Int) {
    func replay(_ choices: [UInt64]) -> Shrinker.Trial {
        var source = ChoiceSource(.choices(choices, size: 100))
        for _ in 0..<length(choices) { _ = try? source.draw(upTo: 1000) }
        return Shrinker.Trial(recording: source.recording, fails: failing(source.recording.choices))
    }
    var shrinker = Shrinker(start: replay(start).recording, limit: limit) { replay($0) }
    let isFinished = shrinker.run()
    return (shrinker.best.choices, isFinished, shrinker.replays)
}

@Suite struct `The shrinker` {
    @Test func `orders sequences by length and then lexicographically`() {
        #expect(precedesInShortlex([9], [0, 0]))
        #expect(precedesInShortlex([1, 9], [2, 0]))
        #expect(!precedesInShortlex([1, 2], [1, 2]))
        #expect(!precedesInShortlex([0, 0], [9]))
        #expect(precedesInShortlex([], [0]))
    }

    @Test func `deletes, zeroes and lowers without any groups`() {
        let start: [UInt64] = [5, 900, 17, 3, 800, 2, 2, 650, 1]
        #expect(smallest(from: start) { $0.contains { $0 >= 600 } }.choices == [600])
        #expect(smallest(from: start) { $0.count >= 4 }.choices == [0, 0, 0, 0])
        #expect(smallest(from: start) { $0.contains(17) }.choices == [17])
        #expect(smallest(from: start) { _ in true }.choices == [])
        // All of them are 0 or none is.
        #expect(smallest(from: [5, 7, 9]) { $0 == [5, 7, 9] || $0 == [0, 0, 0] }.choices == [0, 0, 0])
    }

    @Test func `never returns a case that does not fail`() {
        for salt in 0..<200 as Range<UInt64> {
            // A failure without any structure: what remains is only locally minimal.
            func failing(_ choices: [UInt64]) -> Bool {
                choices.reduce(salt) { SplitMix64.mix($0 &+ $1 &+ 1) } % 5 == 0
            }
            var bits = RandomGenerator(seed: salt, index: 0)
            let start = (0..<12).map { _ in bits.uniform(upTo: 1000) }
            guard failing(start) else { continue }
            let result = smallest(from: start, failing: failing)
            #expect(failing(result.choices))
            #expect(result.choices == start || precedesInShortlex(result.choices, start))
        }
    }

    @Test func `a search from its own result finds nothing more`() {
        func failing(_ choices: [UInt64]) -> Bool { choices.reduce(0, +) >= 1500 && choices.count % 3 == 1 }
        let first = smallest(from: [400, 300, 200, 100, 50, 600, 900], failing: failing).choices
        #expect(smallest(from: first, failing: failing).choices == first)
        #expect(first == [0, 0, 500, 1000])
    }

    @Test func `orders, moves and lowers pairs`() {
        #expect(smallest(from: [900, 30]) { $0.count == 2 && $0.contains(30) && $0.contains(900) }.choices == [30, 900])
        #expect(smallest(from: [700, 200]) { $0.count == 2 && $0[0] + $0[1] == 900 }.choices == [0, 900])
        #expect(smallest(from: [700, 200]) { $0.count == 2 && $0[0] >= $0[1] + 500 }.choices == [500, 0])
        #expect(smallest(from: [200, 700]) { $0.count == 2 && $0[1] == $0[0] + 500 }.choices == [0, 500])
        let equal = smallest(from: [77, 77, 1, 77]) { $0.count == 4 && Set([$0[0], $0[1], $0[3]]).count == 1 && $0[0] > 6 }
        #expect(equal.choices == [7, 7, 0, 7])
    }

    @Test func `raises the next choice where that removes one`() {
        // A fraction in thousandths and an integer part: 3.9 becomes 4.
        let result = smallest(from: [900, 3], reads: { _ in 2 }) { $0[1] * 1000 + $0[0] >= 3_700 }
        #expect(result.choices == [0, 4])
    }

    @Test func `lowers a length together with what it governs`() {
        // The first choice says how many follow.
        let result = smallest(from: [5, 0, 0, 0, 0, 9], reads: { 1 + Int(min($0.first ?? 0, 50)) }) {
            $0.count > 1 && $0.contains { $0 == 9 } && $0[0] != 9
        }
        #expect(result.choices == [1, 9])
    }

    @Test func `stops at the limit and says so`() {
        let result = smallest(from: [999, 999, 999], limit: 5) { $0.count == 3 && $0.reduce(0, +) > 100 }
        #expect(!result.isFinished)
        #expect(result.replays == 5)
        #expect(smallest(from: [999], limit: 0) { _ in true }.choices == [999])
    }

    @Test func `gets through a case of many choices within the limit`() throws {
        let kept = Mutex<[Double]>([])
        let property = Property("large", .array(of: .gaussian(), count: 250)) { values in
            kept.withLock { $0 = values }
            return values.count { $0 > 1 } < 9
        }
        let counterexample = try #require(property.check().counterexample)
        #expect(counterexample.shrinkReplays < 5_000)
        _ = property.replay(counterexample.token)
        // Nine times the smallest integer above 1, and nothing else.
        #expect(kept.withLock { $0 }.sorted() == [Double](repeating: 0, count: 241) + [Double](repeating: 2, count: 9))
    }

    @Test func `each case it runs keeps the promises of the generator`() {
        let broken = Mutex(0)
        let ordered = Generator<(Int, Int)> { source in
            let low = try source.draw(.int(in: -50...50))
            return (low, low + (try source.draw(.int(in: 1...50))))
        }
        let even = Generator.int(in: 0...200).filter { $0 % 2 == 0 }
        let property = Property("promises", .array(of: .zip(ordered, even), count: 1...9)) { values in
            let kept = values.allSatisfy { $0.0.0 < $0.0.1 && $0.1 % 2 == 0 } && (1...9).contains(values.count)
            if !kept { broken.withLock { $0 += 1 } }
            return values.reduce(0) { $0 + $1.1 } < 300
        }
        let counterexample = property.check().counterexample
        #expect(counterexample?.description == "[((0, 1), 100), ((0, 1), 200)]")
        #expect((counterexample?.shrinkReplays ?? 0) > 50)
        #expect(broken.withLock { $0 } == 0)
    }

    @Test func `a violated bound does not shrink into an error or a margin that is no number`() throws {
        let property = Property("kinds", .int(in: 0...1000)) { value -> Double in
            if value == 0 { throw PlantedError() }
            if value < 20 { return .nan }
            return value < 100 ? 0.5 : Double(value) / 50
        }
        let bound = try #require(property.check(CheckSettings(seed: 3)).counterexample)
        #expect(bound.description == "100")
        #expect(bound.verdict == .violated(margin: 2))

        let number = property.replay(.choices([19], size: 1))
        #expect(number.verdict == .violated(margin: .nan))
        #expect(!number.verdict.isSameFailure(as: bound.verdict))
        #expect(CaseVerdict.threw(type: "A", message: "1").isSameFailure(as: .threw(type: "A", message: "2")))
        #expect(!CaseVerdict.threw(type: "A", message: "1").isSameFailure(as: .threw(type: "B", message: "1")))
        #expect(!CaseVerdict.held(margin: 0).isSameFailure(as: .held(margin: 0)))
    }
}
