// The format: "pt", the version, the kind ("s" seeded, "c" choices), "-", and the base-32 digits of the payload
// followed by the four bytes of its checksum. The payload is a row of numbers, seven bits to a byte, low bits first:
// seed, index, size for a seeded case; size and then the choices otherwise. The checksum covers the kind too.

extension ReplayToken: LosslessStringConvertible {
    /// The printable form: letters, digits and one hyphen. ``init(parsing:)`` gives the token back.
    public var description: String {
        let payload = numbers.flatMap(Self.bytes)
        let sum = cyclicRedundancyCheck32([kind] + payload)
        let tail = (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
        return "pt1" + String(UnicodeScalar(kind)) + "-" + Base32.encode(payload + tail)
    }

    /// The token with this text, or nil where ``init(parsing:)`` would throw.
    public init?(_ description: String) {
        guard let token = try? ReplayToken(parsing: description) else { return nil }
        self = token
    }

    /// Reads the printable form, in upper or lower case, and says what is wrong with any other text.
    public init(parsing text: String) throws(ReplayTokenError) {
        let lowered = Array(text.lowercased())
        guard let hyphen = lowered.firstIndex(of: "-"), hyphen >= 4, lowered.starts(with: "pt") else {
            throw .notAToken(text)
        }
        let version = String(lowered[2..<(hyphen - 1)])
        guard version == "1" else { throw .unknownVersion(version) }
        let kind = lowered[hyphen - 1]
        guard kind == "s" || kind == "c" else { throw .notAToken(text) }

        let bytes = try Self.bytes(ofDigits: String(lowered[(hyphen + 1)...]), offset: hyphen + 1)
        guard bytes.count > 4 else { throw .truncated }
        let payload = Array(bytes.dropLast(4))
        let sum = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard cyclicRedundancyCheck32([kind.asciiValue ?? 0] + payload) == sum else { throw .wrongChecksum }

        let numbers = try Self.numbers(from: payload)
        if kind == "s" {
            guard numbers.count == 3 else { throw .impossibleContent("not seed, index and size") }
            self = .seeded(
                seed: numbers[0], index: Int(truncatingIfNeeded: numbers[1]), size: try Self.size(numbers[2]))
        } else {
            self = .choices(Array(numbers.dropFirst()), size: try Self.size(numbers[0]))
        }
    }

    private var kind: UInt8 {
        switch self {
        case .seeded: UInt8(ascii: "s")
        case .choices: UInt8(ascii: "c")
        }
    }

    private var numbers: [UInt64] {
        switch self {
        case .seeded(let seed, let index, let size): [seed, UInt64(bitPattern: Int64(index)), Self.word(size)]
        case .choices(let choices, let size): [Self.word(size)] + choices
        }
    }

    private static func word(_ size: Int) -> UInt64 {
        UInt64(size.clamped(to: SizeSchedule.sizes))
    }

    private static func size(_ word: UInt64) throws(ReplayTokenError) -> Int {
        guard let size = Int(exactly: word), SizeSchedule.sizes.contains(size) else {
            throw .impossibleContent("size \(word), beyond \(SizeSchedule.sizes.upperBound)")
        }
        return size
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = number
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func bytes(ofDigits digits: String, offset: Int) throws(ReplayTokenError) -> [UInt8] {
        do {
            return try Base32.decode(digits)
        } catch {
            switch error {
            case .illegalCharacter(let character, let position):
                throw .illegalCharacter(character, offset: offset + position)
            case .illegalEnd:
                throw .truncated
            }
        }
    }

    private static func numbers(from bytes: [UInt8]) throws(ReplayTokenError) -> [UInt64] {
        var numbers: [UInt64] = []
        var number: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            let digit = UInt64(byte & 127)
            // The tenth byte has room for one bit only.
            guard shift < 63 || (shift == 63 && digit <= 1) else { throw .impossibleContent("a number beyond 64 bits") }
            number |= digit << shift
            shift += 7
            if byte < 128 {
                numbers.append(number)
                (number, shift) = (0, 0)
            }
        }
        guard shift == 0 else { throw .truncated }
        return numbers
    }
}
