/// What can be wrong with an IDX file. Every case names the file, and says what was found and what
/// was expected.
public enum IDXError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operating system could not open or read the file.
    case unreadable(file: String, reason: String)
    /// The gzip stream is damaged or truncated, or something else follows it; the reason is zlib's.
    case corruptGzip(file: String, reason: String)
    /// The file does not start with two zero bytes (nor, gzipped, with 1F 8B). `found` are its
    /// first bytes, at most four.
    case wrongMagic(file: String, found: [UInt8])
    /// The third byte names an element type other than unsigned byte (0x08).
    case unsupportedElementType(file: String, code: UInt8)
    /// The fourth byte says that there are no dimensions.
    case noDimensions(file: String)
    /// The product of the dimensions does not fit in 63 bits.
    case sizeOverflow(file: String, dimensions: [Int])
    /// The declared elements need more than `limit` bytes.
    case sizeLimit(file: String, dimensions: [Int], bytes: Int, limit: Int)
    /// The gzipped file is too small to hold the declared elements at deflate's greatest ratio.
    case implausibleSize(file: String, compressed: Int, expected: Int)
    /// The file ends inside `part`, after `found` of its `expected` bytes.
    case truncated(file: String, part: String, found: Int, expected: Int)
    /// Bytes follow the last declared element.
    case trailingBytes(file: String, dimensions: [Int])
    /// Fewer items than asked for, or a negative number asked for.
    case itemCount(file: String, requested: Int, available: Int)

    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            return "\(file): cannot be read: \(reason)"
        case .corruptGzip(let file, let reason):
            return "\(file): damaged gzip stream: \(reason)"
        case .wrongMagic(let file, let found):
            let bytes = found.isEmpty ? "no bytes" : found.map(hexadecimal).joined(separator: " ")
            return "\(file): not an IDX file: starts with \(bytes), expected 00 00 08 "
                + "(or 1f 8b if gzipped)"
        case .unsupportedElementType(let file, let code):
            let name = Self.typeNames[code].map { " (\($0))" } ?? ""
            return "\(file): element type 0x\(hexadecimal(code))\(name), expected 0x08 "
                + "(unsigned byte)"
        case .noDimensions(let file):
            return "\(file): the header declares 0 dimensions, expected at least 1"
        case .sizeOverflow(let file, let dimensions):
            return
                "\(file): the declared dimensions \(shapeText(dimensions)) overflow a 64-bit size"
        case .sizeLimit(let file, let dimensions, let bytes, let limit):
            return "\(file): the declared dimensions \(shapeText(dimensions)) need \(bytes) bytes, "
                + "expected at most \(limit); raise byteLimit if the file is genuine"
        case .implausibleSize(let file, let compressed, let expected):
            return "\(file): the header declares \(expected) bytes of elements, but \(compressed) "
                + "compressed bytes cannot hold them: the file is truncated or damaged"
        case .truncated(let file, let part, let found, let expected):
            return "\(file): truncated: \(found) bytes of \(part), expected \(expected)"
        case .trailingBytes(let file, let dimensions):
            return "\(file): bytes follow the last element; the declared dimensions are "
                + "\(shapeText(dimensions))"
        case .itemCount(let file, let requested, let available):
            return "\(file): \(requested) items asked for, expected a number from 0 to \(available)"
        }
    }

    private static let typeNames: [UInt8: String] = [
        0x09: "signed byte", 0x0B: "16-bit integer", 0x0C: "32-bit integer",
        0x0D: "32-bit float", 0x0E: "64-bit float",
    ]
}
