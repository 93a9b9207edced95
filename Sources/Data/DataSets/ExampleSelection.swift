internal import Randomness

/// Which examples of a data set to take.
public enum ExampleSelection: Sendable, Equatable {
    /// All, in their order.
    case all
    /// The first so many, in their order.
    case first(Int)
    /// So many different ones, chosen by a seed, in the order in which they were drawn.
    ///
    /// Every subset and order is equally likely. The same seed means the same choice for ever, and
    /// choosing fewer gives a prefix: `random(10, seed: s)` are the first ten of `random(20, seed:
    /// s)`.
    case random(Int, seed: UInt64)

    /// The indices that are selected among `available`.
    ///
    /// - Parameter dataSet: its name, for errors.
    /// - Parameter available: how many examples there are.
    /// - Throws: `DataSetError.selection` if more are wanted than there are, or a negative number.
    public func indices(
        among available: Int, dataSet: String
    ) throws(DataSetError) -> [Int] {
        let wanted = count ?? available
        guard available >= 0, (0...available).contains(wanted) else {
            throw .selection(dataSet: dataSet, requested: wanted, available: available)
        }
        guard case .random(_, let seed) = self else { return Array(0..<wanted) }
        // Fisher and Yates's shuffle from the front, stopped after the part that is wanted.
        var generator = RandomGenerator(seed: seed)
        var indices = Array(0..<available)
        for i in 0..<wanted {
            indices.swapAt(i, i + Int(generator.next(below: UInt64(available - i))))
        }
        return Array(indices.prefix(wanted))
    }

    /// The number asked for; `nil` for all.
    public var count: Int? {
        switch self {
        case .all: nil
        case .first(let count), .random(let count, seed: _): count
        }
    }

    /// The number of leading examples that suffice to make the selection; `nil` if all are needed.
    var prefixNeeded: Int? {
        if case .first(let count) = self { count } else { nil }
    }
}
