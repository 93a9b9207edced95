internal import JSON
internal import Documents

/// JSON objects as lists of fields: nested members have dotted names, arrays are one text.
enum FlatJSON {
    /// A field; its value is neither an array nor an object.
    typealias Field = (key: String, value: JSONValue)

    /// The fields of an object, by name.
    static func fields(of text: String) throws -> [Field] {
        flatten(try CanonicalJSON.value(JSONValue.self, from: text), "").sorted { $0.key < $1.key }
    }

    /// The names that occur, in order.
    static func keys(of rows: [[Field]]) -> [String] { Set(rows.flatMap { $0.map(\.key) }).sorted() }

    /// The format of a column that holds these values.
    static func format(of key: String, in rows: [[Field]]) -> ColumnFormat {
        let values = rows.flatMap { $0.filter { $0.key == key }.map(\.value) }
        if values.allSatisfy({ if case .integer = $0 { true } else { false } }) { return .integer }
        if values.allSatisfy({ if case .boolean = $0 { true } else { false } }) { return .boolean }
        let isNumeric = values.allSatisfy {
            switch $0 {
            case .integer, .number: true
            default: false
            }
        }
        return isNumeric ? .significant(4) : .text
    }

    private static func flatten(_ value: JSONValue, _ prefix: String) -> [Field] {
        switch value {
        case .null: []
        case .integer, .number, .boolean, .string: [(prefix, value)]
        case .array(let values): [(prefix, .string(values.map(\.fieldText).joined(separator: " ")))]
        case .object(let members):
            members.flatMap { flatten($0.value, prefix.isEmpty ? $0.key : prefix + "." + $0.key) }
        }
    }
}

extension JSONValue {
    /// The value as the text of a field.
    var fieldText: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): value.exactText
        case .boolean(let value): "\(value)"
        case .string(let value): value
        case .null, .array, .object: (try? CanonicalJSON.text(self)) ?? ""
        }
    }

    /// The value of a field in a column of this format: where values of several kinds meet, all are texts.
    func cell(in format: ColumnFormat) -> Cell {
        if format == .text { return .text(fieldText) }
        return switch self {
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .boolean(let value): .boolean(value)
        case .null, .string, .array, .object: .text(fieldText)
        }
    }
}
