import Foundation
import PropertyTesting
import Statistics
import Testing

/// Reference values, computed to 40 digits by summing the binomial distribution and by hypergeometric series.
@Suite struct `Clopper–Pearson intervals` {
    @Test(arguments: [
        (1, 10, 0.95, 0.0025285785444617845, 0.44501611702819542),
        (5, 10, 0.95, 0.187086028447398532, 0.812913971552601468),
        (9, 10, 0.95, 0.55498388297180458, 0.997471421455538215),
        (0, 20, 0.95, 0, 0.168433470983085337),
        (20, 20, 0.99, 0.767270499010925501, 1),
        (37, 200, 0.95, 0.133728660179761621, 0.24586346244867838),
        (200, 200, 0.95, 0.981724659644863755, 1),
        (1, 10_000, 0.95, 2.53177759347468664e-6, 0.000557036997947047414),
        (5_000, 10_000, 0.95, 0.490151380589980488, 0.509848619410019512),
        (9_990, 10_000, 0.99, 0.997861436517561434, 0.999628209560715756),
        (12_345, 100_000, 0.999, 0.120050591666892252, 0.126906396827180522),
    ])
    func `agree with reference values`(k: Int, n: Int, confidence: Double, lower: Double, upper: Double) throws {
        let interval = try ClopperPearson(successes: k, trials: n, confidence: confidence)
        // Relative, so that small ends are tested too.
        #expect(abs(interval.lower - lower) <= 1e-10 * lower)
        #expect(abs(interval.upper - upper) <= 1e-10 * upper)
        #expect(interval.rate == Double(k) / Double(n))
    }

    @Test func `have their closed form where nothing or everything succeeded`() throws {
        for n in [1, 2, 17, 1_000, 100_000] {
            let edge = pow(0.025, 1 / Double(n))
            let none = try ClopperPearson(successes: 0, trials: n)
            let all = try ClopperPearson(successes: n, trials: n)
            #expect(none.lower == 0 && abs(none.upper - (1 - edge)) < 1e-12)
            #expect(all.upper == 1 && abs(all.lower - edge) < 1e-12)
        }
    }

    @Test func `contain the rate, mirror with failures, and widen with confidence`() {
        let counts = Generator<(Int, Int)> { source in
            let n = try source.draw(.int(in: 1...2_000))
            return (try source.draw(.int(in: 0...n)), n)
        }
        let report = Property("interval laws", counts) { k, n in
            let interval = try ClopperPearson(successes: k, trials: n)
            let mirrored = try ClopperPearson(successes: n - k, trials: n)
            let wide = try ClopperPearson(successes: k, trials: n, confidence: 0.999)
            return (interval.lower...interval.upper).contains(interval.rate)
                && abs(mirrored.lower - (1 - interval.upper)) < 1e-12
                && abs(mirrored.upper - (1 - interval.lower)) < 1e-12
                && wide.lower <= interval.lower && wide.upper >= interval.upper
        }.check(CheckSettings(cases: 200))
        #expect(report.isPassed, "\(report)")
    }

    @Test func `cover the true probability at least as often as stated`() throws {
        // The exact coverage: the probabilities of all counts whose interval contains p.
        let n = 30
        for p in [0.01, 0.1, 0.27, 0.5, 0.93] {
            var coverage = 0.0
            for k in 0...n {
                let interval = try ClopperPearson(successes: k, trials: n, confidence: 0.9)
                let (a, b) = (Double(k), Double(n - k))
                let logCount = logGamma(Double(n) + 1) - logGamma(a + 1) - logGamma(b + 1)
                if interval.lower <= p && p <= interval.upper {
                    coverage += exp(logCount + a * log(p) + b * log(1 - p))
                }
            }
            #expect(coverage >= 0.9 && coverage < 1 + 1e-12)
        }
    }

    @Test func `know nothing without trials and refuse impossible input`() throws {
        let nothing = try ClopperPearson(successes: 0, trials: 0)
        #expect(nothing.lower == 0 && nothing.upper == 1 && nothing.rate == 0)
        for (k, n) in [(-1, 5), (6, 5), (0, -1)] {
            #expect(throws: ClopperPearsonError.impossibleCounts(successes: k, trials: n)) {
                try ClopperPearson(successes: k, trials: n)
            }
        }
        for confidence in [0, 1, -0.5, 1.5] {
            #expect(throws: ClopperPearsonError.confidenceOutsideUnitInterval(confidence)) {
                try ClopperPearson(successes: 1, trials: 2, confidence: confidence)
            }
        }
        #expect(throws: ClopperPearsonError.self) { try ClopperPearson(successes: 1, trials: 2, confidence: .nan) }
    }

    /// Guards: trials of unknown result that drop out of the denominator, or that count on one side only.
    @Test(arguments: [(0, 10, 3), (7, 10, 3), (10, 10, 1), (95, 100, 20), (3, 3, 0)])
    func `trials of unknown result count on both sides`(successes: Int, trials: Int, undecided: Int) throws {
        let interval = try ClopperPearson(successes: successes, trials: trials, undecided: undecided)
        let worst = try ClopperPearson(successes: successes, trials: trials + undecided)
        let best = try ClopperPearson(successes: successes + undecided, trials: trials + undecided)
        #expect(interval.lower == worst.lower && interval.upper == best.upper)
        #expect(interval.rate == Double(successes) / Double(trials) && interval.undecided == undecided)
        #expect((interval.lower...interval.upper).contains(interval.rate))
    }

    @Test(arguments: [
        (0.5, 2, 3, 0.6875), (0.1, 0.5, 0.5, 0.20483276469913345165), (0.9, 10, 2, 0.6973568802),
        (0.01, 1, 100, 0.63396765872677049507), (0.3, 300, 700, 0.50367118286076791351),
        (1e-8, 2, 5, 1.49999996000000045e-15), (0.5, 5_000, 5_001, 0.50398932306969107688), (0, 2, 3, 0), (1, 2, 3, 1),
    ])
    func `rest on an accurate incomplete beta function`(x: Double, a: Double, b: Double, expected: Double) {
        // The logarithms of the gamma functions are about a + b times larger than their difference.
        let tolerance = (a + b) * 4e-15
        #expect(abs(regularizedIncompleteBeta(x, a, b) - expected) <= tolerance * expected)
        #expect(abs(regularizedIncompleteBeta(1 - x, b, a) - (1 - expected)) <= tolerance)
    }

    @Test(arguments: [
        (0.5, 0.57236494292470008707), (1, 0), (1.5, -0.12078223763524522235), (3, 0.69314718055994530942),
        (10, 12.801827480081469611), (14.9, 24.924132002217277353), (100.25, 360.28455963776423497),
        (100_000, 1051287.7089736568949),
    ])
    func `rest on an accurate logarithm of the gamma function`(x: Double, expected: Double) {
        #expect(abs(logGamma(x) - expected) <= 1e-14 * max(1, abs(expected)))
    }
}
