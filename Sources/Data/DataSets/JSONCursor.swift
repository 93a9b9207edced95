/// A strict reader of the pieces of JSON (RFC 8259) of which safetensors headers consist.
///
/// There is no tree and no recursion: the caller, who knows what must come next, asks for it, and
/// anything else is an error with its position. So nesting cannot exhaust the stack, and memory is
/// bounded by the header itself.
struct JSONCursor {
    private let bytes: ArraySlice<UInt8>
    private let file: String
    private var position: Int

    /// - Parameter bytes: the header; offsets in errors count from its start.
    init(_ bytes: ArraySlice<UInt8>, file: String) {
        self.bytes = bytes
        self.file = file
        position = bytes.startIndex
    }

    /// The number of bytes before the next one.
    var offset: Int { position - bytes.startIndex }

    private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    /// The error for what stands at the cursor.
    func malformed(expected: String) -> SafetensorsError {
        let found =
            switch next {
            case nil: "the end"
            case .some(let byte) where (0x20...0x7E).contains(byte):
                "'\(Character(Unicode.Scalar(byte)))'"
            case .some(let byte): "byte \(hexadecimal(byte))"
            }
        return .malformedHeader(file: file, offset: offset, found: found, expected: expected)
    }

    /// Skips blanks, and then the byte if it comes next.
    mutating func skip(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Skips blanks and the byte, which must come next.
    mutating func expect(_ byte: UInt8, _ expected: String) throws(SafetensorsError) {
        guard skip(byte) else { throw malformed(expected: expected) }
    }

    /// Skips blanks to the end, which must come next.
    mutating func expectEnd() throws(SafetensorsError) {
        skipBlanks()
        guard next == nil else { throw malformed(expected: "only padding after the header") }
    }

    /// After an element of an object or array: true if a comma promises another one, false at
    /// `close`.
    mutating func another(before close: UInt8) throws(SafetensorsError) -> Bool {
        if skip(UInt8(ascii: ",")) { return true }
        guard skip(close) else {
            throw malformed(expected: "',' or '\(Character(Unicode.Scalar(close)))'")
        }
        return false
    }

    /// A number without sign, fraction, exponent or leading zero, below 2⁶³.
    mutating func size() throws(SafetensorsError) -> Int {
        let expected = "a nonnegative integer below 2^63, without sign, fraction or exponent"
        skipBlanks()
        let start = position
        var value = 0
        while let byte = next, (0x30...0x39).contains(byte) {
            let (tens, overflowTens) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowSum) = tens.addingReportingOverflow(Int(byte - 0x30))
            guard !overflowTens, !overflowSum, position == start || value > 0 else {
                throw malformed(expected: expected)
            }
            value = sum
            position += 1
        }
        guard position > start else { throw malformed(expected: expected) }
        return value
    }

    /// A string in quotation marks, its escapes resolved. It must be valid UTF-8.
    mutating func string() throws(SafetensorsError) -> String {
        try expect(UInt8(ascii: "\""), "a string")
        let start = self
        var content: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else {
                throw malformed(expected: "no control character in a string")
            }
            position += 1
            if byte == UInt8(ascii: "\\") {
                content.append(contentsOf: String(try escape()).utf8)
            } else {
                content.append(byte)
            }
        }
        guard next != nil else { throw malformed(expected: "'\"' at the end of the string") }
        position += 1
        guard let text = String(validating: content, as: UTF8.self) else {
            throw start.malformed(expected: "a string in valid UTF-8")
        }
        return text
    }

    /// The scalar of an escape sequence, after its backslash.
    private mutating func escape() throws(SafetensorsError) -> Unicode.Scalar {
        let simple: [UInt8: Unicode.Scalar] = [
            0x22: "\"", 0x5C: "\\", 0x2F: "/", 0x62: "\u{8}", 0x66: "\u{C}", 0x6E: "\n",
            0x72: "\r", 0x74: "\t",
        ]
        if let byte = next, let scalar = simple[byte] {
            position += 1
            return scalar
        }
        guard next == UInt8(ascii: "u") else { throw malformed(expected: "a JSON escape") }
        let start = self
        position += 1
        let unit = try fourHexDigits()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // A surrogate: only a high one followed by a low one is a character.
        if (0xD800..<0xDC00).contains(unit), next == UInt8(ascii: "\\") {
            position += 1
            if next == UInt8(ascii: "u") {
                position += 1
                let low = try fourHexDigits()
                if (0xDC00..<0xE000).contains(low),
                    let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
                {
                    return scalar
                }
            }
        }
        throw start.malformed(expected: "a pair of surrogates")
    }

    private mutating func fourHexDigits() throws(SafetensorsError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next,
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw malformed(expected: "four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D {
            position += 1
        }
    }
}
