/// How a distance from 0 to `extent` is laid out over two choices, so that simple numbers have small choices.
///
/// The distance is `unit × (whole + fraction)`. The fraction is drawn first: as an integer is simpler than a
/// fraction, shrinking reaches integers where there is one. The unit is 1 where the extent allows, otherwise a power
/// of two.
package struct DyadicDistance: Sendable {
    private let extent: Double
    private let unit: Double
    private let wholeBound: UInt64

    /// The layout for a finite extent of at least 0.
    package init(extent: Double) {
        self.extent = extent
        guard extent > 0 else {
            (unit, wholeBound) = (1, 0)
            return
        }
        // Below 1 the unit is the leading binary digit of the extent; above 2⁵³ it is the spacing of its doubles.
        let exponent = extent.exponent
        let unitExponent = exponent < 0 ? exponent : max(0, exponent - 52)
        unit = Double(sign: .plus, exponent: unitExponent, significand: 1)
        wholeBound = UInt64((extent / unit).rounded(.down))
    }

    /// Draws a distance; a fresh case takes the proposed one, rounded down to 52 binary places of the unit.
    package func draw(
        from source: inout ChoiceSource, proposing proposal: Double?
    ) throws(Discard) -> Double {
        guard extent > 0 else { return 0 }
        let scaled = proposal.map { min($0, extent) / unit }
        let fraction = try source.draw(
            upTo: DyadicFraction.bound,
            proposing: scaled.map { DyadicFraction.choice(for: $0 - $0.rounded(.down)) })
        let whole = try source.draw(upTo: wholeBound, proposing: scaled.map { UInt64($0.rounded(.down)) })
        return min(extent, unit * (Double(whole) + DyadicFraction.value(of: fraction)))
    }
}

/// The fractions of 52 binary places numbered by simplicity: 0, 1/2, 1/4, 3/4, 1/8, 5/8, 3/8, 7/8, …
///
/// The number of a fraction is its binary digits read backwards (van der Corput's sequence): lowering the number
/// shortens the fraction, and its low bits are the leading binary places.
package enum DyadicFraction {
    package static let bound: UInt64 = (1 << 52) - 1

    /// The fraction in `[0, 1)` with this number, which must not exceed ``bound``.
    package static func value(of choice: UInt64) -> Double {
        Double(reversed(choice)) * 0x1p-52
    }

    /// The number of the fraction; places beyond the 52nd are dropped.
    package static func choice(for fraction: Double) -> UInt64 {
        reversed(UInt64(fraction * 0x1p52))
    }

    private static func reversed(_ places: UInt64) -> UInt64 {
        var word = places.byteSwapped
        word = (word & 0x0F0F_0F0F_0F0F_0F0F) << 4 | (word >> 4) & 0x0F0F_0F0F_0F0F_0F0F
        word = (word & 0x3333_3333_3333_3333) << 2 | (word >> 2) & 0x3333_3333_3333_3333
        word = (word & 0x5555_5555_5555_5555) << 1 | (word >> 1) & 0x5555_5555_5555_5555
        return word >> 12
    }
}
