// Passes that make the sequence shorter.

extension Shrinker {
    /// Removes whole groups, the longest first: elements of arrays, failed attempts of filters.
    mutating func deleteSpans() {
        var index = 0
        var spans = spansByLength
        while index < spans.count && !isSpent {
            var candidate = best.choices
            candidate.removeSubrange(spans[index])
            if consider(candidate) {
                // The groups behind have moved up to this index.
                spans = spansByLength
            } else {
                index += 1
            }
        }
    }

    /// Removes blocks without regard to groups: half of the sequence, quarters, and so on down to single choices,
    /// from the end to the front.
    mutating func deleteBlocks() {
        var length = max(1, best.choices.count / 2)
        while length >= 1 {
            var end = best.choices.count
            while end >= length && !isSpent {
                var candidate = best.choices
                candidate.removeSubrange((end - length)..<end)
                if consider(candidate) {
                    end = min(end, best.choices.count)
                } else {
                    end -= length
                }
            }
            length /= 2
        }
    }

    /// Puts a part in place of the whole: a group is replaced by one of the groups inside it, such as an expression by
    /// an operand. Outer groups come first.
    mutating func hoistSpans() {
        var index = best.spans.count - 1
        while index >= 0 && !isSpent {
            let outer = best.spans[index]
            var isReplaced = false
            for part in parts(ofSpanAt: index) where !isReplaced {
                var candidate = best.choices
                candidate.replaceSubrange(outer, with: best.choices[part])
                isReplaced = consider(candidate)
            }
            index = isReplaced ? best.spans.count - 1 : index - 1
        }
    }

    /// The longest few of the groups inside a group. Smaller ones are reached through larger ones.
    private func parts(ofSpanAt index: Int) -> ArraySlice<Range<Int>> {
        // Groups are recorded when they end, so those inside stand directly before.
        let start = best.spans[index].lowerBound
        let inside = best.spans[..<index].suffix(64).reversed().prefix { $0.lowerBound >= start }
        return inside.sorted { $0.count > $1.count }.prefix(8)
    }

    /// Lowers a choice that decides how many follow, and removes the surplus behind it.
    ///
    /// Lowering a width alone makes later parts read the choices of their neighbours, which often loses the failure.
    mutating func lowerAndDelete() {
        var index = 0
        while index < best.choices.count && !isSpent {
            if best.choices[index] > 0, lowerAndDelete(at: index) { continue }
            index += 1
        }
    }

    private mutating func lowerAndDelete(at index: Int) -> Bool {
        var lowered = best.choices
        lowered[index] -= 1
        if consider(lowered) { return true }
        guard let latestLength, latestLength < best.choices.count else { return false }
        // What was read last lies unread behind the end now. Removing an earlier block instead moves it back in; all
        // of the surplus keeps the end, less keeps something between.
        var length = best.choices.count - latestLength
        while length >= 1 && !isSpent {
            let starts = Set(best.spans.map(\.lowerBound)).union([index + 1])
                .filter { $0 > index && $0 + length <= lowered.count }
            for start in starts.sorted().prefix(32) {
                var candidate = lowered
                candidate.removeSubrange(start..<(start + length))
                if consider(candidate) { return true }
            }
            length /= 2
        }
        return false
    }

    /// The distinct groups of the best, the longest first and of equal ones the last first.
    var spansByLength: [Range<Int>] {
        Set(best.spans).sorted { ($0.count, $0.lowerBound) > ($1.count, $1.lowerBound) }
    }
}
