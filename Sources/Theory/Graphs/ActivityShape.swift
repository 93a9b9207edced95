/// The shape of a node's activity for one example, and the order in which its entries are kept.
///
/// The dimensions are PyTorch's, channels first. Entries are kept with the channel as the fastest index and the other
/// dimensions row by row, so that a window of an image is a few stretches (`ImageWindows`). A vector is kept as it is.
public struct ActivityShape: Hashable, Sendable {
    /// One to three positive dimensions: features; channels and length; channels, height and width.
    public let dimensions: [Int]

    /// `nil` unless there are one to three dimensions, all positive, of less than 2³⁰ entries together.
    public init?(_ dimensions: [Int]) {
        guard (1...3).contains(dimensions.count), dimensions.allSatisfy({ $0 > 0 && $0 < 1 << 30 }),
            dimensions.reduce(1.0, { $0 * Double($1) }) < 0x1p30
        else { return nil }
        self.dimensions = dimensions
    }

    /// A vector.
    init(features: Int) { dimensions = [features] }

    /// A shape with these places.
    init(channels: Int, places: [Int]) { dimensions = [channels] + places }

    /// The number of entries.
    public var count: Int { dimensions.reduce(1, *) }

    /// The number of channels, or of features of a vector.
    var channels: Int { dimensions[0] }

    /// Where the entry is kept that has this index row by row, as in a file or after a flattening.
    package func place(ofRowMajorIndex index: Int) -> Int {
        let rest = count / channels
        return index / rest + channels * (index % rest)
    }
}
