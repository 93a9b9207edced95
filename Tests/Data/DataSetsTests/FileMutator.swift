import Randomness

/// Damages files at random, but repeatably: mutation `n` depends only on the file and on `n`.
struct FileMutator {
    private var generator: RandomGenerator

    init(number: Int) { generator = RandomGenerator(seed: 0x6669_6C65, stream: UInt64(number)) }

    private mutating func pick(_ bound: Int) -> Int {
        Int(generator.next(below: UInt64(max(0, bound))))
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[pick(choices.count)]
    }

    /// The file with one to three random changes.
    mutating func mutate(_ file: [UInt8]) -> [UInt8] {
        var bytes = file
        for _ in 0...pick(3) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        // The front, where headers are, is the more interesting part.
        let at = pick(2) == 0 ? pick(bytes.count + 1) : pick(min(bytes.count, 24) + 1)
        switch pick(10) {
        case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8(pick(8))
        case 1 where at < bytes.count:
            bytes[at] = pick([0, 1, 8, 0x7F, 0x80, 0xFF, 0x22, 0x5C, 0x7B, 0x7D])
        case 2: bytes.removeLast(bytes.count - at)
        case 3: bytes += [UInt8](repeating: UInt8(pick(256)), count: pick(20))
        case 4: bytes.removeSubrange(at..<min(bytes.count, at + pick(12)))
        case 5: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + pick(40))], at: at)
        case 6: replaceField(&bytes, at: at)
        case 7: replaceNumber(&bytes)
        case 8: replaceList(&bytes)
        default:
            let digits = [UInt8](repeating: 0x30 + UInt8(pick(10)), count: pick(25))
            bytes.insert(contentsOf: digits, at: at)
        }
    }

    /// Overwrites a binary field of 4 or 8 bytes with an extreme number, in either byte order.
    private mutating func replaceField(_ bytes: inout [UInt8], at: Int) {
        let number: UInt64 = pick([
            0, 1, 2, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 62, .max, UInt64(bytes.count),
        ])
        let width = pick([4, 8])
        guard at + width <= bytes.count else { return }
        let littleEndian = (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
        bytes.replaceSubrange(
            at..<at + width, with: pick(2) == 0 ? littleEndian : littleEndian.reversed())
    }

    /// Replaces a decimal number by another one of the file, an extreme or a malformed one.
    private mutating func replaceNumber(_ bytes: inout [UInt8]) {
        let isDigit = bytes.map { (0x30...0x39).contains($0) }
        let starts = isDigit.indices.filter { isDigit[$0] && ($0 == 0 || !isDigit[$0 - 1]) }
        guard !starts.isEmpty else { return }
        let numbers = starts.map { $0..<(isDigit[$0...].firstIndex(of: false) ?? isDigit.count) }
        let strange = pick([
            "0", "1", "8", "16", "1000000000000000000", "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616", "4294967296,4294967296", "-1", "1e3", "1.0", "00", "", "[",
            "\"",
        ])
        let text = pick(2) == 0 ? Array(strange.utf8) : Array(bytes[pick(numbers)])
        bytes.replaceSubrange(pick(numbers), with: text)
    }

    /// Replaces a list in brackets by another one of the file: one tensor's offsets by another's.
    private mutating func replaceList(_ bytes: inout [UInt8]) {
        let lists = bytes.indices.filter { bytes[$0] == UInt8(ascii: "[") }.compactMap { start in
            bytes[start...].firstIndex(of: UInt8(ascii: "]")).map { start..<$0 }
        }
        guard !lists.isEmpty else { return }
        let copy = Array(bytes[pick(lists)])
        bytes.replaceSubrange(pick(lists), with: copy)
    }
}
