internal import Files
import CZlib

/// The content of a source, inflated on the way if it is a gzip stream (RFC 1952).
///
/// Nothing is inflated before it is asked for, so the front of a large file costs only the front.
/// The memory used is one input buffer and zlib's window, whatever the file claims. Several gzip
/// members in a row are read as one stream, as `gzip -d` does. Each member's checksum is verified
/// when its end is reached.
final class InflatingReader {
    /// Deflate cannot compress more than this (zlib's technical notes: 1032 to 1 in the limit).
    static let greatestRatio = 1032

    let isGzip: Bool
    /// The size of the source in bytes, before inflation.
    let sourceSize: Int
    private let file: String
    private var source: ByteSource
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    /// zlib's state points back to the stream, which must therefore not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var position = 0
    private var filled = 0
    private var betweenMembers = false

    /// - Parameter file: the name for errors.
    init(_ source: ByteSource, file: String) throws(IDXError) {
        self.source = source
        self.file = file
        sourceSize = source.size
        buffer = .allocate(capacity: 1 << 16)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        do throws(FileError) {
            filled = try self.source.read(into: buffer)
        } catch {
            // All stored properties must be set before deinit may run.
            isGzip = false
            throw .unreadable(file: file, reason: error.reason)
        }
        isGzip = filled >= 2 && buffer[0] == 0x1F && buffer[1] == 0x8B
        if isGzip, czlib_inflate_init_gzip(stream) != Z_OK {
            throw .corruptGzip(file: file, reason: "zlib could not be initialised")
        }
    }

    deinit {
        if isGzip { inflateEnd(stream) }
        stream.deallocate()
        buffer.deallocate()
    }

    /// The next `count` bytes, or as many as there are. The caller has checked that `count` is
    /// plausible: this allocates it.
    func read(_ count: Int) throws(IDXError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: max(0, count))
        let found = try result.withUnsafeMutableBufferPointer {
            (target) throws(IDXError) -> Int in
            isGzip ? try inflate(into: target) : try copy(into: target)
        }
        result.removeLast(result.count - found)
        return result
    }

    private func copy(into target: UnsafeMutableBufferPointer<UInt8>) throws(IDXError) -> Int {
        var written = 0
        while written < target.count, try refill() {
            let step = min(target.count - written, filled - position)
            let part = UnsafeMutableBufferPointer(rebasing: target[written..<written + step])
            _ = part.update(fromContentsOf: buffer[position..<position + step])
            position += step
            written += step
        }
        return written
    }

    private func inflate(into target: UnsafeMutableBufferPointer<UInt8>) throws(IDXError) -> Int {
        guard let output = target.baseAddress, let input = buffer.baseAddress else { return 0 }
        var written = 0
        while written < target.count {
            guard try refill() else {
                if betweenMembers { break }
                throw .corruptGzip(
                    file: file, reason: "the stream ends early: the file is truncated")
            }
            if betweenMembers {
                inflateReset(stream)
                betweenMembers = false
            }
            let room = UInt32(clamping: min(target.count - written, 1 << 30))
            stream.pointee.next_in = input + position
            stream.pointee.avail_in = UInt32(clamping: filled - position)
            stream.pointee.next_out = output + written
            stream.pointee.avail_out = room
            let status = CZlib.inflate(stream, Z_NO_FLUSH)
            position = filled - Int(stream.pointee.avail_in)
            written += Int(room - stream.pointee.avail_out)
            switch status {
            case Z_OK: break
            case Z_STREAM_END: betweenMembers = true
            default:
                let message = stream.pointee.msg.map { String(cString: $0) }
                throw .corruptGzip(file: file, reason: message ?? "zlib error \(status)")
            }
        }
        return written
    }

    /// Makes sure that the buffer holds an unread byte; false at the end of the source.
    private func refill() throws(IDXError) -> Bool {
        guard position == filled else { return true }
        do throws(FileError) {
            filled = try source.read(into: buffer)
        } catch {
            throw .unreadable(file: file, reason: error.reason)
        }
        position = 0
        return filled > 0
    }
}
