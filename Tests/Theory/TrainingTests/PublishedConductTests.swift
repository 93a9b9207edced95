import LearningRules
import LinearAlgebra
import Networks
import Testing
import Training

/// What the published code does in training and the usual runs do not.
@Suite("Training as published")
struct PublishedConductTests {
    @Test("A partial mini-batch ends every epoch, and the run resumes within it", arguments: [TrainingPrecision.double, .single])
    func partialBatches(_ precision: TrainingPrecision) throws {
        let data = try randomData()
        var configuration = smallConfiguration(.backpropagation, batchSize: 4, precision: precision, iterations: 12)
        configuration.usesPartialBatches = true
        configuration.compareEvery = 5
        var run = try TrainingRun(configuration, data: data)
        var naive = NaiveTrainer(try initialNetwork(configuration), learningRate: configuration.learningRate)
        for iteration in 0..<12 {
            let order = epochOrder(configuration, examples: 17, epoch: iteration / 5)
            let start = iteration % 5 * 4
            let pairs = order[start..<min(17, start + 4)].map { example in
                (
                    x: data.training.inputs.column(example).map(Double.init),
                    y: data.training.targets.column(example).map(Double.init)
                )
            }
            naive.step(configuration.rule, pairs)
            _ = try run.advance(iterations: 1)
            run = try TrainingRun(configuration, data: data, checkpoint: run.checkpoint())
            let (difference, norm) = naive.distance(to: run.network)
            #expect(difference < (precision == .double ? 1e-11 : 1e-5) * norm, "iteration \(iteration)")
        }
    }

    @Test("Norms of the weights' changes leave biases out and come every k updates")
    func weightNorms() throws {
        let data = try randomData()
        var configuration = smallConfiguration(.proximalInferenceLearning, batchSize: 2, iterations: 12)
        (configuration.evaluateEvery, configuration.weightNormEvery, configuration.compareEvery) = (6, 2, 0)
        var run = try TrainingRun(configuration, data: data)
        var expected: [Double] = []
        for stretch in 1...2 {
            expected = []
            var measurement: TrainingMeasurement?
            for iteration in 1...6 {
                let before = run.network.parameters
                measurement = try run.advance(iterations: 1).first
                run = try TrainingRun(configuration, data: data, checkpoint: run.checkpoint())
                guard iteration % 2 == 0 else { continue }
                let after = run.network.parameters
                var squares = 0.0
                for (n, width) in configuration.widths.dropLast().enumerated() {
                    for j in 0..<width {
                        for i in 0..<after.layers[n].rows {
                            let change = after.layers[n][i, j] - before.layers[n][i, j]
                            squares += change * change
                        }
                    }
                }
                expected.append(squares.squareRoot())
            }
            let mean = expected.reduce(0, +) / 3
            let variance = expected.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
            let found = try #require(measurement)
            #expect(abs(try #require(found.weightNormMean) - mean) < 1e-12 * mean, "stretch \(stretch)")
            #expect(abs(try #require(found.weightNormVariance) - variance) < 1e-9 * variance)
            #expect(found.updateNormMean > mean * 0.5)
        }
    }

    @Test("Held parameters keep their first values, and each step is the one-shot rule's", arguments: [
        TrainingRule(.backpropagation), TrainingRule(.proximalInferenceLearning), TrainingRule(.publishedInferenceLearning),
        TrainingRule(.implicit), TrainingRule(.inferenceLearning, .adam),
    ], [1, 2])
    func held(_ rule: TrainingRule, _ batchSize: Int) throws {
        let data = try randomData()
        var configuration = smallConfiguration(rule.entry, rule.optimizer, batchSize: batchSize, iterations: 6)
        configuration.held = HeldParameters([.biases, .layer(1)])
        var run = try TrainingRun(configuration, data: data)
        let start = run.network.parameters
        for iteration in 0..<3 {
            let before = run.network
            let measurement = try run.advance(iterations: 1).first
            #expect(measurement == nil)
            guard !rule.usesAdam else { continue }
            let problem = LearningProblem(
                network: before, batch: try batch(configuration, data, iteration: iteration), loss: configuration.loss,
                learningRate: configuration.learningRate, held: configuration.held)
            let expected = try rule.entry.rule(RuleSettings(solverTolerance: configuration.solverTolerance)).step(problem).update
            #expect((run.network.parameters - before.parameters).relativeDistance(to: expected) < 1e-13)
        }
        // Compared with the exact update of the same held problem: of `implicit` it is the same.
        let measured = try run.advance(iterations: 3)
        #expect(measured[0].comparisons == 2)
        if rule.entry == .implicit { #expect(try #require(measured[0].relativeDistance) < 1e-6) }
        for (n, width) in configuration.widths.dropLast().enumerated() {
            let (first, last) = (start.layers[n], run.network.parameters.layers[n])
            #expect(first.column(width) == last.column(width))
            #expect((first == last) == (n == 1))
        }
    }
}
