internal import Files
internal import JSON

extension Safetensors {
    /// The content of the file: the same bytes for the same tensors and metadata, always.
    ///
    /// Layout: the F64 tensors before the F32 ones, so that all are aligned to their size, and
    /// within a type by name (by UTF-8 bytes); metadata keys by name. The header is padded with
    /// spaces so that the data begin at a multiple of 8. For at most one metadata key this is, byte
    /// for byte, what the reference implementation (safetensors 0.8 for Python) writes. Without
    /// metadata there is no `__metadata__`.
    ///
    /// F32 values are rounded to nearest; NaN and infinities are written as they are.
    ///
    /// - Throws: `valueCount`, `shapeOverflow`, `invalidName`, `notRepresentable`, `headerLength`.
    public func bytes() throws(SafetensorsError) -> [UInt8] {
        try checkNames()
        let ordered = tensors.sorted {
            $0.elementType == $1.elementType
                ? utf8Precedes($0.name, $1.name) : $0.elementType.size > $1.elementType.size
        }
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { utf8Precedes($0.key, $1.key) }
                .map { "\(CanonicalJSON.quoted($0.key)):\(CanonicalJSON.quoted($0.value))" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var data: [UInt8] = []
        for tensor in ordered {
            let begin = data.count
            try append(tensor, to: &data)
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(CanonicalJSON.quoted(tensor.name)):{\"dtype\":\"\(tensor.elementType.rawValue)\","
                    + "\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(data.count)]}")
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
        guard header.count <= SafetensorsHeader.lengthLimit else {
            throw .headerLength(
                file: name, found: UInt64(header.count), limit: SafetensorsHeader.lengthLimit)
        }
        var result: [UInt8] = []
        result.reserveCapacity(8 + header.count + data.count)
        appendLittleEndian(UInt64(header.count), to: &result)
        return result + header + data
    }

    /// Writes the file by the laws of `AtomicFile`: it appears whole or not at all.
    ///
    /// - Parameter path: where; its directory must exist.
    /// - Throws: `SafetensorsError` for tensors that cannot be written (see `bytes()`), before anything is;
    ///   `FileError` if the system refuses the file.
    public func write(to path: String) throws {
        var named = self
        named.name = path
        try AtomicFile.write(named.bytes(), to: path)
    }

    private func checkNames() throws(SafetensorsError) {
        var names: Set<String> = []
        for tensor in tensors {
            guard tensor.name != "__metadata__" else {
                throw .invalidName(
                    file: name, tensor: tensor.name, reason: "reserved, expected another name")
            }
            guard names.insert(tensor.name).inserted else {
                throw .invalidName(
                    file: name, tensor: tensor.name, reason: "used twice, expected unique names")
            }
        }
    }

    private func append(_ tensor: Tensor, to data: inout [UInt8]) throws(SafetensorsError) {
        guard checkedProduct(tensor.shape + [tensor.elementType.size]) != nil else {
            throw .shapeOverflow(file: name, tensor: tensor.name, shape: tensor.shape)
        }
        guard checkedProduct(tensor.shape) == tensor.values.count else {
            throw .valueCount(
                file: name, tensor: tensor.name, shape: tensor.shape, found: tensor.values.count)
        }
        for (index, value) in tensor.values.enumerated() {
            switch tensor.elementType {
            case .float64:
                appendLittleEndian(value.bitPattern, to: &data)
            case .float32:
                let narrow = Float(value)
                guard narrow.isFinite || !value.isFinite else {
                    throw .notRepresentable(
                        file: name, tensor: tensor.name, index: index, value: value)
                }
                appendLittleEndian(narrow.bitPattern, to: &data)
            }
        }
    }
}

private func appendLittleEndian(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
}

/// Swift's own order of strings is by Unicode normal form; that of bytes is simpler to reproduce.
private func utf8Precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
}
