package import LinearAlgebra

/// Neighbouring entries of the flattened source: one step of a sequence that is fed as one vector.
package struct Slicing: FixedMap {
    package static let kind = "slice"
    package let target: ActivityShape
    private let selection: Selection

    package init(_ settings: inout MapSettings, source: ActivityShape) throws(GraphError) {
        let start = try settings.integer("start", in: 0...source.count - 1)
        let length = try settings.integer("length", in: 1...source.count - start)
        target = ActivityShape(features: length)
        selection = Selection(
            indices: (start..<start + length).map(source.place(ofRowMajorIndex:)), sourceCount: source.count)
    }

    package func apply(_ source: Matrix<Double>) -> Matrix<Double> { selection.apply(source) }
    package func pullBack(_ errors: Matrix<Double>) -> Matrix<Double> { selection.pullBack(errors) }
}
