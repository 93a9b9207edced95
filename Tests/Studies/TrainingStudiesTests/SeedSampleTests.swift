import Foundation
import Testing
import TrainingStudies

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
}
