internal import Foundation

/// JSON with one spelling for each value: keys sorted, no spaces, doubles in the shortest form that
/// reads back as the same double. Equal values have equal bytes, so that a text can be hashed.
///
/// What JSON has no number for is one of the strings `"NaN"`, `"Infinity"`, `"-Infinity"`.
public enum CanonicalJSON {
    /// The text of a value.
    ///
    /// - Throws: what the value's own `encode(to:)` throws; values made of numbers, strings, arrays
    ///   and optionals do not.
    public static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The value of a text.
    ///
    /// - Throws: `DecodingError` if the text is not one of `Value`.
    public static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try decoder.decode(type, from: Data(text.utf8))
    }
}
