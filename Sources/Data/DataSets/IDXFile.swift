internal import Files

/// An array of unsigned bytes in the IDX format of the MNIST files, gzipped or not.
///
/// Format (Y. LeCun, C. Cortes and C. Burges, *The MNIST database*): two zero bytes; a byte for the
/// element type, of which only 0x08, unsigned byte, is read here; a byte for the number of
/// dimensions; each dimension as a big-endian 32-bit number; the elements, the last dimension
/// fastest. The first dimension counts the *items* (images or labels), so item `i` is `elements[i *
/// itemSize ..< (i + 1) * itemSize]`.
///
/// Whether the file is gzipped is seen from its first two bytes, not from its name. The size is
/// checked against the file's own and against `byteLimit` before it is allocated.
public struct IDXFile: Sendable, Equatable {
    /// The file's path, or the name given to bytes in memory.
    public let name: String
    /// The dimensions in the header, number of items first.
    public let declaredDimensions: [Int]
    /// The dimensions of `elements`: the declared ones, with the first replaced by the items read.
    public let dimensions: [Int]
    /// The elements of the items read.
    public let elements: [UInt8]

    /// The number of items read.
    public var count: Int { dimensions.first ?? 0 }
    /// The number of elements of an item: the product of the other dimensions (1 for labels).
    public let itemSize: Int

    /// One gibibyte: twenty times the largest MNIST file.
    public static let defaultByteLimit = 1 << 30

    /// Reads a file, or only its first items.
    ///
    /// With `first` the inflation stops after the last item asked for: a gzip checksum, a
    /// truncation or trailing bytes *behind* it go unnoticed. Without it the whole file is
    /// verified.
    ///
    /// - Parameters:
    ///   - path: a regular file.
    ///   - first: how many items to read; `nil` for all.
    ///   - byteLimit: the most bytes of elements to allocate.
    /// - Throws: `IDXError`, one case for each thing that can be wrong.
    public init(
        path: String, first: Int? = nil, byteLimit: Int = defaultByteLimit
    ) throws(IDXError) {
        let file: RegularFile
        do throws(FileError) {
            file = try RegularFile(path: path)
        } catch {
            throw .unreadable(file: path, reason: error.reason)
        }
        try self.init(.file(file), name: path, first: first, byteLimit: byteLimit)
    }

    /// Reads a file's content that is already in memory; `name` stands for the file in errors.
    ///
    /// Everything else is as for a path.
    public init(
        bytes: [UInt8], name: String, first: Int? = nil, byteLimit: Int = defaultByteLimit
    ) throws(IDXError) {
        try self.init(.memory(bytes[...]), name: name, first: first, byteLimit: byteLimit)
    }

    private init(
        _ source: ByteSource, name: String, first: Int?, byteLimit: Int
    ) throws(IDXError) {
        let reader = try InflatingReader(source, file: name)
        let declared = try Self.readHeader(reader, file: name)
        let available = declared.first ?? 0
        let wanted = first ?? available
        guard (0...available).contains(wanted) else {
            throw .itemCount(file: name, requested: wanted, available: available)
        }
        guard let itemSize = checkedProduct(declared.dropFirst()),
            checkedProduct(declared) != nil
        else { throw .sizeOverflow(file: name, dimensions: declared) }
        // No overflow: at most the product of all dimensions.
        let needed = wanted * itemSize
        guard needed <= byteLimit else {
            throw .sizeLimit(file: name, dimensions: declared, bytes: needed, limit: byteLimit)
        }
        try Self.checkPlausible(needed, headerSize: 4 + 4 * declared.count, reader, file: name)

        elements = try reader.read(needed)
        guard elements.count == needed else {
            throw .truncated(
                file: name, part: "elements", found: elements.count, expected: needed)
        }
        if wanted == available, try !reader.read(1).isEmpty {
            throw .trailingBytes(file: name, dimensions: declared)
        }
        self.name = name
        self.itemSize = itemSize
        declaredDimensions = declared
        dimensions = [wanted] + declared.dropFirst()
    }

    /// The dimensions, after the magic number has been checked.
    private static func readHeader(
        _ reader: InflatingReader, file: String
    ) throws(IDXError) -> [Int] {
        let magic = try reader.read(4)
        guard magic.count == 4, magic[0] == 0, magic[1] == 0 else {
            throw .wrongMagic(file: file, found: magic)
        }
        guard magic[2] == 0x08 else { throw .unsupportedElementType(file: file, code: magic[2]) }
        let rank = Int(magic[3])
        guard rank > 0 else { throw .noDimensions(file: file) }
        let bytes = try reader.read(4 * rank)
        guard bytes.count == 4 * rank else {
            throw .truncated(
                file: file, part: "dimensions", found: bytes.count, expected: 4 * rank)
        }
        return (0..<rank).map { dimension in
            bytes[4 * dimension..<4 * dimension + 4].reduce(0) { $0 << 8 | Int($1) }
        }
    }

    /// Refuses a size that the file cannot hold, before anything of that size is allocated.
    private static func checkPlausible(
        _ needed: Int, headerSize: Int, _ reader: InflatingReader, file: String
    ) throws(IDXError) {
        if reader.isGzip {
            guard needed / InflatingReader.greatestRatio <= reader.sourceSize else {
                throw .implausibleSize(
                    file: file, compressed: reader.sourceSize, expected: needed)
            }
        } else {
            let held = max(0, reader.sourceSize - headerSize)
            guard needed <= held else {
                throw .truncated(file: file, part: "elements", found: held, expected: needed)
            }
        }
    }
}
