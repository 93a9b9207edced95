/// The header of a safetensors file: which tensor lies where. Parsed here, checked against the data
/// in `SafetensorsHeader+Layout`.
struct SafetensorsHeader {
    /// What the header says of one tensor. `begin` and `end` count from the first byte of data.
    struct Entry {
        let name: String
        /// `nil` where the tensor is to be ignored, whatever its type.
        let elementType: Safetensors.ElementType?
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    /// The longest header of the reference implementation.
    static let lengthLimit = 100_000_000

    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]

    /// Parses the header's bytes.
    ///
    /// Stricter than JSON where the format is: the first byte is `{`, names are unique, numbers are
    /// nonnegative integers. Stricter than the reference implementation in one point: a field of a
    /// tensor other than `dtype`, `shape` and `data_offsets` is refused, not ignored.
    ///
    /// - Parameter prefix: tensors whose name begins so may have any type.
    /// - Parameter bytes: the header, without its length.
    /// - Parameter file: stands for the file in errors.
    init(
        parsing bytes: ArraySlice<UInt8>, file: String, ignoring prefix: String? = nil
    ) throws(SafetensorsError) {
        var cursor = JSONCursor(bytes, file: file)
        guard bytes.first == UInt8(ascii: "{") else {
            throw cursor.malformed(expected: "'{' as the first byte")
        }
        _ = cursor.skip(UInt8(ascii: "{"))
        var names: Set<String> = []
        if !cursor.skip(UInt8(ascii: "}")) {
            repeat {
                let name = try Self.name(&cursor, notIn: &names, file: file)
                if name == "__metadata__" {
                    metadata = try Self.metadata(&cursor, file: file)
                } else {
                    let isIgnored = prefix.map(name.hasPrefix) ?? false
                    entries.append(try Self.entry(&cursor, name: name, file: file, isIgnored: isIgnored))
                }
            } while try cursor.another(before: UInt8(ascii: "}"))
        }
        try cursor.expectEnd()
    }

    /// A member's name and its colon; the name must be new.
    private static func name(
        _ cursor: inout JSONCursor, notIn names: inout Set<String>, file: String
    ) throws(SafetensorsError) -> String {
        let offset = cursor.offset
        let name = try cursor.string()
        guard names.insert(name).inserted else {
            throw .duplicateName(file: file, offset: offset, name: name)
        }
        try cursor.expect(UInt8(ascii: ":"), "':'")
        return name
    }

    private static func metadata(
        _ cursor: inout JSONCursor, file: String
    ) throws(SafetensorsError) -> [String: String] {
        var result: [String: String] = [:]
        var names: Set<String> = []
        try cursor.expect(UInt8(ascii: "{"), "'{' of the metadata")
        if cursor.skip(UInt8(ascii: "}")) { return result }
        repeat {
            let key = try name(&cursor, notIn: &names, file: file)
            result[key] = try cursor.string()
        } while try cursor.another(before: UInt8(ascii: "}"))
        return result
    }

    private static func entry(
        _ cursor: inout JSONCursor, name tensor: String, file: String, isIgnored: Bool
    ) throws(SafetensorsError) -> Entry {
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        var names: Set<String> = []
        try cursor.expect(UInt8(ascii: "{"), "'{' of a tensor")
        if !cursor.skip(UInt8(ascii: "}")) {
            repeat {
                let before = cursor
                switch try name(&cursor, notIn: &names, file: file) {
                case "dtype": type = try cursor.string()
                case "shape": shape = try sizes(&cursor, count: nil)
                case "data_offsets": offsets = try sizes(&cursor, count: 2)
                default:
                    throw before.malformed(
                        expected: "\"dtype\", \"shape\" or \"data_offsets\"")
                }
            } while try cursor.another(before: UInt8(ascii: "}"))
        }
        guard let type else { throw .missingField(file: file, tensor: tensor, field: "dtype") }
        guard let shape else { throw .missingField(file: file, tensor: tensor, field: "shape") }
        guard let offsets else {
            throw .missingField(file: file, tensor: tensor, field: "data_offsets")
        }
        let elementType = isIgnored ? nil : Safetensors.ElementType(rawValue: type)
        guard isIgnored || elementType != nil else {
            throw .unsupportedElementType(file: file, tensor: tensor, found: type)
        }
        return Entry(
            name: tensor, elementType: elementType, shape: shape, begin: offsets[0],
            end: offsets[1])
    }

    /// An array of sizes, of exactly `count` if that is given.
    private static func sizes(
        _ cursor: inout JSONCursor, count: Int?
    ) throws(SafetensorsError) -> [Int] {
        var result: [Int] = []
        try cursor.expect(UInt8(ascii: "["), "'['")
        let start = cursor
        if !cursor.skip(UInt8(ascii: "]")) {
            repeat {
                result.append(try cursor.size())
            } while try cursor.another(before: UInt8(ascii: "]"))
        }
        if let count, result.count != count {
            throw start.malformed(expected: "\(count) numbers, not \(result.count)")
        }
        return result
    }
}
