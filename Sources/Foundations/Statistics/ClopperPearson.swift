import Foundation

/// The exact confidence interval of Clopper and Pearson for the probability of a success, from k successes in n
/// independent trials.
///
/// Whatever the true probability is, the interval contains it with at least the stated confidence (usually more:
/// the price of exactness). The ends are those probabilities at which k or more, and k or fewer, successes have the
/// probability (1 − confidence)/2. Exchanging successes and failures mirrors the interval.
///
/// Trials of unknown result, as of a rule that did not converge, belong to the denominator: they may all have been
/// failures, or all successes. The lower end is that with all of them failures, the upper end that with all successes.
public struct ClopperPearson: Sendable, Hashable {
    public let successes: Int
    /// Those whose result is known.
    public let trials: Int
    /// Those whose result is not known.
    public let undecided: Int
    public let confidence: Double
    /// 0 exactly if there is no success.
    public let lower: Double
    /// 1 exactly if there is no known failure.
    public let upper: Double

    /// The interval. With no trials it is 0...1: nothing is known.
    ///
    /// - Throws: ``ClopperPearsonError`` unless 0 ≤ successes ≤ trials, 0 ≤ undecided and 0 < confidence < 1.
    public init(
        successes: Int, trials: Int, undecided: Int = 0, confidence: Double = 0.95
    ) throws(ClopperPearsonError) {
        guard trials >= 0, undecided >= 0, (0...trials).contains(successes) else {
            throw .impossibleCounts(successes: successes, trials: trials)
        }
        guard confidence > 0, confidence < 1 else { throw .confidenceOutsideUnitInterval(confidence) }
        self.successes = successes
        self.trials = trials
        self.undecided = undecided
        self.confidence = confidence
        let tail = (1 - confidence) / 2
        let (least, most, n) = (Double(successes), Double(successes + undecided), Double(trials + undecided))
        lower = successes == 0 ? 0 : Self.quantile(tail, least, n - least + 1)
        upper = successes == trials ? 1 : Self.quantile(1 - tail, most + 1, n - most)
    }

    /// The share of successes among the trials of known result; 0 with none.
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
