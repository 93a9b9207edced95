import Foundation
import Graphs
import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Randomness
import Testing

/// Rules on graphs: where a graph is a chain they are the rules of chains, and `A⁺e` is that of a design matrix formed column
/// by column.
@Suite("Rules on graphs") struct GraphRuleTests {
    private func dense(_ weight: String, _ bias: String, transposed: Bool = false) -> MapDescription {
        MapDescription("dense", ["weight": .text(weight), "bias": .text(bias), "transposed": .boolean(transposed)])
    }

    /// A chain of widths 4-5-3 and the same as a graph.
    private func chain(examples: Int) throws -> (LearningProblem<Double>, GraphProblem) {
        var generator = RandomGenerator(seed: 4)
        let architecture = try Architecture(widths: [4, 5, 3], activation: .tanh)
        let layers = [generator.matrix(5, 5), generator.matrix(3, 6)]
        let batch = try Batch(inputs: generator.matrix(4, examples), targets: generator.matrix(3, examples))
        let network = try Network(architecture: architecture, parameters: Parameters(layers: layers))
        let graph = try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [4],
                nodes: [
                    NodeDescription(
                        name: "h", activation: .tanh, edges: [EdgeDescription(from: "x", [dense("w0", "b0")])]),
                    NodeDescription(
                        name: "o", activation: .identity, edges: [EdgeDescription(from: "h", [dense("w1", "b1")])]),
                ], output: "o"), tensors: ["w0": [5, 4], "b0": [5], "w1": [3, 5], "b1": [3]])
        var values: [String: [Double]] = [:]
        for (n, weights) in layers.enumerated() {
            let columns = weights.columns - 1
            values["w\(n)"] = (0..<weights.rows).flatMap { i in (0..<columns).map { weights[i, $0] } }
            values["b\(n)"] = weights.column(columns)
        }
        return (
            LearningProblem(network: network, batch: batch, loss: .squaredError, learningRate: 0.7),
            try GraphProblem(
                network: try GraphNetwork(graph, values: values), inputs: batch.inputs, targets: batch.targets,
                loss: .squaredError, learningRate: 0.7)
        )
    }

    private func difference(_ chain: Parameters<Double>, _ graph: Parameters<Double>) -> Double {
        (0..<chain.layers.count).reduce(0) { worst, n in
            let columns = chain.layers[n].columns - 1
            return max(
                worst, (chain.layers[n].columns(0..<columns) - graph.layers[2 * n]).maximumMagnitude,
                (chain.layers[n].columns(columns..<columns + 1) - graph.layers[2 * n + 1]).maximumMagnitude)
        }
    }

    @Test("rules without ε of a chain", arguments: [1, 3])
    func chains(examples: Int) throws {
        let (chain, graph) = try chain(examples: examples)
        let backpropagation = try Backpropagation().step(chain).update
        #expect(difference(backpropagation, try GraphBackpropagation().update(graph)) <= 1e-14)
        let standard = try InferenceLearning.standard().step(chain).update
        #expect(difference(standard, try GraphInferenceLearning.standard().update(graph)) <= 1e-14)
        var leastNorm = InferenceLearning.proximal()
        leastNorm.weightUpdate = .leastNorm
        let proximal = try leastNorm.step(chain).update
        #expect(difference(proximal, try GraphInferenceLearning.proximal().update(graph)) <= 1e-12)
        var fast = InferenceLearning.proximalFast()
        fast.weightUpdate = .leastNorm
        #expect(difference(try fast.step(chain).update, try GraphInferenceLearning.proximalFast().update(graph)) <= 1e-12)
        let fixed = try InferenceLearning.fixedPredictions().step(chain).update
        let gap = difference(fixed, try GraphInferenceLearning.fixedPredictions().update(graph))
        #expect(gap <= 1e-14 * max(1, fixed.norm))
        let few = RuleSettings(steps: 7, stepSize: 0.1, leakStepSize: 0.05)
        let changed = try RuleEntry.inferenceLearning.rule(few).step(chain).update
        #expect(difference(changed, try GraphInferenceLearning.standard().with(few).update(graph)) <= 1e-14)
        if examples == 1 {
            let prox = try NormalizedBackpropagation(epsilon: 0).step(chain).update
            #expect(difference(prox, try GraphNormalizedBackpropagation().update(graph)) <= 1e-12)
        }
        // On dense layers the published normalization is NLMS without ε.
        let normalized = try InferenceLearning.proximal(epsilon: 0).step(chain).update
        #expect(difference(normalized, try GraphInferenceLearning.publishedConvolution().update(graph)) <= 1e-14)
    }

    @Test("paper-conv takes ε and the α of the target as il-prox does on chains", arguments: [0.0, 0.5, 15], [nil, 3.0])
    func publishedConstants(epsilon: Double, targetRate: Double?) throws {
        let (chain, graph) = try chain(examples: 3)
        let constants = RuleSettings(steps: 8, stepSize: 0.02, leakStepSize: 0, epsilon: epsilon, targetRate: targetRate)
        let expected = try RuleEntry.proximalInferenceLearning.rule(constants).step(chain).update
        let rule = try #require(RuleEntry.publishedConvolution.graphRule(constants))
        #expect(difference(expected, try rule.update(graph)) <= 1e-14)
        // Neither is a constant of the rules that clamp their output.
        let standard = try #require(RuleEntry.inferenceLearning.graphRule(constants))
        let plain = try #require(RuleEntry.inferenceLearning.graphRule(RuleSettings(steps: 8, stepSize: 0.02, leakStepSize: 0)))
        #expect(try standard.update(graph) == plain.update(graph))
        #expect(!standard.settings.contains(.epsilon) && !standard.settings.contains(.targetRate))
    }

    @Test("the loss before a step is that of the feedforward pass, and a step is as long as it says", arguments: GraphRules.all.indices)
    func steps(_ index: Int) throws {
        let (_, graph) = try chain(examples: 3)
        let step = try GraphRules.all[index].step(graph)
        #expect(abs(step.lossBefore - graph.lossBefore) <= 1e-14 * graph.lossBefore)
        #expect(step.length == 0.7 || step.length == 1)
        // Where α is a factor of the update alone, half of it is half of the update.
        let half = try GraphRules.all[index].step(try graph.with(learningRate: 0.35))
        if step.length == 0.7 {
            #expect(half.length == 0.35 && (half.direction - step.direction).norm <= 1e-12 * step.direction.norm)
        } else {
            #expect((half.direction - step.direction).norm > 1e-3 * step.direction.norm)
        }
    }

    /// A convolution with stride on 2×5×3 to 3×2×2, and a dense layer on top.
    private func strided() throws -> GraphArchitecture {
        let convolution = MapDescription("convolution", ["weight": "w", "bias": "b", "stride": [2, 1], "padding": [0, 0]])
        return try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [2, 5, 3],
                nodes: [
                    NodeDescription(name: "h", activation: .tanh, edges: [EdgeDescription(from: "x", [convolution])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "h", [MapDescription("flatten"), dense("v", "c")])]),
                ], output: "o"), tensors: ["w": [3, 2, 2, 2], "b": [3], "v": [2, 12], "c": [2]])
    }

    /// `ν` and the sums of a convolution with stride, entry by entry.
    @Test("paper-conv: the published normalization by loops")
    func published() throws {
        let architecture = try strided()
        var generator = RandomGenerator(seed: 8)
        let rates = PerLayer(from: 0, [generator.matrix(30, 2), generator.matrix(12, 2)])
        let errors = PerLayer(from: 1, [generator.matrix(12, 2), generator.matrix(2, 2)])
        let found = GraphDesign(architecture, rates: rates).published(errors)
        // Entry (channel, row, column) of an image of some height and width, as nodes keep it.
        func entry(_ image: Matrix<Double>, _ size: (Int, Int, Int), _ c: Int, _ i: Int, _ j: Int, _ example: Int) -> Double {
            image[c + size.0 * (i * size.2 + j), example]
        }
        let (seen, made) = ((2, 5, 3), (3, 2, 2))
        var nu = 1.0
        for example in 0..<2 {
            for place in 0..<15 {
                for c in 0..<2 { nu += pow(entry(rates[0], seen, c, place / 3, place % 3, example), 2) / 30 }
            }
        }
        for (tensor, matrix) in zip(architecture.tensors, found.layers) where ["w", "b"].contains(tensor.name) {
            var expected: [Double] = []
            for o in 0..<3 {
                for index in 0..<(tensor.name == "w" ? 8 : 1) {
                    let (c, di, dj) = (index / 4, index / 2 % 2, index % 2)
                    var sum = 0.0
                    for example in 0..<2 {
                        for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                            let error = entry(errors[1], made, o, i, j, example)
                            sum += error * (tensor.name == "b" ? 1 : entry(rates[0], seen, c, 2 * i + di, j + dj, example))
                        }
                    }
                    expected.append(sum / (2 * nu))
                }
            }
            let values = tensor.rowMajor(matrix)
            #expect(zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-13 * (1 + abs($1)) }, "\(tensor.name): \(values), \(expected)")
        }
    }

    /// What a normalization leaves of the errors, against the updates themselves: with fewer patches than they have entries, and
    /// with more.
    @Test("spectra of normalizations", arguments: [1, 5])
    func normalizations(examples: Int) throws {
        let architecture = try strided()
        var generator = RandomGenerator(seed: 9)
        let rates = PerLayer(from: 0, [generator.matrix(30, examples), generator.matrix(12, examples)])
        let errors = PerLayer(from: 1, [generator.matrix(12, examples), generator.matrix(2, examples)])
        let design = GraphDesign(architecture, rates: rates)
        let spectra = try design.normalizations(errors)
        let published = design.apply(design.published(errors))
        let leastNorm = design.apply(try design.leastNorm(errors).update)
        // K has one column for each patch, of 2·2·2 entries and the 1 of the bias; the linear layer's have 12.
        #expect(spectra.map(\.rank) == [min(4 * examples, 9), min(examples, 13)])
        for (spectrum, n) in zip(spectra, 1...2) {
            let size = errors[n].norm
            // Sums of a dozen products, of the size of K/(Bν).
            #expect(abs(spectrum.published - (errors[n] - published[n]).norm / size) <= 1e-13 * (1 + spectrum.largest))
            #expect(abs(spectrum.leastNorm - (errors[n] - leastNorm[n]).norm / size) <= 1e-12)
            // The largest eigenvalue by the power method.
            var vector = errors.mapValues { 0 * $0 }
            vector[n] = errors[n]
            var value = 0.0
            for _ in 0..<2000 {
                vector = design.apply(design.published(vector))
                value = vector[n].norm
                vector[n].scale(by: 1 / value)
            }
            #expect(abs(spectrum.largest - value) <= 1e-9 * value)
        }
    }

    /// A convolution with pooling behind it, and a tied pair: one solved apart, one by iterations.
    @Test("A⁺e is the least-norm solution of the design matrix", arguments: [false, true])
    func leastNorm(isTied: Bool) throws {
        let convolution = MapDescription(
            "convolution", ["weight": "w", "bias": "b", "stride": [1, 1], "padding": [1, 0]])
        let description = isTied
            ? GraphDescription(
                input: "x", inputShape: [4],
                nodes: [
                    NodeDescription(name: "h", activation: .tanh, edges: [EdgeDescription(from: "x", [dense("w", "b")])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "h", [dense("w", "c", transposed: true)])]),
                ], output: "o")
            : GraphDescription(
                input: "x", inputShape: [2, 3, 3],
                nodes: [
                    NodeDescription(
                        name: "h", activation: .tanh, edges: [EdgeDescription(from: "x", [convolution])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "h", [MapDescription("flatten"), dense("v", "c")])]),
                ], output: "o")
        let tensors = isTied
            ? ["w": [3, 4], "b": [3], "c": [4]] : ["w": [2, 2, 2, 2], "b": [2], "v": [2, 16], "c": [2]]
        var generator = RandomGenerator(seed: 6)
        let architecture = try GraphArchitecture(description, tensors: tensors)
        let rates = PerLayer(
            from: 0,
            [generator.matrix(architecture.inputShape.count, 2)]
                + architecture.nodes.dropLast().elements.map { generator.matrix($0.shape.count, 2) })
        let design = GraphDesign(architecture, rates: rates)
        let errors = architecture.nodes.mapValues { generator.matrix($0.shape.count, 2) }
        let zero = design.pullBack(errors.mapValues { 0 * $0 })
        let stacked = { (values: PerLayer<Matrix<Double>>) in values.elements.flatMap(\.elements) }
        var columns: [[Double]] = []
        for n in zero.layers.indices {
            for k in 0..<zero.layers[n].count {
                var direction = zero
                direction.layers[n].withMutablePointer { $0[k] = 1 }
                columns.append(stacked(design.apply(direction)))
            }
        }
        let matrix = Matrix<Double>(rows: columns[0].count, columns: columns.count) { i, j in columns[j][i] }
        let expected = try LeastNormSolution(matrix, Matrix(column: stacked(errors))).solution
        let found = try design.leastNorm(errors)
        #expect((Matrix(column: found.update.flattened) - expected).norm <= 1e-9 * expected.norm)
        #expect((found.products > 0) == isTied)
    }
}

extension RandomGenerator {
    fileprivate mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix<Double> {
        Matrix(rows: rows, columns: columns) { _, _ in nextNormal() }
    }
}
