import Foundation

/// The exact confidence interval of Clopper and Pearson for the probability of a success, from k successes in n
/// independent trials.
///
/// Whatever the true probability is, the interval contains it with at least the stated confidence (usually more:
/// the price of exactness). The ends are those probabilities at which k or more, and k or fewer, successes have the
/// probability (1 − confidence)/2. Exchanging successes and failures mirrors the interval.
public struct ClopperPearson: Sendable, Hashable {
    public let successes: Int
    public let trials: Int
    public let confidence: Double
    /// 0 exactly if there is no success.
    public let lower: Double
    /// 1 exactly if there is no failure.
    public let upper: Double

    /// The interval. With no trials it is 0...1: nothing is known.
    ///
    /// - Throws: ``ClopperPearsonError`` unless 0 ≤ successes ≤ trials and 0 < confidence < 1.
    public init(successes: Int, trials: Int, confidence: Double = 0.95) throws(ClopperPearsonError) {
        guard trials >= 0, (0...trials).contains(successes) else {
            throw .impossibleCounts(successes: successes, trials: trials)
        }
        guard confidence > 0, confidence < 1 else { throw .confidenceOutsideUnitInterval(confidence) }
        self.successes = successes
        self.trials = trials
        self.confidence = confidence
        let tail = (1 - confidence) / 2
        let (k, n) = (Double(successes), Double(trials))
        lower = successes == 0 ? 0 : Self.quantile(tail, k, n - k + 1)
        upper = successes == trials ? 1 : Self.quantile(1 - tail, k + 1, n - k)
    }

    /// The share of successes; 0 with no trials.
    public var rate: Double {
        trials == 0 ? 0 : Double(successes) / Double(trials)
    }

    /// The point at which the beta distribution has accumulated this probability.
    ///
    /// Bisection to neighbouring doubles: the distribution function is monotone, and a small result needs the full
    /// relative precision.
    private static func quantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
        var (below, above) = (0.0, 1.0)
        while true {
            let middle = below + (above - below) / 2
            guard middle > below, middle < above else { return middle }
            if regularizedIncompleteBeta(middle, a, b) < probability {
                below = middle
            } else {
                above = middle
            }
        }
    }
}

/// Why there is no interval.
public enum ClopperPearsonError: Error, Sendable, Hashable {
    case impossibleCounts(successes: Int, trials: Int)
    case confidenceOutsideUnitInterval(Double)
}

extension ClopperPearsonError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .impossibleCounts(let successes, let trials):
            "\(successes) successes in \(trials) trials are impossible: 0 ≤ successes ≤ trials must hold"
        case .confidenceOutsideUnitInterval(let confidence):
            "the confidence \(confidence) does not lie strictly between 0 and 1"
        }
    }
}

extension ClopperPearson: CustomStringConvertible {
    public var description: String {
        "\(successes) of \(trials): \(confidence * 100) % confidence [\(lower), \(upper)]"
    }
}
