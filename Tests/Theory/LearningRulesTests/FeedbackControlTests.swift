import Graphs
import LearningRules
import LinearAlgebra
import Networks
import Testing

/// `dfc`, on chains and on networks unrolled in time, against a controller that runs in small steps by plain loops.
@Suite("Feedback control")
struct FeedbackControlTests {
    /// `Qₙ` of the feedforward pass: row `i` is `∂h_N/∂hₙ,ᵢ`.
    private static func directions(_ naive: NaiveInference, outputs: Int) -> [[[Double]]] {
        let unit: [[Double]] = (0..<outputs).map { k in (0..<outputs).map { $0 == k ? 1.0 : 0.0 } }
        var result = [unit]
        for n in naive.hidden.indices.reversed() {
            let slopes = naive.slope(naive.hidden[n])
            let (above, weights) = (result[0], naive.weights[n + 1])
            var rows: [[Double]] = []
            for i in slopes.indices {
                rows.append((0..<outputs).map { k in
                    var sum = 0.0
                    for j in above.indices { sum += weights[j][i] * above[j][k] }
                    return slopes[i] * sum
                })
            }
            result.insert(rows, at: 0)
        }
        return result
    }

    private static func product(_ rows: [[Double]], _ vector: [Double]) -> [Double] {
        rows.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    @Test("The steady state is where a controller in small steps ends, by loops", arguments: Loss.allCases, [0.3, 1, 4])
    func chain(_ loss: Loss, gain: Double) throws {
        let problem = try randomLearningProblem(seed: 71, loss: loss, learningRate: 0.4)
        var naive = NaiveInference(problem)
        let outputs = problem.batch.targets.rows
        let directions = Self.directions(naive, outputs: outputs)
        var control = [Double](repeating: 0, count: outputs)
        for _ in 0..<4000 {
            for n in naive.hidden.indices {
                let prediction = naive.predict(n, from: naive.rates(n))
                naive.hidden[n] = zip(prediction, Self.product(directions[n], control)).map { $0 + $1 }
            }
            let last = naive.hidden.count
            let gradient = naive.lossGradient(naive.predict(last, from: naive.rates(last)))
            for k in control.indices { control[k] += 0.02 * (-gain * gradient[k] - control[k]) }
        }
        let errors = directions.map { Self.product($0, control) }
        let found = try FeedbackControl(gain: gain, tolerance: 1e-13).step(problem)
        #expect(found.equilibrium?.isConverged == true)
        #expect(found.update.relativeDistance(to: naive.update(errors) { _ in 0.4 / gain }) < 1e-12)
    }

    /// `eₙ/k = Jₙᵀ(I + kS)⁻¹r` without remainder in a linear network with one output, where `S` is a number.
    @Test("A linear network has the closed form", arguments: [1e-3, 1, 50])
    func closedForm(gain: Double) throws {
        let problem = try randomLearningProblem(
            seed: 72, widths: [3, 4, 2, 1], activation: .identity, loss: .squaredError, learningRate: 0.4)
        let explicit = try Backpropagation().step(problem).update
        let naive = NaiveInference(problem)
        let squares = Self.directions(naive, outputs: 1).dropLast().joined().reduce(0) { $0 + $1[0] * $1[0] }
        let found = try FeedbackControl(gain: gain, tolerance: 1e-13).step(problem).update
        // The first layer's rates are the inputs, which no controller moves.
        let expected = (1 / (1 + gain * squares)) * explicit.layers[0]
        #expect((found.layers[0] - expected).norm < 1e-11 * expected.norm)
    }

    @Test("Without gain it is backpropagation, to first order in the gain")
    func smallGain() throws {
        let problem = try randomLearningProblem(seed: 73, activation: .softplus, batchSize: 3, learningRate: 0.4)
        let explicit = try Backpropagation().step(problem).update
        let distances = try [1e-2, 1e-3].map { gain in
            try FeedbackControl(gain: gain, tolerance: 1e-13).step(problem).update.relativeDistance(to: explicit)
        }
        #expect((0.09...0.11).contains(distances[1] / distances[0]), "\(distances)")
    }

    /// Two steps of a recurrent network: its chain has the recurrent weights twice, and their changes add up.
    @Test("An unrolled network is the chain whose layers share weights")
    func unrolled() throws {
        func dense(_ weight: String, _ bias: String?) -> MapDescription {
            MapDescription("dense", ["weight": .text(weight)].merging(bias.map { ["bias": .text($0)] } ?? [:]) { $1 })
        }
        let graph = try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [2],
                nodes: [
                    NodeDescription(
                        name: "h0", activation: .tanh, edges: [EdgeDescription(from: "x", [dense("u", "b")])]),
                    NodeDescription(
                        name: "h1", activation: .tanh, edges: [EdgeDescription(from: "h0", [dense("v", "b")])]),
                    NodeDescription(
                        name: "o", activation: .identity, edges: [EdgeDescription(from: "h1", [dense("w", "d")])]),
                ], output: "o"), tensors: ["u": [3, 2], "b": [3], "v": [3, 3], "w": [2, 3], "d": [2]])
        let chain = try randomLearningProblem(
            seed: 74, widths: [2, 3, 3, 2], loss: .softmaxCrossEntropy, batchSize: 2, learningRate: 0.9)
        var layers = chain.network.parameters.layers
        for i in 0..<3 { layers[1][i, 3] = layers[0][i, 2] }
        let shared = LearningProblem(
            network: try Network(architecture: chain.network.architecture, parameters: Parameters(layers: layers)),
            batch: chain.batch, loss: chain.loss, learningRate: 0.9)
        func rowMajor(_ layer: Matrix<Double>) -> [Double] {
            (0..<layer.rows).flatMap { i in (0..<layer.columns - 1).map { layer[i, $0] } }
        }
        let problem = try GraphProblem(
            network: try GraphNetwork(
                graph,
                values: [
                    "u": rowMajor(layers[0]), "b": layers[0].column(2), "v": rowMajor(layers[1]), "w": rowMajor(layers[2]),
                    "d": layers[2].column(3),
                ]), inputs: chain.batch.inputs, targets: chain.batch.targets, loss: chain.loss, learningRate: 0.9)
        let found = try GraphFeedbackControl().with(RuleSettings(gain: 2)).update(problem)
        let expected = try FeedbackControl(gain: 2).step(shared).update.layers
        for (name, matrix) in [
            ("u", expected[0].columns(0..<2)), ("b", expected[0].columns(2..<3) + expected[1].columns(3..<4)),
            ("v", expected[1].columns(0..<3)), ("w", expected[2].columns(0..<3)), ("d", expected[2].columns(3..<4)),
        ] {
            let index = try #require(graph.tensors.firstIndex { $0.name == name })
            #expect((found.layers[index] - matrix).norm < 1e-12 * matrix.norm, "\(name)")
        }
    }

    @Test("A controller that cannot settle says so")
    func unsettled() throws {
        // Rounding may leave exactly nothing, and that is settled.
        let found = try (70..<80).map { seed in
            try #require(
                FeedbackControl(gain: 1, tolerance: 1e-300).step(try randomLearningProblem(seed: seed)).equilibrium)
        }
        #expect(found.contains { !$0.isConverged })
        #expect(found.allSatisfy { $0.isConverged == ($0.residual <= 1e-300) })
    }
}
