/// A number that may be infinite, in formats such as JSON that only have finite ones: infinity is the
/// string `infinity`.
@propertyWrapper
public struct ExtendedReal: Codable, Sendable, Hashable {
    public var wrappedValue: Double

    public init(wrappedValue: Double) { self.wrappedValue = wrappedValue }

    /// - Throws: `DecodingError` for any other string, and for what is no number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let text = try? container.decode(String.self) else {
            wrappedValue = try container.decode(Double.self)
            return
        }
        guard text == "infinity" else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected a number or infinity")
        }
        wrappedValue = .infinity
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if wrappedValue == .infinity {
            try container.encode("infinity")
        } else {
            try container.encode(wrappedValue)
        }
    }
}
