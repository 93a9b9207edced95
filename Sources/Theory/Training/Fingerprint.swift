internal import LinearAlgebra

/// A 64-bit hash that is the same on every platform and in every version: the words are multiplied
/// and mixed one after the other, as FNV-1a does with bytes.
///
/// It detects accidents, not forgeries.
struct Fingerprint {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func combine(word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
    }

    /// The shape and all bits of the elements.
    mutating func combine(_ matrix: Matrix<Float>) {
        combine(word: UInt64(matrix.rows))
        combine(word: UInt64(matrix.columns))
        let count = matrix.count
        matrix.withPointer { x in
            for i in 0..<count { combine(word: UInt64(x[i].bitPattern)) }
        }
    }

    /// Bytes, eight to a word, the last word filled up with zeros; their number is mixed in.
    mutating func combine(bytes: UnsafeRawBufferPointer) {
        combine(word: UInt64(bytes.count))
        let whole = bytes.count & ~7
        for offset in stride(from: 0, to: whole, by: 8) {
            combine(word: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
        }
        var last: UInt64 = 0
        for offset in whole..<bytes.count {
            last |= UInt64(bytes[offset]) << UInt64(8 * (offset - whole))
        }
        combine(word: last)
    }
}
