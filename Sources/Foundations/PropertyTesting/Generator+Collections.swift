internal import Randomness

extension Generator {
    /// Arrays of exactly `count` elements; a negative count counts as 0.
    public static func array<Element>(of element: Generator<Element>, count: Int) -> Generator
    where Value == [Element] {
        Generator { source in
            var values: [Element] = []
            for _ in 0..<max(0, count) { values.append(try source.draw(element)) }
            return values
        }
    }

    /// Arrays whose length is uniform over `count`, its upper end scaled by the size: at size 0 all arrays have the
    /// least length, at size 100 the whole range is used. Negative lengths count as 0.
    ///
    /// They shrink to fewer elements first, dropping any of them, and then to simpler elements.
    public static func array<Element>(of element: Generator<Element>, count: ClosedRange<Int>) -> Generator
    where Value == [Element] {
        let least = max(0, count.lowerBound)
        let spread = max(0, count.upperBound) - least
        return Generator { source in
            // Rounded up, so that any size above 0 reaches lengths beyond the least. In doubles: no overflow.
            let share = (Double(spread) * Double(source.size) / 100).rounded(.up)
            let extra = min(spread, Int(exactly: min(share, 0x1p53)) ?? spread)
            let target = source.sample { bits in least + Int(bits.uniform(upTo: UInt64(extra))) }
            var values: [Element] = []
            for _ in 0..<least { values.append(try source.draw(element)) }
            // Before each further element a flag says whether there is one. A length drawn in advance would have to
            // be lowered in step with each deletion of an element; a flag disappears together with its element.
            var hasNext = true
            while hasNext && values.count < least + extra {
                hasNext = try source.group { group in
                    let flag = try group.draw(
                        upTo: 1, proposing: target.map { values.count < $0 ? 1 : 0 })
                    if flag == 1 { values.append(try group.draw(element)) }
                    return flag == 1
                }
            }
            return values
        }
    }
}
