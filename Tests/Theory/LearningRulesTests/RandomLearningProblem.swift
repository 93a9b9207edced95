import LearningRules
import LinearAlgebra
import Networks
import Randomness

/// A random small learning problem, the same for the same seed.
func randomLearningProblem(
    seed: UInt64, widths: [Int] = [6, 8, 7, 3], activation: Activation = .tanh,
    loss: Loss = .softmaxCrossEntropy, bias: Bool = true, batchSize: Int = 1,
    learningRate: Double = 1
) throws -> LearningProblem<Double> {
    var generator = RandomGenerator(seed: seed)
    let architecture = try Architecture(widths: widths, activation: activation, bias: bias)
    let network = Network<Double>(architecture: architecture, using: &generator)
    let inputs = Matrix<Double>(rows: widths[0], columns: batchSize) { _, _ in
        generator.nextNormal()
    }
    let outputs = widths[widths.count - 1]
    let classes = (0..<batchSize).map { _ in Int(generator.next(below: UInt64(outputs))) }
    let targets = Matrix<Double>(rows: outputs, columns: batchSize) { i, j in
        i == classes[j] ? 1 : 0
    }
    return LearningProblem(
        network: network, batch: try Batch(inputs: inputs, targets: targets), loss: loss,
        learningRate: learningRate)
}

extension Parameters<Double> {
    /// `‖self − other‖/‖other‖`.
    func relativeDistance(to other: Parameters<Double>) -> Double {
        (self - other).norm / other.norm
    }
}
