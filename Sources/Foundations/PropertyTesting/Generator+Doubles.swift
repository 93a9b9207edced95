internal import Randomness

extension Generator where Value == Double {
    /// Doubles uniform over `range`, whatever the size. An infinite end counts as the largest finite number.
    ///
    /// They shrink toward the simplest number of the range (0 if it is there, else the integer nearest to 0, else the
    /// shortest dyadic fraction) and otherwise to integers and short dyadic fractions at a small distance from it.
    ///
    /// The ends themselves have the probability of any other number, practically none: where they matter, mix them in
    /// with ``oneOf(_:)``.
    public static func double(in range: ClosedRange<Double>) -> Generator {
        let largest = Double.greatestFiniteMagnitude
        let low = range.lowerBound.clamped(to: -largest...largest)
        let high = range.upperBound.clamped(to: -largest...largest)
        let origin = simplestDouble(in: low...high)
        let (above, below) = (high - origin, origin - low)
        let (up, down) = (DyadicDistance(extent: above), DyadicDistance(extent: below))
        return Generator { source in
            let proposal = source.sample { bits -> (isBelow: Bool, distance: Double) in
                // Halved, since the width of the range may exceed the largest double.
                let isBelow = bits.nextUniform() * (above / 2 + below / 2) < below / 2
                return (isBelow, bits.nextUniform() * (isBelow ? below : above))
            }
            var isBelow = above == 0
            if above > 0 && below > 0 {
                isBelow = try source.draw(upTo: 1, proposing: proposal.map { $0.isBelow ? 1 : 0 }) == 1
            }
            let distance = try (isBelow ? down : up).draw(from: &source, proposing: proposal?.distance)
            return (isBelow ? origin - distance : origin + distance).clamped(to: low...high)
        }
    }

    /// Normally distributed doubles, whatever the size. The standard score shrinks toward 0 and to integers and short
    /// dyadic fractions; a positive score counts as simpler than a negative one.
    ///
    /// A seed gives the same numbers wherever the system's `log` does; a token that holds choices does so everywhere.
    public static func gaussian(mean: Double = 0, standardDeviation: Double = 1) -> Generator {
        // Far beyond what 53-bit uniform numbers can give (about 8.6).
        let score = DyadicDistance(extent: 40)
        return Generator { source in
            let proposal = source.sample { bits in bits.nextNormal() }
            let isNegative = try source.draw(upTo: 1, proposing: proposal.map { $0 < 0 ? 1 : 0 }) == 1
            let distance = try score.draw(from: &source, proposing: proposal.map { abs($0) })
            return mean + standardDeviation * (isNegative ? -distance : distance)
        }
    }
}

/// The number of a finite range with the fewest binary places after the point and, of those, the least magnitude.
package func simplestDouble(in range: ClosedRange<Double>) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    if low <= 0 && high >= 0 { return 0 }
    if high < 0 { return -simplestDouble(in: -high...(-low)) }
    for places in 0...1074 {
        let scaled = Double(sign: .plus, exponent: places, significand: low).rounded(.up)
        let candidate = Double(sign: .plus, exponent: -places, significand: scaled)
        if candidate <= high { return candidate }
    }
    return low
}
