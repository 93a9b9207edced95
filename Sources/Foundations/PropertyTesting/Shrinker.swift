internal import Randomness

/// Searches for the shortlex-smallest choice sequence that still fails.
///
/// It knows nothing of values: it edits the recorded choices and replays them. Each accepted edit makes the sequence
/// smaller, and the passes repeat until none finds an improvement, so the search ends. It is a local search: the
/// result is minimal for the edits that the passes make, not in general.
package struct Shrinker {
    /// One replay, discarded ones included, which do not fail.
    package struct Trial {
        package let recording: Recording
        package let fails: Bool

        package init(recording: Recording, fails: Bool) {
            self.recording = recording
            self.fails = fails
        }
    }

    package private(set) var best: Recording
    /// How many edits were accepted.
    package private(set) var steps = 0
    package private(set) var replays = 0
    /// How many choices the replay of the latest edit drew, whether or not it failed; nil if nothing was replayed.
    private(set) var latestLength: Int?
    private let limit: Int
    private let replay: ([UInt64]) -> Trial?
    /// The lengths drawn by the edits tried so far, by fingerprint.
    private var tried: [UInt64: Int?]

    /// A search from a failing recording. `replay` runs a choice sequence; nil rejects it without a trial.
    package init(start: Recording, limit: Int, replay: @escaping ([UInt64]) -> Trial?) {
        best = start
        tried = [Self.fingerprint(start.choices): start.choices.count]
        self.limit = limit
        self.replay = replay
    }

    /// Searches until nothing changes or the limit of replays is reached; returns whether it was the former.
    package mutating func run() -> Bool {
        var before: Int
        repeat {
            before = steps
            deleteSpans()
            deleteBlocks()
            hoistSpans()
            zeroSpans()
            zeroBlocks()
            lowerEach()
            lowerAndDelete()
            lowerDuplicates()
            carry()
            lowerPairs()
            reorderSpans()
        } while steps > before && !isSpent
        return !isSpent
    }

    var isSpent: Bool { replays >= limit }

    /// Replays a candidate and keeps it if it fails and is smaller than the best so far.
    ///
    /// What counts is what the replay drew, which may be shorter than the candidate or lower.
    @discardableResult
    mutating func consider(_ candidate: [UInt64]) -> Bool {
        let fingerprint = Self.fingerprint(candidate)
        if let known = tried[fingerprint] {
            latestLength = known
            return false
        }
        latestLength = nil
        guard !isSpent else { return false }
        replays += 1
        let trial = replay(candidate)
        latestLength = trial?.recording.choices.count
        tried.updateValue(latestLength, forKey: fingerprint)
        guard let trial else { return false }
        guard trial.fails, precedesInShortlex(trial.recording.choices, best.choices) else { return false }
        best = trial.recording
        steps += 1
        tried.updateValue(best.choices.count, forKey: Self.fingerprint(best.choices))
        return true
    }

    /// Whether the best still has these values at these positions, after an edit that may have changed its shape.
    func holds(_ values: [UInt64], at positions: [Int]) -> Bool {
        zip(positions, values).allSatisfy { $0 < best.choices.count && best.choices[$0] == $1 }
    }

    /// Considers the best with other values at some positions. True only if exactly these values were accepted.
    mutating func set(_ values: [UInt64], at positions: [Int]) -> Bool {
        var candidate = best.choices
        for (position, value) in zip(positions, values) {
            guard position < candidate.count else { return false }
            candidate[position] = value
        }
        return consider(candidate) && holds(values, at: positions)
    }

    /// A 64-bit digest: thousands of long candidates would be too much to keep. A collision skips one candidate.
    ///
    /// Zeros at the end do not count, as they are replayed whether or not they are there.
    private static func fingerprint(_ choices: [UInt64]) -> UInt64 {
        let end = choices.lastIndex { $0 != 0 } ?? -1
        return choices[..<(end + 1)].reduce(0) { digest, choice in
            SplitMix64.mix((digest &+ 0x9E37_79B9_7F4A_7C15) ^ (choice &* 0xD1B5_4A32_D192_ED03))
        }
    }
}
