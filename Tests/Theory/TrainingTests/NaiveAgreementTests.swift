import LinearAlgebra
import Networks
import Testing
import Training

@Suite("Training against plain loops")
struct NaiveAgreementTests {
    @Test("Weights and losses after five updates", arguments: NaiveTrainer.rules, [1, 3])
    func weights(_ rule: TrainingRule, batchSize: Int) throws {
        let data = try randomData()
        var configuration = smallConfiguration(rule.entry, rule.optimizer, batchSize: batchSize, iterations: 5)
        configuration.evaluateEvery = 1
        configuration.compareEvery = 0
        configuration.solverTolerance = 1e-11
        var run = try TrainingRun(configuration, data: data)
        var naive = NaiveTrainer(
            try initialNetwork(configuration), learningRate: configuration.learningRate)
        for iteration in 0..<5 {
            let examples = try batch(configuration, data, iteration: iteration)
            let pairs = (0..<batchSize).map {
                (x: examples.inputs.column($0), y: examples.targets.column($0))
            }
            let loss = pairs.reduce(0) { $0 + naive.loss($1.x, $1.y) } / Double(batchSize)
            let before = run.network.parameters
            naive.step(rule, pairs)
            let measurement = try #require(try run.advance(iterations: 1).first)
            let (difference, norm) = naive.distance(to: run.network)
            #expect(difference < 1e-10 * norm, "iteration \(iteration)")
            #expect(abs(measurement.trainingLoss - loss) < 1e-9 * loss)
            let moved = (run.network.parameters - before).norm
            #expect(abs(measurement.updateNormMean - moved) < 1e-10 * moved)
            let tests = (0..<data.test.count).map {
                naive.loss(
                    data.test.inputs.column($0).map(Double.init),
                    data.test.targets.column($0).map(Double.init))
            }
            let mean = tests.reduce(0, +) / Double(tests.count)
            #expect(abs(measurement.testLoss - mean) < 1e-9 * mean)
        }
    }
}
