public import Foundation

/// JSON with one spelling for each value: keys sorted, no spaces, doubles in the shortest form that
/// reads back as the same double. Equal values have equal bytes, so that a text can be hashed.
///
/// What JSON has no number for is one of the strings `"NaN"`, `"Infinity"`, `"-Infinity"`, as everywhere in this
/// program. The work is Foundation's.
public enum CanonicalJSON {
    /// The text of a value.
    ///
    /// - Throws: what the value's own `encode(to:)` throws; values made of numbers, strings, arrays
    ///   and optionals do not.
    public static func text(_ value: some Encodable) throws -> String {
        let encoder = encoder
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: Double.infinity.exactText, negativeInfinity: (-Double.infinity).exactText,
            nan: Double.nan.exactText)
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The bytes of a value whose numbers are finite.
    ///
    /// - Throws: `EncodingError` if one is not.
    public static func finiteData(_ value: some Encodable) throws -> Data { try encoder.encode(value) }

    /// The value of a text.
    ///
    /// - Throws: `DecodingError` if the text is not one of `Value`.
    public static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: Double.infinity.exactText, negativeInfinity: (-Double.infinity).exactText,
            nan: Double.nan.exactText)
        return try decoder.decode(type, from: Data(text.utf8))
    }

    /// The text in quotes, escaped where JSON demands it and nowhere else.
    package static func quoted(_ text: String) -> String {
        // Encoding a string does not fail.
        (try? Self.text(text)) ?? "\"\""
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension Double {
    /// The shortest decimal form that reads back as the same double, for CSV and JSON.
    ///
    /// What is not finite is `NaN`, `Infinity` or `-Infinity`: Python's `float`, JavaScript's
    /// `Number`, C's `strtod` and Swift's `Double` all read these words back.
    package var exactText: String {
        if isFinite { return description }
        return isNaN ? "NaN" : self < 0 ? "-Infinity" : "Infinity"
    }
}
