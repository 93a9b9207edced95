import LearningRules
import LinearAlgebra
import Networks
import Testing
import Training

@Suite("A training step is the one-shot rule's update")
struct OneShotAgreementTests {
    @Test("Without Adam", arguments: RuleRegistry.builtIn.entries, [1, 4])
    func plain(_ entry: RuleEntry, batchSize: Int) throws {
        let data = try randomData()
        let configuration = smallConfiguration(entry, batchSize: batchSize)
        let rule = entry.rule(RuleSettings(solverTolerance: configuration.solverTolerance))
        var run = try TrainingRun(configuration, data: data)
        for iteration in 0..<3 {
            let before = run.network
            _ = try run.advance(iterations: 1)
            let problem = LearningProblem(
                network: before, batch: try batch(configuration, data, iteration: iteration),
                loss: configuration.loss, learningRate: configuration.learningRate)
            let expected = try rule.inIteration(iteration).step(problem).update
            let found = run.network.parameters - before.parameters
            #expect(found.relativeDistance(to: expected) < 1e-13)
        }
    }

    /// The normalized updates of local rules do not contain α; every other update is divided by it.
    private static func scale(_ entry: RuleEntry, _ learningRate: Double) -> Double {
        let isNormalized = entry.name == "il-exact-euler"
            || ["bp-prox", "bp-binomial", "output-only", "il-prox"].contains {
                entry.name.hasPrefix($0) && !entry.name.hasSuffix("equilibrium")
            }
        return isNormalized ? 1 : learningRate
    }

    /// `g = −Δ/α` of the one-shot rule, then Adam written for one number.
    @Test("With Adam", arguments: RuleRegistry.builtIn.entries, [1, 4])
    func adam(_ entry: RuleEntry, batchSize: Int) throws {
        let data = try randomData()
        let configuration = smallConfiguration(entry, .adam, batchSize: batchSize)
        // Some constants are others with Adam; the registry's tests say which.
        let rule = entry.rule(
            RuleSettings(solverTolerance: configuration.solverTolerance), optimizer: .adam)
        let scale = Self.scale(entry, configuration.learningRate)
        var run = try TrainingRun(configuration, data: data)
        let count = run.network.parameters.count
        var reference = [ScalarAdam](repeating: ScalarAdam(), count: count)
        for iteration in 0..<4 {
            let before = run.network
            _ = try run.advance(iterations: 1)
            let problem = LearningProblem(
                network: before, batch: try batch(configuration, data, iteration: iteration),
                loss: configuration.loss, learningRate: configuration.learningRate)
            let update = try rule.inIteration(iteration).step(problem).update.flattened
            let found = (run.network.parameters - before.parameters).flattened
            for i in 0..<count {
                let expected = reference[i].step(
                    gradient: -update[i] / scale, learningRate: configuration.learningRate)
                #expect(abs(found[i] - expected) < 1e-9 * configuration.learningRate)
            }
        }
    }

    /// `G = Δ/α` of the one-shot rule, then one rate for each matrix, by loops over its weights.
    @Test("With mq", arguments: RuleRegistry.builtIn.entries, [1, 4])
    func equalized(_ entry: RuleEntry, batchSize: Int) throws {
        let data = try randomData()
        let configuration = smallConfiguration(entry, .mq, batchSize: batchSize)
        let rule = entry.rule(RuleSettings(solverTolerance: configuration.solverTolerance), optimizer: .mq)
        let scale = Self.scale(entry, configuration.learningRate)
        var run = try TrainingRun(configuration, data: data)
        var means = Array(repeating: configuration.learningRate, count: 3)
        for iteration in 0..<4 {
            let before = run.network
            _ = try run.advance(iterations: 1)
            let problem = LearningProblem(
                network: before, batch: try batch(configuration, data, iteration: iteration),
                loss: configuration.loss, learningRate: configuration.learningRate)
            let update = try rule.inIteration(iteration).step(problem).update
            for (n, layer) in update.layers.enumerated() {
                var sum = 0.0
                for i in 0..<layer.rows { for j in 0..<layer.columns { sum += abs(layer[i, j] / scale) } }
                let mean = sum / Double(layer.rows * layer.columns)
                let rate = configuration.learningRate / (means[n] + 1e-6) + 1e-3
                // The mean of α and of all means up to now.
                means[n] += (mean - means[n]) / Double(iteration + 2)
                let found = run.network.parameters.layers[n] - before.parameters.layers[n]
                for i in 0..<layer.rows {
                    for j in 0..<layer.columns {
                        #expect(abs(found[i, j] - rate * layer[i, j] / scale) < 1e-9 * configuration.learningRate)
                    }
                }
            }
        }
    }
}

/// Algorithm 1 of Kingma and Ba for a single weight, as it stands there.
struct ScalarAdam {
    var m = 0.0
    var v = 0.0
    var t = 0

    mutating func step(gradient g: Double, learningRate: Double) -> Double {
        t += 1
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g * g
        var (meanPower, squarePower) = (1.0, 1.0)
        for _ in 0..<t {
            meanPower *= 0.9
            squarePower *= 0.999
        }
        return -learningRate * (m / (1 - meanPower)) / ((v / (1 - squarePower)).squareRoot() + 1e-8)
    }
}
