import Foundation

/// The bit generator xoshiro256** of Blackman and Vigna.
///
/// All sampling in this module is built on its raw 64-bit words. The standard library's `random(in:)` is never
/// used: how it turns bits into numbers may change between versions, and then a stored seed would name another case.
package struct Xoshiro256StarStar: Sendable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    /// A generator with exactly this state, for comparison with published outputs. The zero state is a fixed point
    /// of the recurrence (it yields only zeros).
    package init(state: (UInt64, UInt64, UInt64, UInt64)) {
        (s0, s1, s2, s3) = state
    }

    /// The generator of case `index` of the run with this seed.
    ///
    /// It depends on nothing else, so cases can be made in any order. Seed and index are mixed separately: the pairs
    /// (seed, index + 1) and (seed + 1, index) give unrelated streams.
    package init(seed: UInt64, index: UInt64) {
        var run = SplitMix64(seed: seed)
        var expander = SplitMix64(seed: run.next() &+ SplitMix64.mix(index))
        (s0, s1, s2, s3) = (expander.next(), expander.next(), expander.next(), expander.next())
    }

    package mutating func next() -> UInt64 {
        let output = Self.rotate(s1 &* 5, by: 7) &* 9
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = Self.rotate(s3, by: 45)
        return output
    }

    /// A word uniform over `0...bound`, by masking and rejection: exact for every bound, at most two words expected.
    package mutating func uniform(upTo bound: UInt64) -> UInt64 {
        guard bound > 0 else { return 0 }
        let mask = UInt64.max >> UInt64(bound.leadingZeroBitCount)
        while true {
            let word = next() & mask
            if word <= bound { return word }
        }
    }

    /// A multiple of 2⁻⁵³ uniform over `[0, 1)`.
    package mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A standard normal number, by Marsaglia's polar method. The second number of each pair is thrown away, so
    /// that no hidden state remains between calls.
    package mutating func gaussian() -> Double {
        while true {
            let u = 2 * unit() - 1
            let v = 2 * unit() - 1
            let s = u * u + v * v
            if s > 0 && s < 1 { return u * (-2 * log(s) / s).squareRoot() }
        }
    }

    private static func rotate(_ word: UInt64, by count: UInt64) -> UInt64 {
        (word << count) | (word >> (64 - count))
    }
}
