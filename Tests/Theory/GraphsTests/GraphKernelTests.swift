import Graphs
import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

@Suite("Kernel of function space of a graph") struct GraphKernelTests {
    /// One ReLU unit that two examples, which hardly differ, bring to its kink.
    static let unit = SampleGraph(
        name: "one unit",
        graph: GraphDescription(
            input: "x", inputShape: [2],
            nodes: [
                NodeDescription(name: "a", activation: .relu, edges: [EdgeDescription(from: "x", [SampleGraph.dense("w")])]),
                NodeDescription(name: "out", activation: .identity, edges: [EdgeDescription(from: "a", [SampleGraph.dense("o")])]),
            ], output: "out"),
        tensors: ["w": [1, 2], "o": [1, 1]])

    @Test("constraints that nearly depend on each other hold")
    func nearlyDependent() throws {
        let problem = try GraphProblem(
            network: GraphNetwork(
                GraphArchitecture(Self.unit.graph, tensors: Self.unit.tensors), values: ["w": [0.5, 0], "o": [1]]),
            inputs: Matrix(rows: 2, columns: 2, elements: [1, 0, 1, 3e-5]),
            targets: Matrix(rows: 1, columns: 2, elements: [1, 1]), loss: .squaredError, learningRate: 1)
        var model = GraphObjective(problem)
        model.move(to: model.update)
        model.differentiate()
        let rows = (0..<2).map { KernelRow(layer: 1, index: $0, scale: 1) }
        let made = GraphKernel(model, rows: rows, rigid: true)
        var kernel = try #require(made)
        var step = model.zero
        // The examples' activities are to move apart: along the second input, which tells them apart by 3e-5.
        kernel.apply(to: model.zero, displacements: [1, -1], into: &step)
        model.linearize(along: step)
        let moved = model.activityTangents[1].elements
        #expect(abs(moved[0] - 1) < 1e-2 && abs(moved[1] + 1) < 1e-2, "\(moved)")
    }
}
