import LearningRules
import LinearAlgebra
import Networks
import Testing

/// What takes the place of the output's error, against its formula for each example.
@Suite("Output treatments")
struct OutputTreatmentTests {
    /// `e_N = c/(1+c)·(y − μ(p))` with each example's own `c = αs_{N−1}`, which differ widely here.
    @Test func `the mixed target has each example's own s`() throws {
        let problem = try randomLearningProblem(
            seed: 4, activation: .relu, loss: .softmaxCrossEntropy, batchSize: 3, learningRate: 0.4)
        let pass = Linearization(network: problem.network, batch: problem.batch, loss: problem.loss)
        let top = problem.network.architecture.depth
        // Without a step of inference the activities are those of the feedforward pass.
        let step = try InferenceLearning.proximal(steps: 0).step(problem)
        let output = try #require(step.activities?[top])
        var weights: [Double] = []
        for example in 0..<3 {
            let rates = pass.rates[top - 1].column(example)
            let bias = problem.network.architecture.biases[top - 1] ? 1.0 : 0
            let c = 0.4 * rates.reduce(bias) { $0 + $1 * $1 }
            weights.append(c / (1 + c))
            for i in 0..<output.rows {
                // The gradient of the loss is μ(p) − y.
                let expected = pass.activities[top][i, example] - c / (1 + c) * pass.errors[top][i, example]
                #expect(abs(output[i, example] - expected) <= 1e-14 * (1 + abs(expected)), "example \(example)")
            }
        }
        #expect(Set(weights).count == 3)
    }
}
