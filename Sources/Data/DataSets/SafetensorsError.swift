/// What can be wrong with a safetensors file, or with tensors to be written to one. Every case
/// names the file, and where it applies the tensor, what was found and what was expected.
public enum SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operating system could not open or read the file.
    case unreadable(file: String, reason: String)
    /// The file is larger than `limit` bytes.
    case fileSize(file: String, found: Int, limit: Int)
    /// The file is shorter than the 8 bytes of the header's length.
    case tooShort(file: String, found: Int)
    /// The header's length exceeds what the file holds or the format allows.
    case headerLength(file: String, found: UInt64, limit: Int)
    /// The header is not the JSON that the format demands; `offset` counts bytes from its start.
    case malformedHeader(file: String, offset: Int, found: String, expected: String)
    /// A name occurs twice in one JSON object (compared as Swift compares strings: canonically
    /// equivalent Unicode counts as the same).
    case duplicateName(file: String, offset: Int, name: String)
    /// A tensor lacks `dtype`, `shape` or `data_offsets`.
    case missingField(file: String, tensor: String, field: String)
    /// The tensor's elements are neither F64 nor F32.
    case unsupportedElementType(file: String, tensor: String, found: String)
    /// The number of the tensor's elements or bytes overflows.
    case shapeOverflow(file: String, tensor: String, shape: [Int])
    /// The byte range is not as long as shape and dtype say.
    case byteCount(
        file: String, tensor: String, shape: [Int], elementType: String, found: Int, expected: Int)
    /// The byte range is reversed or exceeds the file's `available` bytes of data.
    case offsets(file: String, tensor: String, begin: Int, end: Int, available: Int)
    /// The byte range begins before the end of another tensor's (`overlap`) or after it (a hole).
    case layout(file: String, tensor: String, begin: Int, expected: Int)
    /// Data after the last tensor.
    case unusedBytes(file: String, found: Int, expected: Int)
    /// NaN or an infinity, at the row-major `index`, where the caller allows none.
    case notFinite(file: String, tensor: String, index: Int, position: [Int], value: String)
    /// To be written: the values are not as many as the shape says.
    case valueCount(file: String, tensor: String, shape: [Int], found: Int)
    /// To be written: two tensors of one name, or one named `__metadata__`.
    case invalidName(file: String, tensor: String, reason: String)
    /// To be written: a finite value beyond the range of F32.
    case notRepresentable(file: String, tensor: String, index: Int, value: Double)

    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read: \(reason)"
        case .fileSize(let file, let found, let limit):
            "\(file): \(found) bytes, expected at most \(limit); raise byteLimit if the file "
                + "is genuine"
        case .tooShort(let file, let found):
            "\(file): not a safetensors file: \(found) bytes, expected at least 8 for the "
                + "length of the header"
        case .headerLength(let file, let found, let limit):
            "\(file): header length \(found), expected at most \(limit); truncated, or not a "
                + "safetensors file"
        case .malformedHeader(let file, let offset, let found, let expected):
            "\(file): header byte \(offset): found \(found), expected \(expected)"
        case .duplicateName(let file, let offset, let name):
            "\(file): header byte \(offset): \(quoted(name)) occurs twice, expected once"
        case .missingField(let file, let tensor, let field):
            "\(file): tensor \(quoted(tensor)) has no \(quoted(field)), expected \"dtype\", "
                + "\"shape\" and \"data_offsets\""
        case .unsupportedElementType(let file, let tensor, let found):
            "\(file): tensor \(quoted(tensor)) has dtype \(quoted(found)), expected F64 or "
                + "F32; convert it before saving: tensor.to(torch.float64) in PyTorch, "
                + "array.astype(numpy.float64) in NumPy and JAX"
        case .shapeOverflow(let file, let tensor, let shape):
            "\(file): tensor \(quoted(tensor)): shape \(shapeText(shape)) overflows, expected "
                + "fewer than 2^63 bytes"
        case .byteCount(let file, let tensor, let shape, let elementType, let found, let expected):
            "\(file): tensor \(quoted(tensor)): data_offsets span \(found) bytes, expected "
                + "\(expected) for \(elementType) of shape \(shapeText(shape))"
        case .offsets(let file, let tensor, let begin, let end, let available):
            "\(file): tensor \(quoted(tensor)): data_offsets [\(begin), \(end)], expected an "
                + "ascending range within the \(available) bytes of data in the file"
        case .layout(let file, let tensor, let begin, let expected):
            "\(file): tensor \(quoted(tensor)): data_offsets begin at \(begin), expected "
                + "\(expected): "
                + (begin < expected ? "overlap with another tensor" : "a hole before it")
        case .unusedBytes(let file, let found, let expected):
            "\(file): \(found) bytes of data, but the tensors end at \(expected), expected no "
                + "bytes after them"
        case .notFinite(let file, let tensor, let index, let position, let value):
            "\(file): tensor \(quoted(tensor)): element \(index) (at \(shapeText(position))) "
                + "is \(value), expected a finite number"
        case .valueCount(let file, let tensor, let shape, let found):
            "\(file): tensor \(quoted(tensor)): \(found) values, expected the product of "
                + "shape \(shapeText(shape))"
        case .invalidName(let file, let tensor, let reason):
            "\(file): tensor name \(quoted(tensor)): \(reason)"
        case .notRepresentable(let file, let tensor, let index, let value):
            "\(file): tensor \(quoted(tensor)): element \(index) is \(value), expected a "
                + "magnitude within the range of F32; write it as F64"
        }
    }
}
