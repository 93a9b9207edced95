/// A JSON value whose objects keep the order of their members: equal values have equal bytes.
///
/// ```swift
/// let report: JSONValue = ["alpha": 0.1, "outcome": "converged", "iterations": 5]
/// print(report.text())  // {"alpha": 0.1, "outcome": "converged", "iterations": 5}
/// ```
public enum JSONValue: Sendable, Equatable {
    /// No value.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A whole number, every digit written. JavaScript rounds those beyond 2⁵³.
    case integer(Int)
    /// Written in the shortest form that reads back as the same double. What JSON has no number for
    /// becomes one of the strings `"NaN"`, `"Infinity"`, `"-Infinity"`.
    case number(Double)
    /// A string of any characters; escaped when written.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in order. Their keys should be distinct; nothing checks it.
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Equatable {
        /// The name.
        public let key: String
        /// What it stands for.
        public let value: JSONValue

        /// A member `"key": value`.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The value as JSON text without a line break at its end.
    ///
    /// An array or object stands on one line if it fits in `width` characters with its indentation,
    /// or else has one line for each element, indented by two spaces.
    public func text(width: Int = 100) -> String { text(width: width, column: 0, indentation: 0) }

    /// - Parameters:
    ///   - column: how much of the line is taken by what stands before the value or after it.
    ///   - indentation: where the line starts.
    private func text(width: Int, column: Int, indentation: Int) -> String {
        let compact = self.compact
        if column + compact.count <= width { return compact }
        let inner = String(repeating: " ", count: indentation + 2)
        let end = "\n" + String(repeating: " ", count: indentation)
        switch self {
        case .array(let values) where !values.isEmpty:
            let lines = values.map { value in
                inner
                    + value.text(
                        width: width, column: inner.count + 1, indentation: inner.count)
            }
            return "[\n" + lines.joined(separator: ",\n") + end + "]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { member in
                let start = inner + Self.quoted(member.key) + ": "
                return start
                    + member.value.text(
                        width: width, column: start.count + 1, indentation: inner.count)
            }
            return "{\n" + lines.joined(separator: ",\n") + end + "}"
        default: return compact
        }
    }

    private var compact: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): value.isFinite ? value.exactText : Self.quoted(value.exactText)
        case .string(let value): Self.quoted(value)
        case .array(let values): "[" + values.map(\.compact).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.map { Self.quoted($0.key) + ": " + $0.value.compact }
                .joined(separator: ", ") + "}"
        }
    }

    /// The string in quotes, with everything escaped that JSON or a JavaScript source demands.
    private static func quoted(_ string: String) -> String {
        var quoted = CanonicalJSON.quoted(string)
        for scalar in ["\u{7F}", "\u{2028}", "\u{2029}"] as [Unicode.Scalar] where string.unicodeScalars.contains(scalar) {
            let digits = String(scalar.value, radix: 16)
            quoted = quoted.replacing(
                String(scalar), with: "\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        }
        return quoted
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// The order of the literal is kept.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }
}
