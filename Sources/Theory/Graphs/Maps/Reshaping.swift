package import LinearAlgebra

/// The same entries, row by row as PyTorch orders them, in another shape.
package struct Reshaping: FixedMap {
    package static let kind = "reshape"
    package let target: ActivityShape
    private let selection: Selection

    package init(_ settings: inout MapSettings, source: ActivityShape) throws(GraphError) {
        let dimensions = try settings.dimensions("shape")
        guard let target = ActivityShape(dimensions), target.count == source.count else {
            throw settings.error("shape", "found \(dimensions), expected one to three dimensions with \(source.count) entries")
        }
        self.init(source: source, target: target)
    }

    /// - Precondition: as many entries.
    init(source: ActivityShape, target: ActivityShape) {
        self.target = target
        var indices = Array(repeating: 0, count: target.count)
        for k in 0..<target.count {
            indices[target.place(ofRowMajorIndex: k)] = source.place(ofRowMajorIndex: k)
        }
        selection = Selection(indices: indices, sourceCount: source.count)
    }

    package func apply(_ source: Matrix<Double>) -> Matrix<Double> { selection.apply(source) }
    package func pullBack(_ errors: Matrix<Double>) -> Matrix<Double> { selection.pullBack(errors) }
}

/// All entries as one vector, row by row.
package struct Flattening: FixedMap {
    package static let kind = "flatten"
    private let reshaping: Reshaping

    package init(_ settings: inout MapSettings, source: ActivityShape) throws(GraphError) {
        reshaping = Reshaping(source: source, target: ActivityShape(features: source.count))
    }

    package var target: ActivityShape { reshaping.target }
    package func apply(_ source: Matrix<Double>) -> Matrix<Double> { reshaping.apply(source) }
    package func pullBack(_ errors: Matrix<Double>) -> Matrix<Double> { reshaping.pullBack(errors) }
}
