import ImplicitSGD
import LinearAlgebra
import Networks
import Randomness

/// A network 1-1-1 with one hidden unit: `W₀ = (w₁, b₁)`, `W₁ = (w₂, b₂)`, the biases only if there are.
func tinyProblem(
    _ activation: Activation, first: [Double], second: [Double], input: Double = 1, target: Double = 1,
    loss: Loss = .squaredError, learningRate: Double
) throws -> ProximalProblem {
    let hasBias = first.count == 2
    let architecture = try Architecture(widths: [1, 1, 1], activation: activation, bias: hasBias)
    let parameters = Parameters<Double>(layers: [
        Matrix(column: first).transposed, Matrix(column: second).transposed,
    ])
    return try ProximalProblem(
        network: Network(architecture: architecture, parameters: parameters),
        batch: Batch(inputs: Matrix(column: [input]), targets: Matrix(column: [target])),
        loss: loss, learningRate: learningRate)
}

/// A random small problem, the same for the same seed.
func randomProblem(
    seed: UInt64, widths: [Int] = [5, 6, 4, 3], activation: Activation = .tanh,
    loss: Loss = .softmaxCrossEntropy, bias: Bool = true, batchSize: Int = 1,
    learningRate: Double = 1
) throws -> ProximalProblem {
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
    return try ProximalProblem(
        network: network, batch: Batch(inputs: inputs, targets: targets), loss: loss,
        learningRate: learningRate)
}

extension ProximalProblem {
    var zeroUpdate: Parameters<Double> { Parameters(zerosFor: network.architecture) }
}
