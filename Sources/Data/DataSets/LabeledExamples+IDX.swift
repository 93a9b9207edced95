extension LabeledExamples {
    /// Joins a file of images and one of labels, as MNIST and its relatives come.
    ///
    /// - Parameters:
    ///   - images: of at least two dimensions: items, then the shape of each.
    ///   - labels: of one dimension, with as many items in the header as `images`.
    ///   - selection: which of the items *read*; only these are converted.
    ///   - greatestPixel: the pixel that becomes 1; 0 becomes 0, and the rest lie between in
    ///     proportion.
    ///   - name: the data set's name in provenances and errors.
    ///   - source: where the files come from, for provenances.
    ///   - classCount: labels must be below it.
    /// - Throws: `dimensions`, `countMismatch`, `selection`, `label`, `size`.
    public init(
        images: IDXFile, labels: IDXFile, selection: ExampleSelection = .all, name: String,
        source: String, classCount: Int, greatestPixel: UInt8 = 255
    ) throws(DataSetError) {
        guard images.dimensions.count >= 2 else {
            throw .dimensions(
                file: images.name, found: images.declaredDimensions,
                expected: "items and the shape of each")
        }
        guard labels.dimensions.count == 1 else {
            throw .dimensions(
                file: labels.name, found: labels.declaredDimensions,
                expected: "one, the number of labels")
        }
        guard images.declaredDimensions[0] == labels.declaredDimensions[0],
            images.count == labels.count
        else {
            throw .countMismatch(
                images: images.name, imageCount: images.declaredDimensions[0],
                labels: labels.name, labelCount: labels.declaredDimensions[0])
        }
        // Before the selection: images without pixels could be declared in any number.
        guard images.itemSize > 0 else {
            throw .dimensions(
                file: images.name, found: images.declaredDimensions,
                expected: "at least one pixel in each image")
        }
        let indices = try selection.indices(among: images.count, dataSet: name)
        let size = images.itemSize
        try self.init(
            name: name, source: source, inputShape: Array(images.dimensions.dropFirst()),
            classCount: classCount,
            inputs: images.elements.scaled(
                indices.lazy.map { ($0 * size)..<(($0 + 1) * size) }, greatest: greatestPixel),
            labels: indices.map { Int(labels.elements[$0]) })
    }
}

extension [UInt8] {
    /// The bytes of these ranges as numbers, of which `greatest` becomes 1.
    func scaled(_ ranges: some Sequence<Range<Int>>, greatest: UInt8 = 255) -> [Double] {
        let scaled = (0...255).map { Double($0) / Double(Swift.max(1, greatest)) }
        var numbers: [Double] = []
        for range in ranges {
            for byte in self[range] { numbers.append(scaled[Int(byte)]) }
        }
        return numbers
    }
}
