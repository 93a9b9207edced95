/// Bytes in memory or in a file, read once from front to back.
package enum ByteSource {
    case memory(ArraySlice<UInt8>)
    case file(RegularFile)

    /// The number of bytes still unread in memory; for a file its whole size.
    package var size: Int {
        switch self {
        case .memory(let bytes): bytes.count
        case .file(let file): file.size
        }
    }

    /// Fills `target`, or the part of it for which there are bytes left; returns how many.
    package mutating func read(into target: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
        switch self {
        case .memory(let bytes):
            let taken = bytes.prefix(target.count)
            _ = target.update(fromContentsOf: taken)
            self = .memory(bytes.dropFirst(taken.count))
            return taken.count
        case .file(let file):
            return try file.read(into: target)
        }
    }
}
