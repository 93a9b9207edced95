package import LinearAlgebra

/// Every `s`-th place along each direction, the first one included: `x[..., ::s]`.
package struct Subsampling: FixedMap {
    package static let kind = "subsample"
    package let target: ActivityShape
    private let selection: Selection

    package init(_ settings: inout MapSettings, source: ActivityShape) throws(GraphError) {
        let places = Array(source.dimensions.dropFirst())
        guard !places.isEmpty else { throw settings.shape("a vector has no places, expected channels and places") }
        let strides = try settings.integers("stride", count: places.count, in: 1...1 << 20)
        let kept = zip(places, strides).map { ($0 + $1 - 1) / $1 }
        target = ActivityShape(channels: source.channels, places: kept)
        // Places row by row; a sequence has one row.
        let (width, keptWidth) = (places.last ?? 1, kept.last ?? 1)
        let (right, down) = (strides.last ?? 1, strides.count == 2 ? strides[0] : 1)
        let channels = source.channels
        let indices = (0..<kept.reduce(1, *)).flatMap { place in
            let pixel = place / keptWidth * down * width + place % keptWidth * right
            return (0..<channels).map { $0 + channels * pixel }
        }
        selection = Selection(indices: indices, sourceCount: source.count)
    }

    package func apply(_ source: Matrix<Double>) -> Matrix<Double> { selection.apply(source) }
    package func pullBack(_ errors: Matrix<Double>) -> Matrix<Double> { selection.pullBack(errors) }
}
