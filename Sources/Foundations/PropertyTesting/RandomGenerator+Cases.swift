package import Randomness

extension RandomGenerator {
    /// The generator of case `index` of the run with this seed.
    ///
    /// It depends on nothing else, so cases can be made in any order. Seed and index are mixed separately: the pairs
    /// (seed, index + 1) and (seed + 1, index) give unrelated streams. A replay token names a case by them, so this
    /// must never change.
    package init(seed: UInt64, index: UInt64) {
        var run = SplitMix64(seed: seed)
        self.init(seed: run.next() &+ SplitMix64.mix(index))
    }

    /// A word uniform over `0...bound`, by masking and rejection: exact for every bound, the largest too; at most
    /// two words expected. (`next(below:)` takes other words and so makes other cases of a seed.)
    package mutating func uniform(upTo bound: UInt64) -> UInt64 {
        guard bound > 0 else { return 0 }
        let mask = UInt64.max >> UInt64(bound.leadingZeroBitCount)
        while true {
            let word = nextBits() & mask
            if word <= bound { return word }
        }
    }
}
