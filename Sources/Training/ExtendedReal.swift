/// Numbers that may be infinite, in formats such as JSON that only have finite ones: infinity is the
/// string `infinity`.
extension KeyedEncodingContainer {
    mutating func encodeExtended(_ value: Double, _ key: Key) throws {
        if value == .infinity {
            try encode("infinity", forKey: key)
        } else {
            try encode(value, forKey: key)
        }
    }
}

extension KeyedDecodingContainer {
    func decodeExtended(_ key: Key) throws -> Double {
        if let text = try? decode(String.self, forKey: key) {
            guard text == "infinity" else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: self, debugDescription: "expected a number or infinity")
            }
            return .infinity
        }
        return try decode(Double.self, forKey: key)
    }
}
