internal import DataSets
internal import Graphs
internal import LinearAlgebra
public import Networks
internal import Randomness

/// Cases of the paper's convolutional network (`GraphArchitecture.paperNetwork`) with fresh weights, on digits.
public struct PaperNetwork: Sendable {
    /// Of the three convolutions.
    public var activation: Activation
    /// Of the weights, uniform within 1/√fan-in as PyTorch draws them, and of the choice of digits.
    public var seed: UInt64
    /// The number of digits of the mini-batch, each blown up from 8×8 to 32×32 pixels, the same in three channels.
    public var examples: Int

    public init(activation: Activation, seed: UInt64, examples: Int) {
        self.activation = activation
        self.seed = seed
        self.examples = examples
    }

    /// The case with softmax cross-entropy.
    ///
    /// - Throws: what reading the digits and posing a problem can throw.
    func problem(learningRate: Double) throws -> GraphProblem {
        var generator = RandomGenerator(seed: seed)
        var values: [String: [Double]] = [:]
        var fanIn = 1
        let architecture = try GraphArchitecture.paperNetwork(activation)
        for tensor in architecture.tensors {
            // A bias has the fan-in of the weights before it.
            if tensor.shape.count > 1 { fanIn = tensor.shape.dropFirst().reduce(1, *) }
            let bound = 1 / Double(fanIn).squareRoot()
            values[tensor.name] = (0..<tensor.shape.reduce(1, *)).map { _ in bound * (2 * generator.nextUniform() - 1) }
        }
        let digits = try Digits.load(.random(examples, seed: seed))
        let inputs = Matrix<Double>(rows: 3072, columns: examples) { place, example in
            let (row, column) = (place % 1024 / 32, place % 32)
            return digits.inputs[example * 64 + row / 4 * 8 + column / 4]
        }
        return try GraphProblem(
            network: try GraphNetwork(architecture, values: values), inputs: inputs,
            targets: try Matrix(rows: 10, columns: examples, elements: try digits.oneHotTargets()),
            loss: .softmaxCrossEntropy, learningRate: learningRate)
    }
}
