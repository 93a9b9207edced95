/// The sides that units may leave their kinks to, one side for each unit: all combinations up to `limit`,
/// beyond it all to the right, all to the left, and a fixed random choice.
package struct SidePatterns: Sequence {
    /// Six units that are free to both sides.
    package static let limit = 64

    /// Whether every combination is there.
    package let isComplete: Bool
    private let sides: [[Double]]

    /// - Parameter sides: for each unit the sides that it may go to, +1 and −1.
    package init(_ sides: [[Double]]) {
        self.sides = sides
        var count = 1
        for choices in sides where count <= Self.limit { count *= choices.count }
        isComplete = count <= Self.limit
    }

    package func makeIterator() -> AnyIterator<[Double]> {
        var next = 0
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        let total = isComplete ? sides.reduce(1) { $0 * $1.count } : Self.limit
        return AnyIterator {
            guard next < total else { return nil }
            defer { next += 1 }
            var rest = next
            return sides.map { choices in
                if isComplete {
                    defer { rest /= choices.count }
                    return choices[rest % choices.count]
                }
                if next < 2 { return next == 0 ? choices[0] : choices[choices.count - 1] }
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return choices[Int(state >> 33) % choices.count]
            }
        }
    }
}
