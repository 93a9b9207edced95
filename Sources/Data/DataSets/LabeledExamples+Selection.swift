extension LabeledExamples {
    /// The examples at these indices, in this order; an index may occur more than once. This is how
    /// mini-batches are cut.
    ///
    /// - Throws: `DataSetError.exampleIndex` for an index that is not there.
    public func examples(at indices: [Int]) throws(DataSetError) -> LabeledExamples {
        if let missing = indices.first(where: { !labels.indices.contains($0) }) {
            throw .exampleIndex(dataSet: name, index: missing, count: count)
        }
        var chosen: [Double] = []
        for index in indices { chosen += inputs[index * width..<(index + 1) * width] }
        return try LabeledExamples(
            name: name, source: source, inputShape: inputShape, classCount: classCount,
            inputs: chosen, labels: indices.map { labels[$0] })
    }
}
