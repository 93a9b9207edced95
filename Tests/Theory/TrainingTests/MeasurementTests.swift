import Comparison
import Foundation
import ImplicitSGD
import JSON
import LearningRules
import LinearAlgebra
import Networks
import Testing
import Training

@Suite("Measurements of a run")
struct MeasurementTests {
    @Test("Mean and variance of the update norms are those of the single updates")
    func norms() throws {
        let data = try randomData()
        var configuration = smallConfiguration(.proximalInferenceLearning, batchSize: 2)
        configuration.evaluateEvery = 6
        var run = try TrainingRun(configuration, data: data)
        var single = run
        let found = try #require(try run.advance(iterations: 6).first)
        var norms: [Double] = []
        for _ in 0..<6 {
            let before = single.network.parameters
            _ = try single.advance(iterations: 1)
            norms.append((single.network.parameters - before).norm)
        }
        let mean = norms.reduce(0, +) / 6
        let variance = norms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
        #expect(abs(found.updateNormMean - mean) < 1e-12 * mean)
        #expect(abs(found.updateNormVariance - variance) < 1e-10 * variance)
    }

    @Test("Distance and cosine are those of a comparison made by hand", arguments: [1, 3])
    func comparison(batchSize: Int) throws {
        let data = try randomData()
        var configuration = smallConfiguration(.inferenceLearning, batchSize: batchSize)
        configuration.evaluateEvery = 1
        configuration.compareEvery = 2
        var run = try TrainingRun(configuration, data: data)
        for iteration in 0..<4 {
            let network = run.network
            let found = try #require(try run.advance(iterations: 1).first)
            guard iteration % 2 == 0 else {
                #expect(found.relativeDistance == nil && found.comparisons == 0)
                continue
            }
            let examples = try batch(configuration, data, iteration: iteration)
            let report = try WeightSpaceDenseSolver(options: SolverOptions(tolerance: 1e-9)).solve(
                try ProximalProblem(
                    network: network, batch: examples, loss: configuration.loss,
                    learningRate: configuration.learningRate))
            #expect(report.isConverged)
            let step = try InferenceLearning.standard().step(
                LearningProblem(
                    network: network, batch: examples, loss: configuration.loss,
                    learningRate: configuration.learningRate))
            let expected = UpdateDistance(of: step.update, to: report.update)
            let distance = try #require(found.relativeDistance)
            #expect(abs(distance - expected.relativeDistance) < 1e-7 * distance)
            let cosine = try #require(found.cosine)
            #expect(abs(cosine - expected.cosine) < 1e-7)
            #expect(found.comparisons == 1 && found.uncertifiedComparisons == 0)
        }
    }

    @Test("A comparison without certificate is missing and counted")
    func uncertified() throws {
        let data = try randomData()
        var configuration = smallConfiguration(.backpropagation)
        configuration.solverTolerance = 1e-30
        configuration.compareEvery = 1
        var run = try TrainingRun(configuration, data: data)
        let found = try #require(try run.advance(iterations: 5).first)
        #expect(found.relativeDistance == nil && found.cosine == nil)
        #expect(found.comparisons == 0 && found.uncertifiedComparisons == 5)
        configuration.rule = TrainingRule(.implicit)
        configuration.compareEvery = 0
        var exact = try TrainingRun(configuration, data: data)
        #expect(try exact.advance(iterations: 5).first?.uncertifiedUpdates == 5)
    }

    @Test("A diverged run is finished early, and its records survive JSON", arguments: [
        TrainingPrecision.single, .double,
    ])
    func divergence(_ precision: TrainingPrecision) throws {
        let data = try randomData()
        var configuration = smallConfiguration(
            .backpropagation, precision: precision, loss: .squaredError, iterations: 5000,
            activation: .relu)
        configuration.learningRate = 1e6
        configuration.compareEvery = 0
        configuration.evaluateEvery = 1000
        var run = try TrainingRun(configuration, data: data)
        let rows = try run.advance(iterations: 5000)
        #expect(run.isFinished && run.isDiverged && run.iteration < 5000)
        let last = try #require(rows.last)
        #expect(last.isDiverged && last.testAccuracy == nil && last.testLoss == .infinity)
        #expect(try run.advance(iterations: 10).isEmpty)
        let coded = try CanonicalJSON.text(rows)
        #expect(try CanonicalJSON.value([TrainingMeasurement].self, from: coded) == rows)
        let resumed = try TrainingRun(configuration, data: data, checkpoint: run.checkpoint())
        #expect(resumed.isDiverged && resumed.iteration == run.iteration)
    }

    @Test("A trajectory of implicit SGD against itself does not drift apart; others do")
    func trajectory() throws {
        let data = try randomData()
        for rule in [RuleEntry.implicit, .inferenceLearning] {
            var run = try TrajectoryRun(smallConfiguration(rule, iterations: 5), data: data)
            let row = try #require(try run.advance(iterations: 5).last)
            #expect((row.relativeDistance == 0) == (rule == .implicit))
            var exact = try TrainingRun(smallConfiguration(.implicit, iterations: 5), data: data)
            #expect(try exact.advance(iterations: 5).last?.testLoss == row.implicit.testLoss)
            var own = try TrainingRun(smallConfiguration(rule, iterations: 5), data: data)
            #expect(try own.advance(iterations: 5).last?.testLoss == row.rule.testLoss)
        }
        #expect(throws: TrainingError.self) {
            try TrajectoryRun(
                smallConfiguration(.inferenceLearning, precision: .single), data: data)
        }
    }

    @Test("Random starts differ from iteration to iteration and repeat with their seed")
    func randomStart() throws {
        let data = try randomData()
        var configuration = smallConfiguration(.inferenceLearning, iterations: 4)
        var results: [Data] = []
        for start in [EulerInference.Start.random(seed: 1), .random(seed: 1), .random(seed: 2)] {
            configuration.constants.start = start
            var run = try TrainingRun(configuration, data: data)
            let rows = try run.advance(iterations: 4)
            #expect(rows.allSatisfy { $0.trainingLoss.isFinite })
            results.append(Data(run.network.parameters.flattened.description.utf8))
        }
        #expect(results[0] == results[1] && results[0] != results[2])
    }
}
