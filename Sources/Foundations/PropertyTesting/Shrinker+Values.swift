// Passes that keep the length and lower single choices, or equal ones together.

extension Shrinker {
    /// Sets all choices of a group to 0: the simplest value in its place.
    mutating func zeroSpans() {
        for span in spansByLength where span.upperBound <= best.choices.count && !isSpent {
            zero(span)
        }
    }

    /// Sets blocks to 0: all choices, halves, and so on down to single ones.
    mutating func zeroBlocks() {
        var length = best.choices.count
        while length >= 1 {
            var start = 0
            while start < best.choices.count && !isSpent {
                zero(start..<min(start + length, best.choices.count))
                start += length
            }
            length /= 2
        }
    }

    private mutating func zero(_ block: Range<Int>) {
        var candidate = best.choices
        for position in block { candidate[position] = 0 }
        consider(candidate)
    }

    /// Lowers each choice as far as it goes, from the front.
    mutating func lowerEach() {
        var position = 0
        while position < best.choices.count && !isSpent {
            lower([position])
            position += 1
        }
    }

    /// Lowers choices with the same value and bound together: values that must stay equal for the failure.
    mutating func lowerDuplicates() {
        let choices = zip(best.choices, best.bounds).map { Choice(value: $0, bound: $1) }
        let groups = Dictionary(grouping: choices.indices) { choices[$0] }.values.filter { $0.count > 1 }
        // In order of position: the order of a dictionary changes from run to run.
        for equals in groups.sorted(by: { $0[0] < $1[0] }) where !isSpent {
            // An earlier group may have changed the shape.
            if holds(equals.map { choices[$0].value }, at: equals) { lower(equals) }
        }
    }

    private struct Choice: Hashable {
        let value: UInt64
        let bound: UInt64
    }

    /// Lowers the common value of the choices at these positions.
    private mutating func lower(_ positions: [Int]) {
        guard let first = positions.first, first < best.choices.count, best.choices[first] > 0 else { return }
        var value = best.choices[first]
        func all(_ value: UInt64) -> [UInt64] { positions.map { _ in value } }

        // The smallest values outright: they are the likely answer where a failure is not monotone.
        for small in 0..<min(value, 5) where set(all(small), at: positions) { return }
        // The low bits alone: for a fraction these are its leading places.
        for bits in [3, 4, 6, 8, 12, 16, 24, 32, 48] as [UInt64] {
            let kept = value & ((1 << bits) - 1)
            if kept < value, set(all(kept), at: positions) {
                value = kept
                break
            }
        }
        // A binary search by steps, the largest first, each as often as it goes. Unlike bisection it also gets through
        // where only every second or fourth value fails.
        var step = highestBit(of: value)
        while step > 0 && !isSpent {
            guard holds(all(value), at: positions) else { return }
            if value >= step, set(all(value - step), at: positions) {
                value -= step
            } else {
                step /= 2
            }
        }
    }

    /// The largest power of two that does not exceed `value`; 0 for 0.
    func highestBit(of value: UInt64) -> UInt64 {
        value == 0 ? 0 : 1 << UInt64(63 - value.leadingZeroBitCount)
    }
}
