/// The choices that one case drew, with their bounds and the groups they were drawn in.
package struct Recording: Sendable, Equatable {
    package private(set) var choices: [UInt64] = []
    package private(set) var bounds: [UInt64] = []
    /// Groups of at least two choices, inner before outer.
    package private(set) var spans: [Range<Int>] = []

    package init() {}

    mutating func append(_ choice: UInt64, bound: UInt64) {
        choices.append(choice)
        bounds.append(bound)
    }

    mutating func mark(_ span: Range<Int>) {
        // A generator that only wraps another one would mark the same group again.
        guard span.count > 1, span != spans.last else { return }
        spans.append(span)
    }
}

/// The shortlex order: a shorter sequence comes first, and of two equally long ones the lexicographically smaller.
///
/// It is a well-order, so a shrinker that moves only to smaller sequences stops. It prefers cases with fewer choices
/// to cases with smaller ones.
package func precedesInShortlex(_ left: [UInt64], _ right: [UInt64]) -> Bool {
    left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
}
