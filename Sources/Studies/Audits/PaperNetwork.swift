internal import DataSets
internal import Graphs
internal import LinearAlgebra
public import Networks
internal import Randomness

/// The convolutional network of the paper's code: three convolutions without padding, 3 → 64 (5×5, stride 2), 64 → 128
/// (5×5, stride 2), 128 → 256 (3×3, stride 2), and a linear layer 1024 → 10; 515,210 parameters.
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

    /// The widths of the layers, from the input.
    private static let channels = [3, 64, 128, 256]
    private static let kernels = [5, 5, 3]

    private var graph: GraphDescription {
        var nodes: [NodeDescription] = []
        for n in 0..<3 {
            nodes.append(
                NodeDescription(
                    name: "conv\(n + 1)", activation: activation,
                    edges: [
                        EdgeDescription(
                            from: n == 0 ? "x" : "conv\(n)",
                            [
                                MapDescription(
                                    "convolution",
                                    ["weight": .text("conv\(n + 1).weight"), "bias": .text("conv\(n + 1).bias"), "stride": [2, 2]])
                            ])
                    ]))
        }
        nodes.append(
            NodeDescription(
                name: "fc", activation: .identity,
                edges: [
                    EdgeDescription(
                        from: "conv3",
                        [
                            MapDescription("flatten"),
                            MapDescription("dense", ["weight": "fc.weight", "bias": "fc.bias"]),
                        ])
                ]))
        return GraphDescription(input: "x", inputShape: [3, 32, 32], nodes: nodes, output: "fc")
    }

    private var shapes: [(String, [Int])] {
        (0..<3).flatMap { n -> [(String, [Int])] in
            let (before, after, kernel) = (Self.channels[n], Self.channels[n + 1], Self.kernels[n])
            return [("conv\(n + 1).weight", [after, before, kernel, kernel]), ("conv\(n + 1).bias", [after])]
        } + [("fc.weight", [10, 1024]), ("fc.bias", [10])]
    }

    /// The case with softmax cross-entropy.
    ///
    /// - Throws: what reading the digits and posing a problem can throw.
    func problem(learningRate: Double) throws -> GraphProblem {
        var generator = RandomGenerator(seed: seed)
        var values: [String: [Double]] = [:]
        var fanIn = 1
        for (name, shape) in shapes {
            // A bias has the fan-in of the weights before it.
            if shape.count > 1 { fanIn = shape.dropFirst().reduce(1, *) }
            let bound = 1 / Double(fanIn).squareRoot()
            values[name] = (0..<shape.reduce(1, *)).map { _ in bound * (2 * generator.nextUniform() - 1) }
        }
        let architecture = try GraphArchitecture(graph, tensors: Dictionary(shapes) { first, _ in first })
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
