import Graphs
import LinearAlgebra
import Networks
import Randomness
import Testing

/// Derivatives of graphs against finite differences, one parameter at a time: nothing here knows of maps or passes.
@Suite("Derivatives of graphs") struct GraphDerivativeTests {
    static let graphs = SampleGraph.all(.tanh) + SampleGraph.all(.softplus)

    @Test("the gradient is the slope of the loss in every parameter", arguments: graphs.indices)
    func gradient(_ index: Int) throws {
        let problem = try Self.graphs[index].problem(seed: UInt64(index), examples: 3, loss: .softmaxCrossEntropy)
        let zero = problem.network.architecture.zero
        let gradient = problem.gradient(after: zero)
        let step = 1e-5
        for n in zero.layers.indices {
            for k in 0..<zero.layers[n].count {
                var direction = zero
                direction.layers[n].withMutablePointer { $0[k] = step }
                let slope = (problem.loss(after: direction) - problem.loss(after: -1 * direction)) / (2 * step)
                #expect(abs(slope - gradient.layers[n].elements[k]) <= 1e-8)
            }
        }
        #expect(gradient.layers.allSatisfy { $0.norm > 1e-3 })
    }

    @Test("the Hessian product is the slope of the gradient", arguments: graphs.indices)
    func hessian(_ index: Int) throws {
        let problem = try Self.graphs[index].problem(seed: UInt64(20 + index), examples: 2, loss: .softmaxCrossEntropy)
        var objective = GraphObjective(problem)
        let point = 0.3 * objective.update.scattered
        objective.move(to: point)
        objective.differentiate()
        var direction = point
        direction.scale(by: 1 / point.norm)
        for n in direction.layers.indices where n % 2 == 0 { direction.layers[n].scale(by: -2) }
        var product = point
        objective.hessianProduct(direction, into: &product)
        let step = 1e-5
        var slope = problem.gradient(after: point + step * direction)
        slope.add(problem.gradient(after: point + -step * direction), scaledBy: -1)
        slope.scale(by: 1 / (2 * step))
        slope.add(direction, scaledBy: 1 / problem.learningRate)
        #expect((slope - product).norm <= 1e-8 * (1 + product.norm))
        #expect((product - direction).norm > 1e-3)
    }

    /// A chain as a graph: the same numbers as the passes of chains.
    @Test func `a chain as a graph has the derivatives of the chain`() throws {
        let architecture = try Architecture(widths: [3, 4, 2], activation: .sigmoid)
        var generator = RandomGenerator(seed: 3)
        let parameters = Parameters(layers: [generator.matrix(4, 4), generator.matrix(2, 5)])
        let batch = try Batch(inputs: generator.matrix(3, 3), targets: generator.matrix(2, 3))
        let chain = Linearization(
            network: try Network(architecture: architecture, parameters: parameters), batch: batch, loss: .squaredError)
        let graph = try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [3],
                nodes: [
                    NodeDescription(
                        name: "h", activation: .sigmoid,
                        edges: [EdgeDescription(from: "x", [SampleGraph.dense("w0", "b0")])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "h", [SampleGraph.dense("w1", "b1")])]),
                ], output: "o"), tensors: ["w0": [4, 3], "b0": [4], "w1": [2, 4], "b1": [2]])
        var values: [String: [Double]] = [:]
        for n in 0..<2 {
            let weights = parameters.layers[n]
            let columns = weights.columns - 1
            values["w\(n)"] = (0..<weights.rows).flatMap { i in (0..<columns).map { weights[i, $0] } }
            values["b\(n)"] = weights.column(columns)
        }
        let problem = try GraphProblem(
            network: try GraphNetwork(graph, values: values), inputs: batch.inputs, targets: batch.targets,
            loss: .squaredError, learningRate: 1)
        #expect(abs(problem.lossBefore - chain.meanLoss) <= 1e-14)
        let (found, expected) = (problem.gradient(after: graph.zero), chain.gradient())
        for n in 0..<2 {
            let columns = expected.layers[n].columns - 1
            #expect((found.layers[2 * n] - expected.layers[n].columns(0..<columns)).maximumMagnitude <= 1e-14)
            #expect((found.layers[2 * n + 1] - expected.layers[n].columns(columns..<columns + 1)).maximumMagnitude <= 1e-14)
        }
    }
}
