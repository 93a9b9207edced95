internal import RealModule

/// The project's source of random bits: xoshiro256** seeded through SplitMix64.
///
/// A seed means the same sequence on every platform and in every later version; the standard
/// library's sampling makes no such promise. Algorithms: Blackman and Vigna, *Scrambled linear
/// pseudorandom number generators*, ACM TOMS 47 (2021); Steele, Lea and Flood, *Fast splittable
/// pseudorandom number generators*, OOPSLA 2014.
public struct RandomGenerator: Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// A generator whose whole sequence is determined by `seed`.
    public init(seed: UInt64) {
        var mixer = SplitMix64(seed: seed)
        state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
    }

    /// A generator with exactly this state, for comparison with published outputs. The zero state is a fixed point
    /// of the recurrence (it yields only zeros).
    package init(state: (UInt64, UInt64, UInt64, UInt64)) { self.state = state }

    /// A generator for stream number `stream` of `seed`.
    ///
    /// Streams of one seed are as independent as generators of different seeds, so that case
    /// number `i` does not depend on how many numbers the cases before it drew.
    public init(seed: UInt64, stream: UInt64) {
        var mixer = SplitMix64(seed: seed)
        self.init(seed: mixer.next() ^ (stream &* 0xD1B5_4A32_D192_ED03))
    }

    /// The next 64 random bits.
    public mutating func nextBits() -> UInt64 {
        let result = Self.rotateLeft(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotateLeft(state.3, 45)
        return result
    }

    /// An unbiased integer in `0..<bound`; 0 if `bound` is 0 or 1.
    ///
    /// Lemire's multiplication method with rejection.
    public mutating func next(below bound: UInt64) -> UInt64 {
        guard bound > 1 else { return 0 }
        var product = nextBits().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = nextBits().multipliedFullWidth(by: bound) }
        }
        return product.high
    }

    /// A uniform double in `[0, 1)`, a multiple of 2⁻⁵³.
    public mutating func nextUniform() -> Double {
        Double(nextBits() >> 11) * 0x1p-53
    }

    /// A standard normal double, by Marsaglia's polar method (the second value is not kept, so that
    /// the sequence has no hidden state).
    public mutating func nextNormal() -> Double {
        while true {
            let u = 2 * nextUniform() - 1
            let v = 2 * nextUniform() - 1
            let s = u * u + v * v
            if s > 0 && s < 1 { return u * (-2 * Double.log(s) / s).squareRoot() }
        }
    }

    /// The integers `0..<count` in random order (Fisher–Yates).
    public mutating func permutation(of count: Int) -> [Int] {
        var result = Array(0..<max(0, count))
        for i in result.indices.reversed() {
            result.swapAt(i, Int(next(below: UInt64(i + 1))))
        }
        return result
    }

    private static func rotateLeft(_ x: UInt64, _ k: UInt64) -> UInt64 {
        (x << k) | (x >> (64 - k))
    }
}
