internal import FoundationEssentials
internal import LinearAlgebra
internal import Networks

/// Writes a checkpoint. All numbers are little-endian.
///
/// | bytes | content |
/// |---|---|
/// | 8 | the letters `isgd-run` |
/// | 4 | version of the format, 1 |
/// | 4 | kind of run: 1 training, 2 trajectory |
/// | 8 | length of the whole checkpoint |
/// | 8, n | length and bytes of the canonical JSON of the configuration |
/// | 8 | fingerprint of the data |
/// | … | the run's own words and tensors, in the order in which they are read |
/// | 8 | `Fingerprint` of all bytes before it |
///
/// A tensor is its elements in column-major order as IEEE 754 bits; its shape and precision follow
/// from the configuration. Nothing is rounded, so a resumed run continues with the same bits.
struct CheckpointWriter {
    static let magic = Array("isgd-run".utf8)
    static let version = 1
    private var data: Data

    init(kind: CheckpointKind, configuration: Data, fingerprint: UInt64) {
        data = Data(Self.magic)
        append(UInt32(Self.version))
        append(kind.rawValue)
        append(UInt64(0))
        append(configuration.count)
        data.append(configuration)
        append(fingerprint)
    }

    mutating func append<Word: FixedWidthInteger>(_ word: Word) {
        withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
    }

    mutating func append(_ count: Int) { append(UInt64(count)) }

    mutating func append(_ value: Double) { append(value.bitPattern) }

    mutating func append<Scalar: BLASScalar>(_ parameters: Parameters<Scalar>) {
        for layer in parameters.layers {
            layer.elements.withUnsafeBytes { data.append(contentsOf: $0) }
        }
    }

    /// The finished bytes.
    consuming func finish() -> Data {
        let length = UInt64(data.count + 8)
        withUnsafeBytes(of: length.littleEndian) {
            data.replaceSubrange(16..<24, with: $0)
        }
        append(CheckpointReader.checksum(of: data))
        return data
    }
}

/// What kind of run a checkpoint belongs to.
enum CheckpointKind: UInt32 {
    case training = 1
    case trajectory = 2
}

/// Reads what `CheckpointWriter` wrote; every length is checked before it is used.
struct CheckpointReader {
    private let data: Data
    private var position = 0

    /// Checks magic, version, length, checksum, kind, configuration and data, in this order.
    init(
        _ bytes: Data, kind: CheckpointKind, configuration: Data, fingerprint: UInt64
    ) throws(CheckpointError) {
        // A slice keeps the indices of its base.
        data = bytes.startIndex == 0 ? bytes : Data(bytes)
        guard data.prefix(8).elementsEqual(CheckpointWriter.magic) else { throw .notACheckpoint }
        position = 8
        let version = try word(UInt32.self)
        guard version == CheckpointWriter.version else { throw .version(found: Int(version)) }
        let storedKind = try word(UInt32.self)
        let length = try word(UInt64.self)
        guard data.count >= length else {
            throw .truncated(expected: Int(clamping: length), found: data.count)
        }
        guard data.count == length, length >= 32 else { throw .corrupted }
        let body = data.prefix(data.count - 8)
        let stored = data.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard Self.checksum(of: body) == stored else { throw .corrupted }
        guard storedKind == kind.rawValue else { throw .otherKind }
        let configurationLength = try count()
        guard configurationLength <= data.count - position else { throw .corrupted }
        let end = position + configurationLength
        guard data[position..<end] == configuration else { throw .otherConfiguration }
        position = end
        guard try word(UInt64.self) == fingerprint else { throw .otherData }
    }

    mutating func word<Word: FixedWidthInteger>(
        _: Word.Type
    ) throws(CheckpointError) -> Word {
        let size = MemoryLayout<Word>.size
        guard size <= data.count - position else {
            throw .truncated(expected: position + size, found: data.count)
        }
        let word = data.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: position, as: Word.self)
        }
        position += size
        return Word(littleEndian: word)
    }

    mutating func count() throws(CheckpointError) -> Int {
        guard let count = Int(exactly: try word(UInt64.self)) else { throw .corrupted }
        return count
    }

    mutating func double() throws(CheckpointError) -> Double {
        Double(bitPattern: try word(UInt64.self))
    }

    /// Parameters of the shapes of others.
    mutating func parameters<Scalar: BLASScalar>(
        like other: Parameters<Scalar>
    ) throws(CheckpointError) -> Parameters<Scalar> {
        var result = other
        for n in result.layers.indices {
            let size = result.layers[n].count * MemoryLayout<Scalar>.size
            guard size <= data.count - 8 - position else { throw .corrupted }
            let source = data[position..<(position + size)]
            result.layers[n].withMutablePointer { target in
                _ = source.copyBytes(
                    to: UnsafeMutableRawBufferPointer(start: target, count: size))
            }
            position += size
        }
        return result
    }

    /// Checks that only the checksum is left.
    func finish() throws(CheckpointError) {
        guard position == data.count - 8 else { throw .corrupted }
    }

    static func checksum(of data: Data) -> UInt64 {
        var hash = Fingerprint()
        data.withUnsafeBytes { hash.combine(bytes: $0) }
        return hash.value
    }
}
