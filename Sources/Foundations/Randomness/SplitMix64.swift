/// The bit generator SplitMix64 of Steele, Lea and Flood: a counter passed through a bijective mixer.
///
/// It spreads a seed of any quality (0, 1, 2, …) over the state of ``RandomGenerator``. Its outputs over one
/// period are a permutation of all 64-bit words, so four consecutive ones are never all zero.
package struct SplitMix64: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// The mixer alone: a bijection of the 64-bit words in which each input bit flips about half of the output.
    package static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
