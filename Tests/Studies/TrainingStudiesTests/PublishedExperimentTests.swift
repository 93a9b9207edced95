import Foundation
import LearningRules
import Testing
import Training
import TrainingStudies

/// What an experiment of the paper plans, against the published list of runs.
@Suite("Published experiments")
struct PublishedExperimentTests {
    private func plan(
        _ name: String, _ rule: TrainingRule, constants: RuleSettings = RuleSettings(), alpha: [Double]? = nil
    ) throws -> [TrainingConfiguration] {
        let experiment = try #require(PublishedExperiment.named(name))
        let base = TrainingConfiguration(
            rule: rule, constants: constants, learningRate: 1, iterations: experiment.iterations, dataSet: "digits")
        let grid = TrainingGrid(
            base: base, source: TrainingSource(.digits), rules: [rule], learningRates: [7], seeds: [1]
        ).with(experiment, rates: (alpha, alpha))
        return try StabilityStudy(grid, trainedAccuracy: 0.7).plan().map {
            try JSONDecoder().decode(TrainingConfiguration.self, from: Data($0.identity.configuration.utf8))
        }
    }

    @Test("learning rate and ε of a rule, by either rule set", arguments: [
        ("mnist", "bp", 0.015, nil), ("mnist", "bp-adam", 1e-4, nil), ("mnist", "il", 0.05, nil),
        ("mnist", "il-prox", 5, 0.25), ("fashion-mnist", "il-prox", 2.5, 0.25), ("fashion-mnist", "bp", 0.01, nil),
        ("cifar10", "il-prox", 100, 1), ("cifar10-batch-64", "il-prox-adam", 3e-5, 5),
        ("autoencoder", "il-prox", 10, 20), ("autoencoder", "bp", 1e-4, nil),
    ] as [(String, String, Double, Double?)])
    func places(_ name: String, _ rule: String, _ rate: Double, _ epsilon: Double?) throws {
        let derived = try RuleRegistry.builtIn.trainingRule(named: rule)
        let published = TrainingRule(
            try #require(RuleSet.asPublished.counterpart(of: derived.entry)), derived.optimizer)
        for rule in [derived, published] {
            let found = try plan(name, rule)
            #expect(found.map(\.learningRate) == [rate])
            #expect(found.map(\.constants.epsilon) == [epsilon])
        }
    }

    @Test func `what is given has precedence`() throws {
        let rule = TrainingRule(.publishedProximalInferenceLearning)
        let found = try plan("mnist", rule, constants: RuleSettings(epsilon: 3), alpha: [2, 4])
        #expect(found.map(\.learningRate) == [2, 4])
        #expect(found.map(\.constants.epsilon) == [3, 3])
        // A rule that the experiment does not have stands where the grid has it.
        #expect(try plan("mnist", TrainingRule(.implicit)).map(\.learningRate) == [7])
    }

    @Test func `the target's learning rate and Adam's step are two numbers`() throws {
        let found = try plan("cifar10", TrainingRule(.publishedProximalInferenceLearning, .adam))
        #expect(found.map(\.constants.targetRate) == [100])
        #expect(found.map(\.learningRate) == [3e-5])
        #expect(
            try plan("cifar10", TrainingRule(.publishedInferenceLearning, .adam)).map(\.constants.standardOutput)
                == [.nudged(strength: 0.95)])
    }

    @Test func `the convolutional experiment has the constants of its code`() throws {
        let experiment = try #require(PublishedExperiment.named("cifar10-cnn"))
        #expect(experiment.isConvolutional && experiment.widths(inputs: 3072) == nil)
        #expect(experiment.batchSize == 64 && experiment.iterations == 77_000 && experiment.evaluateEvery == 100)
        #expect(experiment.rules.map(\.rule.name) == ["bp-adam", "il-adam", "paper-conv-adam"])
        let places = try ["bp-adam", "il-adam", "paper-conv-adam"].map { name in
            try #require(experiment.place(of: try RuleRegistry.trained.trainingRule(named: name)))
        }
        #expect(places.map(\.learningRates) == [[2e-5], [9e-6], [1e-4]])
        #expect(places[1].constants == RuleSettings(steps: 8, stepSize: 0.02, leakStepSize: 0))
        #expect(
            places[2].constants
                == RuleSettings(steps: 8, stepSize: 0.02, leakStepSize: 0, epsilon: 15, targetRate: 8e-6))
        #expect(experiment.place(of: TrainingRule(.backpropagation)) == nil)
    }

    @Test("widths and lengths", arguments: [
        ("stability-mnist", [784, 256, 256, 10], 20_000), ("stability-cifar10", [3072, 1024, 1024, 1024, 10], 50_000),
        ("cifar10-batch-64", [3072, 1024, 1024, 1024, 10], 77_000),
        ("autoencoder", [3072, 1024, 256, 100, 256, 1024, 3072], 50_000),
    ])
    func networks(_ name: String, _ widths: [Int], _ iterations: Int) throws {
        let experiment = try #require(PublishedExperiment.named(name))
        #expect(experiment.widths(inputs: try #require(experiment.dataSet.inputWidth)) == widths)
        #expect(experiment.iterations == iterations)
    }
}
