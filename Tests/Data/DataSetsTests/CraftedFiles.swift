import CZlib
import DataSets
import Foundation
import Testing

/// Bytes of an IDX file with the given header fields, right or wrong.
func idxBytes(
    magic: [UInt8] = [0, 0, 8], rank: UInt8? = nil, dimensions: [UInt32], elements: [UInt8]
) -> [UInt8] {
    let sizes = dimensions.flatMap { size in (0..<4).map { UInt8(size >> (24 - 8 * $0) & 0xFF) } }
    return magic + [rank ?? UInt8(dimensions.count)] + sizes + elements
}

/// The bytes as one gzip member (RFC 1952), compressed by zlib.
func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(UInt(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    let status = compress2(&packed, &size, bytes, UInt(bytes.count), 9)
    precondition(status == Z_OK)
    // What compress2 returns is two bytes of header, deflate's output and a checksum of four bytes.
    let deflated = packed[2..<Int(size) - 4]
    let checksum = UInt32(crc32(0, bytes, UInt32(bytes.count)))
    let trailer = [checksum, UInt32(truncatingIfNeeded: bytes.count)]
        .flatMap { word in (0..<4).map { UInt8(word >> (8 * $0) & 0xFF) } }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 0xFF] + deflated + trailer
}

/// Bytes of a safetensors file with this header, its length right unless given.
func safetensorsBytes(_ header: String, length: UInt64? = nil, data: Int = 0) -> [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(length >> (8 * $0) & 0xFF) } + header.utf8
        + [UInt8](repeating: 0, count: data)
}

extension Safetensors {
    func tensor(named name: String) throws -> Tensor { try #require(tensors.first { $0.name == name }) }
}

extension LabeledExamples {
    /// How many examples each class has.
    var classSizes: [Int] { (0..<classCount).map { label in labels.count { $0 == label } } }
}

/// The 64-bit FNV-1a hash, to compare content with what another program computed.
func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

/// Runs the body with a new directory, which is removed afterwards.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("data-sets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory.path)
}

/// Writes the file `name` in `directory` and returns its path.
func place(_ bytes: [UInt8], _ name: String, in directory: String) throws -> String {
    let path = "\(directory)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
}
