import Graphs
import ImplicitSGD
import LinearAlgebra
import Networks
import Randomness

extension RandomGenerator {
    mutating func matrix(_ rows: Int, _ columns: Int, scale: Double = 1) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows, columns: columns)
        for j in 0..<columns { for i in 0..<rows { result[i, j] = scale * nextNormal() } }
        return result
    }

    mutating func values(_ count: Int, scale: Double = 1) -> [Double] { (0..<count).map { _ in scale * nextNormal() } }
}

/// A graph of the tests with its tensors' shapes.
struct SampleGraph: Sendable, CustomStringConvertible {
    let name: String
    let graph: GraphDescription
    let tensors: [String: [Int]]
    var description: String { name }

    static func convolution(_ weight: String, _ bias: String?, stride: [Int], padding: [Int]) -> MapDescription {
        var settings: [String: MapSetting] = [
            "weight": .text(weight), "stride": .integers(stride), "padding": .integers(padding),
        ]
        if let bias { settings["bias"] = .text(bias) }
        return MapDescription("convolution", settings)
    }

    static func dense(_ weight: String, _ bias: String? = nil, transposed: Bool = false) -> MapDescription {
        var settings: [String: MapSetting] = ["weight": .text(weight)]
        if let bias { settings["bias"] = .text(bias) }
        if transposed { settings["transposed"] = true }
        return MapDescription("dense", settings)
    }

    /// Two convolutions, fixed maps before and after the second, and a dense map.
    static func convolutional(_ activation: Activation) -> SampleGraph {
        SampleGraph(
            name: "convolutional \(activation)",
            graph: GraphDescription(
                input: "x", inputShape: [2, 4, 3],
                nodes: [
                    NodeDescription(
                        name: "c1", activation: activation,
                        edges: [EdgeDescription(from: "x", [convolution("w1", "b1", stride: [1, 2], padding: [1, 0])])]),
                    NodeDescription(
                        name: "c2", activation: activation,
                        edges: [
                            EdgeDescription(
                                from: "c1",
                                [
                                    MapDescription("subsample", ["stride": [2, 1]]),
                                    convolution("w2", "b2", stride: [1, 1], padding: [0, 0]),
                                    MapDescription("scale", ["factor": 0.7]),
                                ])
                        ]),
                    NodeDescription(
                        name: "out", activation: .identity,
                        edges: [EdgeDescription(from: "c2", [MapDescription("flatten"), dense("w3", "b3")])]),
                ], output: "out"),
            tensors: ["w1": [3, 2, 3, 2], "b1": [3], "w2": [2, 3, 1, 1], "b2": [2], "w3": [3, 4], "b3": [3]])
    }

    /// A residual node: an edge without parameters beside one with.
    static func residual(_ activation: Activation) -> SampleGraph {
        SampleGraph(
            name: "residual \(activation)",
            graph: GraphDescription(
                input: "x", inputShape: [3],
                nodes: [
                    NodeDescription(
                        name: "a", activation: activation, edges: [EdgeDescription(from: "x", [dense("w1", "b1")])]),
                    NodeDescription(
                        name: "b", activation: activation,
                        edges: [EdgeDescription(from: "a", [dense("w2", "b2")]), EdgeDescription(from: "a")]),
                    NodeDescription(
                        name: "out", activation: .identity,
                        edges: [EdgeDescription(from: "b", [dense("w3")]), EdgeDescription(from: "x", [dense("w4")])]),
                ], output: "out"),
            tensors: ["w1": [4, 3], "b1": [4], "w2": [4, 4], "b2": [4], "w3": [2, 4], "w4": [2, 3]])
    }

    /// The decoder uses the transpose of the encoder's weights.
    static func tied(_ activation: Activation) -> SampleGraph {
        SampleGraph(
            name: "tied \(activation)",
            graph: GraphDescription(
                input: "x", inputShape: [4],
                nodes: [
                    NodeDescription(
                        name: "code", activation: activation, edges: [EdgeDescription(from: "x", [dense("w", "b")])]),
                    NodeDescription(
                        name: "out", activation: .identity,
                        edges: [EdgeDescription(from: "code", [dense("w", "c", transposed: true)])]),
                ], output: "out"),
            tensors: ["w": [3, 4], "b": [3], "c": [4]])
    }

    /// Three steps of a recurrence with one pair of matrices.
    static func unrolled(_ activation: Activation) -> SampleGraph {
        func step(_ n: Int) -> NodeDescription {
            let given = EdgeDescription(
                from: "x", [MapDescription("slice", ["start": .number(Double(2 * n)), "length": 2]), dense("u", "b")])
            return NodeDescription(
                name: "h\(n)", activation: activation,
                edges: n == 0 ? [given] : [given, EdgeDescription(from: "h\(n - 1)", [dense("v")])])
        }
        return SampleGraph(
            name: "unrolled \(activation)",
            graph: GraphDescription(
                input: "x", inputShape: [6],
                nodes: [
                    step(0), step(1), step(2),
                    NodeDescription(
                        name: "out", activation: .identity, edges: [EdgeDescription(from: "h2", [dense("o", "p")])]),
                ], output: "out"),
            tensors: ["u": [3, 2], "b": [3], "v": [3, 3], "o": [2, 3], "p": [2]])
    }

    static func all(_ activation: Activation) -> [SampleGraph] {
        [convolutional(activation), residual(activation), tied(activation), unrolled(activation)]
    }

    func problem(seed: UInt64, examples: Int, loss: Loss = .squaredError, rate: Double = 1) throws -> GraphProblem {
        var generator = RandomGenerator(seed: seed)
        let architecture = try GraphArchitecture(graph, tensors: tensors)
        var values: [String: [Double]] = [:]
        for (name, shape) in tensors.sorted(by: { $0.key < $1.key }) {
            let inputs = Double(shape.dropFirst().reduce(1, *))
            values[name] = generator.values(shape.reduce(1, *), scale: shape.count == 1 ? 0.3 : 1.2 / inputs.squareRoot())
        }
        let outputs = architecture.outputWidth
        return try GraphProblem(
            network: try GraphNetwork(architecture, values: values),
            inputs: generator.matrix(architecture.inputShape.count, examples),
            targets: loss == .squaredError
                ? generator.matrix(outputs, examples)
                : Matrix(rows: outputs, columns: examples) { i, j in i == j % outputs ? 1 : 0 },
            loss: loss, learningRate: rate)
    }
}
