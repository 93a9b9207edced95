import ImplicitSGD
import LinearAlgebra
import Networks
import Randomness
import RealModule

/// A random small problem, the same for the same seed.
func randomProblem(
    seed: UInt64, widths: [Int] = [5, 6, 4, 3], activation: Activation = .tanh,
    loss: Loss = .softmaxCrossEntropy, bias: Bool = true, batchSize: Int = 1,
    learningRate: Double = 1, weightScale: Double = 1
) throws -> ProximalProblem {
    var generator = RandomGenerator(seed: seed)
    let architecture = try Architecture(widths: widths, activation: activation, bias: bias)
    let drawn = Network<Double>(architecture: architecture, using: &generator)
    let network = try Network(
        architecture: architecture, parameters: weightScale * drawn.parameters)
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

/// Random parameters of unit norm.
func randomDirection(for architecture: Architecture, seed: UInt64) -> Parameters<Double> {
    var generator = RandomGenerator(seed: seed)
    var result = Parameters<Double>(zerosFor: architecture)
    for n in result.layers.indices {
        let layer = result.layers[n]
        result.layers[n] = Matrix(rows: layer.rows, columns: layer.columns) { _, _ in
            generator.nextNormal()
        }
    }
    result.scale(by: 1 / result.norm)
    return result
}

/// Random blocks of the shapes of `like`, with entries of standard deviation `scale`.
func randomBlocks(
    like: PerLayer<Matrix<Double>>, seed: UInt64, scale: Double
) -> PerLayer<Matrix<Double>> {
    var generator = RandomGenerator(seed: seed)
    return like.mapValues { block in
        Matrix(rows: block.rows, columns: block.columns) { _, _ in
            scale * generator.nextNormal()
        }
    }
}

/// The least-squares slope of `log values` over `log steps`.
func logLogSlope(_ steps: [Double], _ values: [Double]) -> Double {
    let x = steps.map { Double.log($0) }
    let y = values.map { Double.log($0) }
    let meanX = x.reduce(0, +) / Double(x.count)
    let meanY = y.reduce(0, +) / Double(y.count)
    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    return covariance / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
}
