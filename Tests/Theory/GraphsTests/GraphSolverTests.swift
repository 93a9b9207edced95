import Graphs
import ImplicitSGD
import LinearAlgebra
import Networks
import Randomness
import Testing

/// Exact updates of graphs against a minimiser that knows the objective's values only, and against the certifier.
@Suite("Exact updates of graphs") struct GraphSolverTests {
    static let smoothGraphs = SampleGraph.all(.tanh)
    static let kinkedGraphs = SampleGraph.all(.relu) + SampleGraph.all(.leakyReLU)

    @Test("smooth graphs are solved to strict minima", arguments: smoothGraphs.indices, [0.1, 3])
    func smooth(_ index: Int, rate: Double) throws {
        let problem = try Self.smoothGraphs[index].problem(seed: UInt64(index), examples: 2, rate: rate)
        let report = try GraphSolver().solve(problem)
        #expect(report.outcome == .converged)
        #expect(residualByDifferences(report.update, problem) <= 1e-6)
        let certificate = GraphCertifier().certify(report.update, for: problem)
        #expect(certificate.isExact && certificate.point?.minimum.isStrict == true)
        #expect(problem.objective(after: report.update) < problem.lossBefore)
    }

    @Test("graphs with kinks are solved, and units are held on them", arguments: kinkedGraphs.indices, 0..<4)
    func kinked(_ index: Int, seed: Int) throws {
        let problem = try Self.kinkedGraphs[index].problem(seed: UInt64(40 + seed), examples: 2, rate: 1)
        let report = try GraphSolver().solve(problem)
        #expect(report.outcome == .converged)
        let certificate = GraphCertifier().certify(report.update, for: problem)
        #expect(certificate.isExact, "\(certificate)")
        #expect(isLowest(report.update, problem))
    }

    /// A convolution over inputs that are blocks of equal numbers, as in a magnified picture: units at several places have the same
    /// activity whatever the weights, and pass their kinks together, some with feedback that would hold and some that would not.
    @Test("units whose patches repeat end where they do not fall together", arguments: 0..<24, [1.0, 10])
    func repeated(seed: Int, rate: Double) throws {
        let graph = try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [1, 12],
                nodes: [
                    NodeDescription(
                        name: "h", activation: .relu,
                        edges: [EdgeDescription(from: "x", [SampleGraph.convolution("w", "b", stride: [1], padding: [0])])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "h", [MapDescription("flatten"), SampleGraph.dense("v")])]),
                ], output: "o"), tensors: ["w": [3, 1, 2], "b": [3], "v": [2, 33]])
        var generator = RandomGenerator(seed: UInt64(900 + seed))
        let blocks = generator.matrix(3, 2)
        let problem = try GraphProblem(
            network: try GraphNetwork(
                graph, values: ["w": generator.values(6), "b": generator.values(3), "v": generator.values(66, scale: 0.5)]),
            inputs: Matrix(rows: 12, columns: 2) { i, j in blocks[i / 4, j] }, targets: generator.matrix(2, 2),
            loss: .squaredError, learningRate: rate)
        let report = try GraphSolver().solve(problem)
        let certificate = GraphCertifier().certify(report.update, for: problem)
        #expect(certificate.isExact, "\(report.outcome): \(certificate)")
        #expect(isLowest(report.update, problem))
    }

    /// `‖Δ + α∇L‖/‖Δ‖` with the gradient from differences of the loss.
    private func residualByDifferences(_ update: Parameters<Double>, _ problem: GraphProblem) -> Double {
        var deviation = update
        for n in update.layers.indices {
            for k in 0..<update.layers[n].count {
                let step = 1e-5
                var (up, down) = (update, update)
                up.layers[n].withMutablePointer { $0[k] += step }
                down.layers[n].withMutablePointer { $0[k] -= step }
                let slope = (problem.loss(after: up) - problem.loss(after: down)) / (2 * step)
                deviation.layers[n].withMutablePointer { $0[k] += problem.learningRate * slope }
            }
        }
        return deviation.norm / update.norm
    }

    /// Whether no single parameter, and no random direction, leads down visibly: at kinks, too.
    private func isLowest(_ update: Parameters<Double>, _ problem: GraphProblem) -> Bool {
        let value = problem.objective(after: update)
        for n in update.layers.indices {
            for k in 0..<update.layers[n].count {
                for step in [1e-3, -1e-3, 1e-5, -1e-5] {
                    var moved = update
                    moved.layers[n].withMutablePointer { $0[k] += step }
                    if problem.objective(after: moved) < value - 1e-13 { return false }
                }
            }
        }
        return true
    }

    @Test func `the certifier refuses what is not exact`() throws {
        let problem = try SampleGraph.convolutional(.relu).problem(seed: 5, examples: 2)
        let report = try GraphSolver().solve(problem)
        var wrong = report.update
        wrong.scale(by: 1 + 1e-7)
        #expect(GraphCertifier().certify(report.update, for: problem).isExact)
        #expect(GraphCertifier().certify(wrong, for: problem).refusal?.name == "residual")
        let explicit = -1 * problem.gradient(after: problem.network.architecture.zero)
        #expect(!GraphCertifier().certify(explicit, for: problem).isExact)
        // Biases are zero and keep their part; the weights lose most of it.
        let tiny = try SampleGraph.convolutional(.tanh).problem(seed: 5, examples: 2, rate: 1e-17)
        let least = try GraphSolver().solve(tiny).update
        #expect(least.norm > 0)
        #expect(GraphCertifier().certify(least, for: tiny).refusal?.name == "lost-to-rounding")
        var overflowing = report.update
        overflowing.scale(by: 1e200)
        #expect(GraphCertifier().certify(overflowing, for: problem).refusal?.name == "overflow")
    }
}
