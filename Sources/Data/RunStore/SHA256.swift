internal import Foundation

/// The hash function SHA-256 (FIPS 180-4), which names runs and guards what is stored of them.
///
/// Written out here because it is sixty lines, and the alternative is a cryptographic library that
/// takes longer to build than all of this program's dependencies (`docs/dependencies.md`). It is not meant for secrets:
/// it makes no attempt at constant time.
package struct SHA256 {
    private var state: [UInt32] = Self.initialState
    private var block: [UInt8] = []
    private var schedule = [UInt32](repeating: 0, count: 64)
    private var length: UInt64 = 0

    package init() { block.reserveCapacity(64) }

    /// The 64 lower-case hexadecimal digits of the hash of these bytes.
    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// Takes more bytes.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            block.append(byte)
            length &+= 8
            if block.count == 64 { compress() }
        }
    }

    /// Pads, and returns the hash of everything taken.
    package mutating func finish() -> String {
        let bits = length
        update(CollectionOfOne(0x80))
        while block.count != 56 { update(CollectionOfOne(0)) }
        update((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) })
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: state.flatMap { word in
                (0..<8).map { digits[Int(word >> (28 - 4 * UInt32($0))) & 15] }
            }, as: UTF8.self)
    }

    private mutating func compress() {
        for t in 0..<16 {
            schedule[t] =
                UInt32(block[4 * t]) << 24 | UInt32(block[4 * t + 1]) << 16
                | UInt32(block[4 * t + 2]) << 8 | UInt32(block[4 * t + 3])
        }
        for t in 16..<64 {
            let (x, y) = (schedule[t - 15], schedule[t - 2])
            let s0 = Self.rotate(x, 7) ^ Self.rotate(x, 18) ^ (x >> 3)
            let s1 = Self.rotate(y, 17) ^ Self.rotate(y, 19) ^ (y >> 10)
            schedule[t] = schedule[t - 16] &+ s0 &+ schedule[t - 7] &+ s1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let s1 = Self.rotate(e, 6) ^ Self.rotate(e, 11) ^ Self.rotate(e, 25)
            let first = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ Self.constants[t] &+ schedule[t]
            let s0 = Self.rotate(a, 2) ^ Self.rotate(a, 13) ^ Self.rotate(a, 22)
            let second = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
        block.removeAll(keepingCapacity: true)
    }

    private static func rotate(_ x: UInt32, _ count: UInt32) -> UInt32 {
        x >> count | x << (32 - count)
    }

    private static let primes: [Int] = (2..<312).filter { n in
        !(2..<n).contains { $0 * $0 <= n && n.isMultiple(of: $0) }
    }

    /// The first 32 bits of the fractional part. A double has 53 bits, of which the whole part takes at most 5.
    private static func fraction(_ root: Double) -> UInt32 {
        UInt32((root - root.rounded(.down)) * 0x1p32)
    }

    /// Of the square roots of the first 8 primes.
    private static let initialState = primes.prefix(8).map { fraction(Double($0).squareRoot()) }
    /// Of the cube roots of the first 64 primes.
    private static let constants = primes.prefix(64).map { fraction(cbrt(Double($0))) }
}
