package import LinearAlgebra
internal import Networks

/// The mean of every window, channel by channel. Padding counts as zeros, as in PyTorch by default (`count_include_pad`).
package struct AveragePooling: FixedMap {
    package static let kind = "average-pool"
    package let target: ActivityShape
    private let windows: ImageWindows

    package init(_ settings: inout MapSettings, source: ActivityShape) throws(GraphError) {
        let places = Array(source.dimensions.dropFirst())
        guard !places.isEmpty else { throw settings.shape("a vector has no places, expected channels and places") }
        let size = try settings.integers("size", count: places.count, in: 1...1 << 20)
        let stride = try settings.integers("stride", count: places.count, in: 1...1 << 20)
        let padding = try settings.integers("padding", count: places.count, in: 0...1 << 20, standard: 0)
        guard zip(padding, size).allSatisfy({ 2 * $0 <= $1 }) else {
            throw settings.error("padding", "found \(padding), expected at most half of the size \(size)")
        }
        guard
            let windows = ImageWindows(
                channels: source.channels, image: .init(places), kernel: .init(size), stride: .init(stride),
                padding: .init(padding, along: 0))
        else { throw settings.shape("windows of \(size) do not fit \(places) with padding \(padding)") }
        self.windows = windows
        target = ActivityShape(channels: source.channels, places: windows.places.dimensions(places.count))
    }

    package func apply(_ source: Matrix<Double>) -> Matrix<Double> {
        share(of: source, rows: target.count) { place, pixel in (from: pixel, to: place) }
    }

    package func pullBack(_ errors: Matrix<Double>) -> Matrix<Double> {
        share(of: errors, rows: windows.inputWidth) { place, pixel in (from: place, to: pixel) }
    }

    /// Adds the share that each pixel has of a window, in the direction that `ends` gives it.
    private func share(
        of given: Matrix<Double>, rows: Int, _ ends: (_ place: Int, _ pixel: Int) -> (from: Int, to: Int)
    ) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows, columns: given.columns)
        let (channels, share) = (windows.channels, 1 / Double(windows.kernel.count))
        result.withMutablePointer { made in
            given.withPointer { source in
                for example in 0..<given.columns {
                    windows.forEachPixel { place, _, pixel in
                        let (from, to) = ends(place, pixel)
                        Double._axpy(
                            channels, share, source + example * given.rows + from * channels,
                            made + example * rows + to * channels)
                    }
                }
            }
        }
        return result
    }
}
