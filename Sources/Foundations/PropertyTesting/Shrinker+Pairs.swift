// Passes that change two choices or two groups together.

extension Shrinker {
    /// Lowers pairs of neighbouring choices with the same bound: orders them, moves an amount from the earlier to the
    /// later (where their sum matters), and lowers both by the same amount (where their difference matters).
    mutating func lowerPairs() {
        var first = 0
        while first < best.choices.count && !isSpent {
            for second in partners(of: first) where second < best.choices.count {
                let (a, b) = (best.choices[first], best.choices[second])
                if a > b { _ = set([b, a], at: [first, second]) }
                moveAmount(from: first, to: second)
                lowerTogether(first, second)
            }
            first += 1
        }
    }

    /// The next few positions with the same bound. Flags are left out: they decide the shape, not an amount.
    private func partners(of first: Int) -> [Int] {
        guard best.bounds[first] > 1, best.choices[first] > 0 else { return [] }
        let later = (first + 1)..<best.bounds.count
        return Array(later.lazy.filter { best.bounds[$0] == best.bounds[first] }.prefix(3))
    }

    private mutating func moveAmount(from first: Int, to second: Int) {
        guard second < best.bounds.count else { return }
        descend(first, second) { step, a, b, bound in a >= step && bound - b >= step ? (a - step, b + step) : nil }
    }

    private mutating func lowerTogether(_ first: Int, _ second: Int) {
        guard second < best.bounds.count else { return }
        descend(first, second) { step, a, b, _ in a >= step && b >= step ? (a - step, b - step) : nil }
    }

    /// Applies `edit` with steps of falling powers of two, each as often as it is accepted.
    private mutating func descend(
        _ first: Int, _ second: Int,
        _ edit: (_ step: UInt64, _ a: UInt64, _ b: UInt64, _ bound: UInt64) -> (UInt64, UInt64)?
    ) {
        var step = highestBit(of: best.choices[first])
        while step > 0 && second < best.choices.count && !isSpent {
            let (a, b, bound) = (best.choices[first], best.choices[second], best.bounds[second])
            if let (newA, newB) = edit(step, a, b, bound), set([newA, newB], at: [first, second]) { continue }
            step /= 2
        }
    }

    /// Sets a choice to 0 and raises the next by 1: from 3 + 9/10 to 4, where the fraction is drawn first.
    mutating func carry() {
        var position = 0
        while position + 1 < best.choices.count && !isSpent {
            let next = best.choices[position + 1]
            if best.choices[position] > 0, next < best.bounds[position + 1] {
                _ = set([0, next + 1], at: [position, position + 1])
            }
            position += 1
        }
    }

    /// Exchanges groups where that puts the smaller one first: it sorts the elements of an array.
    mutating func reorderSpans() {
        var index = 0
        var spans = best.spans
        var order = ExchangeOrder(spans)
        while index < spans.count && !isSpent {
            let left = spans[index]
            for right in order.partners(of: left) {
                var candidate = best.choices
                guard candidate[right].lexicographicallyPrecedes(candidate[left]) else { continue }
                candidate.replaceSubrange(right, with: best.choices[left])
                candidate.replaceSubrange(left, with: best.choices[right])
                if consider(candidate) {
                    spans = best.spans
                    order = ExchangeOrder(spans)
                    break
                }
            }
            index += 1
        }
    }
}

/// Which groups to exchange with which.
private struct ExchangeOrder {
    private let starting: [Int: [Range<Int>]]
    private let ofLength: [Int: [Range<Int>]]

    init(_ spans: [Range<Int>]) {
        starting = Dictionary(grouping: spans, by: \.lowerBound)
        ofLength = Dictionary(grouping: spans.sorted { $0.lowerBound < $1.lowerBound }, by: \.count)
    }

    /// Groups behind this one: of the same length at halving distances, so that a long array takes a logarithmic
    /// number of steps and not one for each place, and then the direct neighbours of any length.
    func partners(of span: Range<Int>) -> [Range<Int>] {
        let equals = (ofLength[span.count] ?? []).filter { $0.lowerBound >= span.upperBound }
        var partners: [Range<Int>] = []
        var distance = equals.count
        while distance > 0 {
            partners.append(equals[distance - 1])
            distance /= 2
        }
        return partners + (starting[span.upperBound] ?? [])
    }
}
