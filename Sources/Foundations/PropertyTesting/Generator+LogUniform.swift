import Foundation
internal import Randomness

extension Generator where Value == Double {
    /// Positive doubles whose logarithm is uniform over the range, whatever the size: each decade is equally likely.
    ///
    /// They shrink toward 1, or toward the end of the range that is nearest to 1; otherwise to that number times a
    /// power of two, then times a short dyadic fraction. Numbers above count as simpler than numbers below.
    ///
    /// A range that is not positive and finite has no such distribution, and every case is discarded.
    public static func logUniform(in range: ClosedRange<Double>) -> Generator {
        let (low, high) = (range.lowerBound, range.upperBound)
        guard low > 0, high.isFinite else {
            return .nothing("logUniform needs a positive finite range")
        }
        let (logLow, logHigh) = (log(low), log(high))
        let origin = 1.0.clamped(to: range)
        let hasAbove = high > origin
        let hasBelow = low < origin
        guard hasAbove || hasBelow else { return Generator { _ in origin } }
        // Above: origin × 2ᵉ × (1 + f). Below: origin × 2⁻ᵉ × (1 − f/2). Both give the origin for e = f = 0.
        let aboveBound = UInt64(max(0, (high / origin).exponent))
        let belowBound = UInt64(max(0, -(low / origin).exponent))
        return Generator { source in
            let proposal = source.sample { bits -> LogarithmicPlace in
                let value = exp(logLow + (logHigh - logLow) * bits.nextUniform()).clamped(to: low...high)
                return LogarithmicPlace(ratio: value / origin)
            }
            var isBelow = !hasAbove
            if hasAbove && hasBelow {
                isBelow = try source.draw(upTo: 1, proposing: proposal.map { $0.isBelow ? 1 : 0 }) == 1
            }
            // The fraction first: a power of two is simpler than a number with a fraction.
            let fraction = try source.draw(
                upTo: DyadicFraction.bound, proposing: proposal.map { DyadicFraction.choice(for: $0.fraction) })
            let binade = try source.draw(
                upTo: isBelow ? belowBound : aboveBound, proposing: proposal.map { UInt64($0.binade) })
            let place = LogarithmicPlace(
                isBelow: isBelow, binade: Int(binade), fraction: DyadicFraction.value(of: fraction))
            return (origin * place.ratio).clamped(to: low...high)
        }
    }
}

/// A positive ratio as a side of 1, a number of doublings or halvings, and a fraction in `[0, 1)`.
package struct LogarithmicPlace: Sendable, Equatable {
    package var isBelow: Bool
    package var binade: Int
    package var fraction: Double

    package init(isBelow: Bool, binade: Int, fraction: Double) {
        (self.isBelow, self.binade, self.fraction) = (isBelow, binade, fraction)
    }

    /// The place of a positive finite ratio; ``ratio`` gives it back.
    package init(ratio: Double) {
        let significand = ratio.significand
        if ratio >= 1 {
            self.init(isBelow: false, binade: ratio.exponent, fraction: significand - 1)
        } else if significand == 1 {
            self.init(isBelow: true, binade: -ratio.exponent, fraction: 0)
        } else {
            self.init(isBelow: true, binade: -ratio.exponent - 1, fraction: 2 - significand)
        }
    }

    package var ratio: Double {
        isBelow
            ? Double(sign: .plus, exponent: -binade, significand: 1 - fraction / 2)
            : Double(sign: .plus, exponent: binade, significand: 1 + fraction)
    }
}
