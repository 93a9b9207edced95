internal import RunStore
internal import Documents

/// JSON objects as lists of fields: nested members have dotted names, arrays are one text.
enum FlatJSON {
    /// A value of one field.
    enum Value: Equatable {
        case integer(Int)
        case number(Double)
        case boolean(Bool)
        case text(String)

        var text: String {
            switch self {
            case .integer(let value): "\(value)"
            case .number(let value): value.exactText
            case .boolean(let value): "\(value)"
            case .text(let value): value
            }
        }

        var cell: Cell {
            switch self {
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .boolean(let value): .boolean(value)
            case .text(let value): .text(value)
            }
        }
    }

    /// The fields of an object, by name.
    static func fields(of text: String) throws -> [(key: String, value: Value)] {
        flatten(try CanonicalJSON.value(Tree.self, from: text), "").sorted { $0.key < $1.key }
    }

    /// The names that occur, in order.
    static func keys(of rows: [[(key: String, value: Value)]]) -> [String] {
        Set(rows.flatMap { $0.map(\.key) }).sorted()
    }

    /// The format of a column that holds these values.
    static func format(of key: String, in rows: [[(key: String, value: Value)]]) -> ColumnFormat {
        let values = rows.flatMap { $0.filter { $0.key == key }.map(\.value) }
        if values.allSatisfy({ if case .integer = $0 { true } else { false } }) { return .integer }
        if values.allSatisfy({ if case .boolean = $0 { true } else { false } }) { return .boolean }
        let isNumeric = values.allSatisfy {
            switch $0 {
            case .integer, .number: true
            case .boolean, .text: false
            }
        }
        return isNumeric ? .significant(4) : .text
    }

    private static func flatten(_ tree: Tree, _ prefix: String) -> [(key: String, value: Value)] {
        switch tree {
        case .null: []
        case .integer(let value): [(prefix, .integer(value))]
        case .number(let value): [(prefix, .number(value))]
        case .boolean(let value): [(prefix, .boolean(value))]
        case .text("NaN"): [(prefix, .number(.nan))]
        case .text("Infinity"): [(prefix, .number(.infinity))]
        case .text("-Infinity"): [(prefix, .number(-.infinity))]
        case .text(let value): [(prefix, .text(value))]
        case .array(let values):
            [(prefix, .text(values.map { scalar($0) }.joined(separator: " ")))]
        case .object(let members):
            members.flatMap { flatten($0.value, prefix.isEmpty ? $0.key : prefix + "." + $0.key) }
        }
    }

    private static func scalar(_ tree: Tree) -> String {
        switch tree {
        case .array, .object, .null: (try? CanonicalJSON.text(tree)) ?? ""
        default: flatten(tree, "").first?.value.text ?? ""
        }
    }

    /// Any JSON value.
    private indirect enum Tree: Codable {
        case null, integer(Int), number(Double), boolean(Bool), text(String)
        case array([Tree])
        case object([String: Tree])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .boolean(value)
            } else if let value = try? container.decode(String.self) {
                // Before numbers, or the word NaN would be read as one.
                self = .text(value)
            } else if let value = try? container.decode(Int.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode([Tree].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Tree].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .integer(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .boolean(let value): try container.encode(value)
            case .text(let value): try container.encode(value)
            case .array(let values): try container.encode(values)
            case .object(let members): try container.encode(members)
            }
        }
    }
}
