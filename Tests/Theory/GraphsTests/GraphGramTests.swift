import Graphs
import LinearAlgebra
import Networks
import Randomness
import Testing

/// Gram matrices of Jacobians of graphs against Jacobians from differences of forward passes, one parameter at a time.
@Suite("Gram matrices of rows of a graph") struct GraphGramTests {
    /// Long windows over few places, and short ones over many: one is multiplied by its patches, the other by its weights. A
    /// third convolution has groups.
    static let sequence = SampleGraph(
        name: "sequence",
        graph: GraphDescription(
            input: "x", inputShape: [2, 13],
            nodes: [
                NodeDescription(
                    name: "many", activation: .tanh,
                    edges: [EdgeDescription(from: "x", [SampleGraph.convolution("w1", "b1", stride: [1], padding: [1])])]),
                NodeDescription(
                    name: "few", activation: .tanh,
                    edges: [EdgeDescription(from: "many", [SampleGraph.convolution("w2", "b2", stride: [4], padding: [0])])]),
                NodeDescription(
                    name: "groups", activation: .tanh,
                    edges: [
                        EdgeDescription(
                            from: "few",
                            [
                                MapDescription(
                                    "convolution",
                                    ["weight": .text("w3"), "stride": .integers([1]), "padding": .integers([1]), "groups": 2])
                            ])
                    ]),
                NodeDescription(
                    name: "out", activation: .identity,
                    edges: [EdgeDescription(from: "groups", [MapDescription("flatten"), SampleGraph.dense("w4", "b4")])]),
            ], output: "out"),
        tensors: [
            "w1": [2, 2, 2], "b1": [2], "w2": [4, 2, 6], "b2": [4], "w3": [4, 2, 3], "w4": [3, 12], "b4": [3],
        ])

    static let graphs = SampleGraph.all(.tanh) + [sequence]

    @Test("inner products of rows are those of derivatives by differences", arguments: graphs.indices, [1, 4])
    func gram(_ index: Int, examples: Int) throws {
        let problem = try Self.graphs[index].problem(seed: UInt64(60 + index), examples: examples)
        let architecture = problem.network.architecture
        var generator = RandomGenerator(seed: UInt64(index))
        // Not in the order of examples or nodes, and some that see several units.
        let rows = (0..<9).map { k in
            let node = 1 + k * 5 % architecture.depth
            let size = architecture.nodes[node].shape.count
            return GraphRow(
                example: k * 3 % examples, node: node, units: k % 3 == 0 ? [0, size - 1] : [k % size],
                weights: generator.values(k % 3 == 0 ? 2 : 1))
        }
        var jacobian = Matrix<Double>(rows: architecture.parameterCount, columns: rows.count)
        let zero = architecture.zero
        var parameter = 0
        for n in zero.layers.indices {
            for k in 0..<zero.layers[n].count {
                let step = 1e-5
                func values(_ size: Double) -> [Double] {
                    var direction = zero
                    direction.layers[n].withMutablePointer { $0[k] = size }
                    let activities = problem.pass(after: direction).activities
                    return rows.map { row in
                        zip(row.units, row.weights).reduce(0) { $0 + $1.1 * activities[row.node][$1.0, row.example] }
                    }
                }
                for (row, pair) in zip(values(step), values(-step)).enumerated() {
                    jacobian[parameter, row] = (pair.0 - pair.1) / (2 * step)
                }
                parameter += 1
            }
        }
        let expected = try Matrix.product(jacobian, .transposed, jacobian)
        let found = GraphGram.matrix(of: rows, at: problem.pass(after: zero)).matrix
        // A central difference errs by step² times a third derivative, and by rounding over the step: 1e-10.
        #expect((found - expected).maximumMagnitude <= 1e-8 * (1 + expected.maximumMagnitude))
        #expect(rows.indices.allSatisfy { expected[$0, $0] > 1e-6 })
    }
}
