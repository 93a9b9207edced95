import Foundation
import Testing
import Training
import TrainingStudies

/// What a run amounts to, from its stretches.
@Suite("Training summaries")
struct TrainingSummaryTests {
    /// Four stretches of different lengths, whose means lie apart: the whole has the moments of all numbers together.
    @Test func `mean and variance of update norms are those of all updates`() throws {
        let stretches: [[Double]] = [[1, 2, 4], [10], [20, 21, 25, 22], [0.5, 0.25]]
        func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
            let mean = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (mean, values.count > 1 ? squares / Double(values.count - 1) : 0)
        }
        var iteration = 0
        let measurements = try stretches.map { values in
            iteration += values.count
            let (mean, variance) = moments(values)
            return try JSONDecoder().decode(
                TrainingMeasurement.self,
                from: Data(
                    """
                    {"iteration":\(iteration),"trainingLoss":1,"testLoss":2,"testAccuracy":0.5,\
                    "updateNormMean":\(mean),"updateNormVariance":\(variance),"comparisons":0,\
                    "uncertifiedComparisons":0,"uncertifiedUpdates":0,"isDiverged":false}
                    """.utf8))
        }
        let whole = moments(stretches.flatMap(\.self))
        let found = try #require(TrainingSummary(measurements, outputs: 10)).updateNorm
        #expect(abs(found.mean - whole.mean) <= 1e-14 * whole.mean)
        #expect(abs(found.variance - whole.variance) <= 1e-13 * whole.variance)
    }

    @Test func `the best accuracy is that of any measurement, also of a run that diverged later`() throws {
        let measurements = try [("0.4", false), ("0.8", false), ("0.6", false), ("null", true)].enumerated().map {
            try JSONDecoder().decode(
                TrainingMeasurement.self,
                from: Data(
                    """
                    {"iteration":\($0 + 1),"trainingLoss":1,"testLoss":2,"testAccuracy":\($1.0),"updateNormMean":1,\
                    "updateNormVariance":1,"comparisons":0,"uncertifiedComparisons":0,"uncertifiedUpdates":0,\
                    "isDiverged":\($1.1)}
                    """.utf8))
        }
        #expect(try #require(TrainingSummary(measurements, outputs: 10)).bestAccuracy == 0.8)
    }
}
