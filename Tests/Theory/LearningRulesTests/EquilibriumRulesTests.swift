import LearningRules
import LinearAlgebra
import Networks
import Testing

@Suite("Rules run to their equilibrium")
struct EquilibriumRulesTests {
    /// Many small Euler steps arrive where the equilibrium solver does, by other means.
    @Test("il-equilibrium is the limit of il", arguments: Loss.allCases)
    func standardLimit(_ loss: Loss) throws {
        let problem = try randomLearningProblem(seed: 21, loss: loss, learningRate: 0.1)
        let equilibrium = try EquilibriumInferenceLearning.standard().step(problem)
        let steps = try InferenceLearning.standard(steps: 4000, stepSize: 0.1).step(problem)
        #expect(equilibrium.equilibrium?.isConverged == true)
        #expect(steps.update.relativeDistance(to: equilibrium.update) < 1e-8)
    }

    @Test(
        "il-prox-equilibrium is the limit of il-prox",
        arguments: [OutputTreatment.mixedTarget, .proximalPoint])
    func proximalLimit(_ output: OutputTreatment) throws {
        for learningRate in [0.01, 1, 30] {
            let problem = try randomLearningProblem(
                seed: 22, activation: .softplus, learningRate: learningRate)
            let equilibrium = try EquilibriumInferenceLearning.proximal(output: output)
                .step(problem)
            let steps = try InferenceLearning.proximal(
                steps: 20_000, stepSize: 0.05, output: output, epsilon: 0
            ).step(problem)
            #expect(equilibrium.equilibrium?.isConverged == true)
            #expect(steps.update.relativeDistance(to: equilibrium.update) < 1e-7)
        }
    }

    @Test("il-exact by Euler steps reaches the exact update (T8)")
    func exactLimit() throws {
        for learningRate in [0.01, 0.1, 1] {
            let problem = try randomLearningProblem(seed: 23, learningRate: learningRate)
            let exact = try ImplicitGradientDescent.throughActivities().step(problem)
            let steps = try InferenceLearning.exact(steps: 20_000, stepSize: 0.05).step(problem)
            #expect(exact.equilibrium?.isConverged == true)
            #expect(steps.update.relativeDistance(to: exact.update) < 1e-7)
        }
    }

    @Test("Equilibria with kinks are held: the field points back from both sides")
    func kinks() throws {
        for seed in 30..<40 {
            let problem = try randomLearningProblem(
                seed: UInt64(seed), widths: [6, 16, 16, 4], activation: .relu, learningRate: 3)
            for rule in [EquilibriumInferenceLearning.standard(), .proximal()] {
                let step = try rule.step(problem)
                #expect(step.equilibrium?.isConverged == true, "\(rule.name), seed \(seed)")
            }
        }
    }

    /// T14: IL with a nudged output tends to BP as the nudge vanishes.
    @Test("Nudged IL over its strength tends to backpropagation")
    func nudging() throws {
        let problem = try randomLearningProblem(seed: 41, learningRate: 1)
        let explicit = try Backpropagation().step(problem).update
        let deviations = try [1e-2, 1e-3, 1e-4].map { strength in
            var rule = EquilibriumInferenceLearning.standard()
            rule.output = .nudged(strength: strength)
            let update = try rule.step(problem).update
            return ((1 / strength) * update).relativeDistance(to: explicit)
        }
        #expect(deviations[1] < 0.12 * deviations[0] && deviations[2] < 0.12 * deviations[1])
    }

    /// Medians over 24 networks 6-8-7-3 (tanh and softplus, squared error and cross-entropy) that another
    /// program measured on other random networks: they are met within the spread of such samples.
    @Test(
        "The prototype's medians",
        arguments: [
            (0.01, 0.041, 0.0099), (0.1, 0.40, 0.086), (1, 3.9, 0.28), (10, 35, 0.45),
            (100, 290, 0.53),
        ] as [(Double, Double, Double)])
    func prototype(learningRate: Double, backpropagation: Double, proximal: Double) throws {
        var distances: [[Double]] = [[], [], []]
        for seed in 0..<24 {
            let problem = try randomLearningProblem(
                seed: UInt64(500 + seed), activation: seed % 2 == 0 ? .tanh : .softplus,
                loss: seed / 2 % 2 == 0 ? .squaredError : .softmaxCrossEntropy,
                learningRate: learningRate)
            let exact = try ImplicitGradientDescent().step(problem)
            #expect(exact.equilibrium?.isConverged == true)
            let rules: [any LearningRule] = [
                Backpropagation(),
                InferenceLearning.proximal(
                    steps: 200, stepSize: 0.2, output: .proximalPoint, epsilon: 0),
                InferenceLearning.exact(),
            ]
            for (k, rule) in rules.enumerated() {
                distances[k].append(
                    try rule.step(problem).update.relativeDistance(to: exact.update))
            }
        }
        let medians = distances.map { $0.sorted()[12] }
        #expect((0.4...2.5).contains(medians[0] / backpropagation), "bp \(medians[0])")
        #expect((0.4...2.5).contains(medians[1] / proximal), "il-prox \(medians[1])")
        #expect(medians[2] < 1e-5, "il-exact \(medians[2])")
    }
}
