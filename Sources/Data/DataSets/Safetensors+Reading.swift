internal import Files

extension Safetensors {
    /// One gibibyte.
    public static let defaultByteLimit = 1 << 30

    /// Reads a file.
    ///
    /// All tensors must be F64 or F32. NaN and infinities are delivered as they are; see
    /// `requireFinite()`. Everything is checked against the file's size before it is allocated.
    ///
    /// - Parameters:
    ///   - path: a regular file.
    ///   - byteLimit: the largest file accepted, in bytes. The memory needed is up to three times
    ///     the file's size (F32 is widened).
    ///   - prefix: tensors whose name begins so are left out, whatever their type.
    /// - Throws: `SafetensorsError`, one case for each thing that can be wrong.
    public init(
        path: String, byteLimit: Int = defaultByteLimit, ignoring prefix: String? = nil
    ) throws(SafetensorsError) {
        let file = try Self.reading(path) { () throws(FileError) in try RegularFile(path: path) }
        guard file.size <= byteLimit else {
            throw .fileSize(file: path, found: file.size, limit: byteLimit)
        }
        let bytes = try Self.reading(path) { () throws(FileError) in try file.contents() }
        try self.init(bytes: bytes, name: path, ignoring: prefix)
    }

    /// Reads a file's content that is already in memory; `name` stands for the file in errors.
    public init(bytes: [UInt8], name: String, ignoring prefix: String? = nil) throws(SafetensorsError) {
        guard bytes.count >= 8 else { throw .tooShort(file: name, found: bytes.count) }
        let declared = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let limit = min(bytes.count - 8, SafetensorsHeader.lengthLimit)
        guard let length = Int(exactly: declared), length <= limit else {
            throw .headerLength(file: name, found: declared, limit: limit)
        }
        let header = try SafetensorsHeader(parsing: bytes[8..<8 + length], file: name, ignoring: prefix)
        let data = bytes[(8 + length)...]
        let entries = try header.layout(dataSize: data.count, file: name)
        self.init(
            tensors: entries.compactMap { entry in
                guard let elementType = entry.elementType else { return nil }
                let start = data.startIndex
                let part = bytes[start + entry.begin..<start + entry.end]
                return Tensor(
                    name: entry.name, shape: entry.shape, elementType: elementType,
                    values: Self.values(part, elementType))
            },
            metadata: header.metadata, name: name)
    }

    private static func reading<Value>(
        _ path: String, _ body: () throws(FileError) -> Value
    ) throws(SafetensorsError) -> Value {
        do throws(FileError) {
            return try body()
        } catch {
            throw .unreadable(file: path, reason: error.reason)
        }
    }

    /// Decodes little-endian numbers; the caller has checked that the bytes are a whole number of
    /// them.
    private static func values(_ bytes: ArraySlice<UInt8>, _ type: ElementType) -> [Double] {
        bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count - buffer.count % type.size, by: type.size).map {
                switch type {
                case .float64:
                    let bits = buffer.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
                    return Double(bitPattern: UInt64(littleEndian: bits))
                case .float32:
                    let bits = buffer.loadUnaligned(fromByteOffset: $0, as: UInt32.self)
                    return Double(Float(bitPattern: UInt32(littleEndian: bits)))
                }
            }
        }
    }
}
