internal import Randomness

extension Generator where Value == Int {
    /// Integers uniform over `range`, whatever the size. They shrink toward 0, or toward the end of the range that is
    /// nearest to 0; a positive number counts as simpler than a negative one.
    public static func int(in range: ClosedRange<Int>) -> Generator {
        let origin = 0.clamped(to: range)
        // The differences wrap around to their true value even for the range of all integers.
        let above = UInt64(bitPattern: Int64(range.upperBound &- origin))
        let below = UInt64(bitPattern: Int64(origin &- range.lowerBound))
        return Generator { source in
            let proposal = source.sample { bits in
                range.lowerBound &+ Int(bitPattern: UInt(bits.uniform(upTo: above &+ below)))
            }
            var isBelow = above == 0 && below > 0
            if above > 0 && below > 0 {
                isBelow = try source.draw(upTo: 1, proposing: proposal.map { $0 < origin ? 1 : 0 }) == 1
            }
            // Below the origin distances count from 1, so that no value is made in two ways. Where there is no
            // upper side, the origin belongs to the lower one.
            let start: UInt64 = isBelow && above > 0 ? 1 : 0
            let distance = try source.draw(
                upTo: (isBelow ? below : above) - start,
                proposing: proposal.map { value in
                    UInt64(bitPattern: Int64(isBelow ? origin &- value : value &- origin)) &- start
                })
            let step = Int(truncatingIfNeeded: distance &+ start)
            return isBelow ? origin &- step : origin &+ step
        }
    }
}

extension Generator where Value == Bool {
    /// `false` or `true` with equal probability. They shrink toward `false`.
    public static func bool() -> Generator {
        Generator { source in try source.draw(upTo: 1) == 1 }
    }

    /// `true` with this probability, brought into 0...1 (NaN counts as 0). They shrink toward `false`.
    public static func bool(probability: Double) -> Generator {
        Generator { source in
            let proposal = source.sample { bits -> UInt64 in bits.nextUniform() < probability ? 1 : 0 }
            return try source.draw(upTo: 1, proposing: proposal) == 1
        }
    }
}
