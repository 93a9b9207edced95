extension SafetensorsHeader {
    /// Checks that the tensors cover the data exactly, and returns them in the order of their
    /// bytes.
    ///
    /// Each byte range must be as long as shape and dtype say and lie within the data; the ranges
    /// must follow one another from 0 to the end without overlap or hole. Empty tensors take no
    /// bytes.
    func layout(dataSize: Int, file: String) throws(SafetensorsError) -> [Entry] {
        for entry in entries {
            guard entry.begin <= entry.end, entry.end <= dataSize else {
                throw .offsets(
                    file: file, tensor: entry.name, begin: entry.begin, end: entry.end,
                    available: dataSize)
            }
            guard let elementType = entry.elementType else { continue }
            guard let expected = checkedProduct(entry.shape + [elementType.size]) else {
                throw .shapeOverflow(file: file, tensor: entry.name, shape: entry.shape)
            }
            guard entry.end - entry.begin == expected else {
                throw .byteCount(
                    file: file, tensor: entry.name, shape: entry.shape,
                    elementType: elementType.rawValue, found: entry.end - entry.begin,
                    expected: expected)
            }
        }
        let ordered = entries.sorted { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
        var expected = 0
        for entry in ordered {
            guard entry.begin == expected else {
                throw .layout(
                    file: file, tensor: entry.name, begin: entry.begin, expected: expected)
            }
            expected = entry.end
        }
        guard expected == dataSize else {
            throw .unusedBytes(file: file, found: dataSize, expected: expected)
        }
        return ordered
    }
}
