internal import Randomness

/// Where generators get their choices from: fresh random ones, or the recorded ones of an earlier case.
///
/// Every value that a generator makes is a function of the size and of a sequence of bounded natural numbers, the
/// *choices*. The source records the sequence. Shrinking edits the record and replays it, so a generator needs no
/// shrinker of its own, and every shrunk case is one that the generator could have made.
///
/// Replaying is total: a choice beyond its bound is lowered to the bound, and past the end of the record each choice
/// is 0. So 0 should always lead to the simplest value, and to the end of a repetition.
public struct ChoiceSource: Sendable {
    /// The most choices one case may draw. A case that wants more is discarded, so a generator whose recursion does
    /// not end is reported and does not hang.
    public static let limit = 65_536

    /// The most generators that may draw from within one another, so that a recursion which draws little cannot
    /// exhaust the stack. A case that nests deeper is discarded.
    public static let depthLimit = 500

    /// How large the case should be, from 0 to 100: a percentage of the full extent.
    public let size: Int

    package private(set) var recording = Recording()
    private var random: RandomGenerator?
    private var replayed: [UInt64] = []
    private var depth = 0

    /// The source of the case that `token` names.
    package init(_ token: ReplayToken) {
        switch token {
        case .seeded(let seed, let index, let size):
            self.size = size.clamped(to: SizeSchedule.sizes)
            random = RandomGenerator(seed: seed, index: UInt64(bitPattern: Int64(index)))
        case .choices(let choices, let size):
            self.size = size.clamped(to: SizeSchedule.sizes)
            replayed = choices
        }
    }

    /// Draws a number from `0...bound`: uniform in a fresh case, the recorded one in a replayed case.
    ///
    /// The number 0 counts as simplest and smaller numbers as simpler; shrinking lowers them. A bound of 0 leaves
    /// nothing to choose and records nothing.
    public mutating func draw(upTo bound: UInt64) throws(Discard) -> UInt64 {
        try draw(upTo: bound, proposing: nil)
    }

    /// Draws a value of `generator`. Its choices form a group, which shrinking can delete or move as a whole.
    public mutating func draw<Value>(_ generator: Generator<Value>) throws -> Value {
        try group { source in try generator.make(&source) }
    }

    /// Draws as ``draw(upTo:)`` does, but a fresh case takes the proposed number instead of a uniform one.
    ///
    /// This separates what the choices mean (simple first) from how they are distributed.
    mutating func draw(upTo bound: UInt64, proposing proposal: UInt64?) throws(Discard) -> UInt64 {
        guard bound > 0 else { return 0 }
        guard recording.choices.count < Self.limit else {
            throw Discard("a case drew more than \(Self.limit) choices")
        }
        let choice: UInt64
        if let proposal {
            choice = min(proposal, bound)
        } else if let fresh = random?.uniform(upTo: bound) {
            choice = fresh
        } else {
            let position = recording.choices.count
            choice = position < replayed.count ? min(replayed[position], bound) : 0
        }
        recording.append(choice, bound: bound)
        return choice
    }

    /// A sample from the bit generator in a fresh case, nil in a replayed one: what to propose to the next draws.
    mutating func sample<Value>(_ sampler: (inout RandomGenerator) -> Value) -> Value? {
        random == nil ? nil : sampler(&random!)
    }

    /// Runs `body` and marks the choices that it drew as a group.
    mutating func group<Value>(_ body: (inout ChoiceSource) throws -> Value) throws -> Value {
        guard depth < Self.depthLimit else {
            throw Discard("a case nested more than \(Self.depthLimit) generators")
        }
        depth += 1
        defer { depth -= 1 }
        let start = recording.choices.count
        let value = try body(&self)
        recording.mark(start..<recording.choices.count)
        return value
    }
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
