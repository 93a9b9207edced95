import Foundation
import Statistics
import Testing

struct SeedSampleTests {
    /// Two-sided 95 % and 99 % points of Student's distribution, from printed tables.
    @Test("Student's quantiles", arguments: [
        (0.95, 1, 12.7062), (0.95, 4, 2.7764), (0.95, 9, 2.2622), (0.95, 30, 2.0423),
        (0.99, 4, 4.6041), (0.90, 2, 2.9200),
    ])
    func quantiles(confidence: Double, freedom: Int, expected: Double) {
        let found = SeedSample.studentQuantile(confidence: confidence, freedom: freedom)
        #expect(abs(found - expected) < 6e-5, "\(found)")
    }

    @Test func `mean, deviation and interval of a sample that one can do by hand`() throws {
        let sample = SeedSample([1, 2, 3, 4, 5])
        #expect(sample.mean == 3)
        #expect(abs(sample.standardDeviation - 2.5.squareRoot()) < 1e-15)
        let interval = try #require(sample.interval())
        // 3 ± 2.7764 √2.5/√5
        #expect(abs(interval.lowerBound - (3 - 2.7764451 * 0.5.squareRoot())) < 1e-6)
        #expect(abs(interval.upperBound - (3 + 2.7764451 * 0.5.squareRoot())) < 1e-6)
    }

    @Test func `too little for an interval`() {
        #expect(SeedSample([1]).interval() == nil)
        #expect(SeedSample([]).interval() == nil)
        #expect(SeedSample([1, .infinity]).interval() == nil)
        #expect(SeedSample([]).mean.isNaN)
    }

    @Test func `equal values have an interval only where they are enough for any distribution`() {
        for count in 2...5 { #expect(SeedSample([Double](repeating: 0.5, count: count)).interval() == nil) }
        #expect(SeedSample([Double](repeating: 0.5, count: 6)).interval() == 0.5...0.5)
        #expect(SeedSample([1, 1]).interval(confidence: 0.5) == 1...1)
    }

    /// How often the interval misses the true mean 0, over all samples of values from a symmetric grid, each with its
    /// probability: an exact rate, no simulation.
    private func rateOfMisses(_ count: Int, _ weights: [Double]) -> Double {
        let total = weights.reduce(0, +)
        let middle = Double(weights.count - 1) / 2
        var samples: [(values: [Double], probability: Double)] = [([], 1)]
        for _ in 0..<count {
            samples = samples.flatMap { sample in
                weights.enumerated().map {
                    (sample.values + [Double($0.offset) - middle], sample.probability * $0.element / total)
                }
            }
        }
        return samples.reduce(0) { sum, sample in
            let misses = SeedSample(sample.values).interval().map { !$0.contains(0) } ?? false
            return sum + (misses ? sample.probability : 0)
        }
    }

    @Test("values on a grid do not decide too often", arguments: [
        [1.0, 1], [1, 2, 1], [1, 6, 1], [1, 4, 6, 4, 1], [1, 1, 1], [1, 1, 1, 1, 1],
    ])
    func missesOnGrids(weights: [Double]) {
        for count in 2...6 {
            let rate = rateOfMisses(count, weights)
            // Student's interval supposes a normal distribution; five or six values of a flat grid miss 7 %.
            #expect(rate <= (count <= 4 ? 0.05 : 0.0705), "\(count) values: \(rate)")
        }
    }
}
