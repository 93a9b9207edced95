/// Bytes as lower-case base-32 text in Crockford's alphabet: no letter i, l, o or u, so the text can be read aloud,
/// retyped and selected with a double click, and survives a change of case.
package enum Base32 {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    private static let digits = Dictionary(
        uniqueKeysWithValues: alphabet.enumerated().map { ($0.element, UInt32($0.offset)) })

    /// What is wrong with a text.
    package enum Failure: Error, Equatable {
        case illegalCharacter(Character, offset: Int)
        /// The bits that do not fill a byte are not zero, or fill whole characters: no encoding ends like this.
        case illegalEnd
    }

    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        var buffer: UInt32 = 0
        var count = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(buffer >> UInt32(count) & 31)])
            }
            buffer &= (1 << UInt32(count)) - 1
        }
        if count > 0 { text.append(alphabet[Int(buffer << UInt32(5 - count) & 31)]) }
        return text
    }

    /// The bytes whose encoding is `text`, in upper or lower case.
    package static func decode(_ text: some StringProtocol) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var count = 0
        for (offset, character) in text.lowercased().enumerated() {
            guard let digit = digits[character] else { throw .illegalCharacter(character, offset: offset) }
            buffer = buffer << 5 | digit
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(buffer >> UInt32(count)))
                buffer &= (1 << UInt32(count)) - 1
            }
        }
        guard count < 5, buffer == 0 else { throw .illegalEnd }
        return bytes
    }
}
