import Foundation
import Graphs
import LearningRules
import LinearAlgebra
import Networks
import Randomness
import Testing
import Training

/// Graphs for `randomData`: 6 inputs and 3 classes.
enum TrainedGraphs {
    static func dense(_ weight: String, _ bias: String) -> MapDescription {
        MapDescription("dense", ["weight": .text(weight), "bias": .text(bias)])
    }

    /// The chain 6-8-7-3 of `smallConfiguration`.
    static func chain(_ activation: Activation = .tanh) throws -> GraphArchitecture {
        try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [6],
                nodes: [
                    NodeDescription(name: "a", activation: activation, edges: [EdgeDescription(from: "x", [dense("w0", "b0")])]),
                    NodeDescription(name: "b", activation: activation, edges: [EdgeDescription(from: "a", [dense("w1", "b1")])]),
                    NodeDescription(name: "o", activation: .identity, edges: [EdgeDescription(from: "b", [dense("w2", "b2")])]),
                ], output: "o"),
            tensors: ["w0": [8, 6], "b0": [8], "w1": [7, 8], "b1": [7], "w2": [3, 7], "b2": [3]])
    }

    /// Two channels of 1×3 pixels, a convolution to four channels of 1×2, and a dense map.
    static func convolutional(_ activation: Activation = .tanh) throws -> GraphArchitecture {
        try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [2, 1, 3],
                nodes: [
                    NodeDescription(
                        name: "c", activation: activation,
                        edges: [EdgeDescription(from: "x", [MapDescription("convolution", ["weight": "k", "bias": "b"])])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "c", [MapDescription("flatten"), dense("v", "d")])]),
                ], output: "o"), tensors: ["k": [4, 2, 1, 2], "b": [4], "v": [3, 8], "d": [3]])
    }
}

extension Parameters<Double> {
    /// The tensors of a chain that is written as a graph: weights and biases one after the other.
    fileprivate var asTensors: Parameters<Double> {
        Parameters(layers: layers.flatMap { [$0.columns(0..<$0.columns - 1), $0.columns($0.columns - 1..<$0.columns)] })
    }
}

/// Training of graphs: against the trainer of chains, which shares no pass and no rule with it, and against loops.
@Suite("Training of graphs") struct GraphTrainingTests {
    /// The rule of graphs, that of chains which it is there, and the constants of the latter.
    private static let pairs: [(graph: RuleEntry, chain: RuleEntry, batchSize: Int)] = [
        (.backpropagation, .backpropagation, 3), (.inferenceLearning, .inferenceLearning, 3),
        (.proximalInferenceLearning, .proximalInferenceLearning, 1),
        (.publishedConvolution, .proximalInferenceLearning, 1), (.publishedConvolution, .proximalInferenceLearning, 3),
        (.fixedPredictions, .fixedPredictions, 3), (.feedbackControl, .feedbackControl, 2),
        (.normalizedBackpropagation, .normalizedBackpropagation, 1),
    ]

    @Test("a chain that is written as a graph trains to the weights of the chain", arguments: pairs.indices, [Optimizer.plain, .adam])
    func chains(_ index: Int, _ optimizer: Optimizer) throws {
        let (graphRule, chainRule, size) = Self.pairs[index]
        let data = try randomData()
        var configuration = smallConfiguration(chainRule, optimizer, batchSize: size, iterations: 14)
        configuration.compareEvery = 0
        configuration.weightNormEvery = 3
        configuration.usesPartialBatches = true
        // Other than its default for chains; least norms have none.
        let epsilon = graphRule == .publishedConvolution ? 0.25 : 0
        if chainRule.settings.contains(.epsilon) { configuration.constants.epsilon = epsilon }
        var ofGraph = configuration.training(try TrainedGraphs.chain())
        ofGraph.rule = TrainingRule(graphRule, optimizer)
        var chain = try TrainingRun(configuration, data: data)
        var graph = try GraphTrainingRun(ofGraph, data: data)
        #expect(graph.network.parameters == chain.network.parameters.asTensors, "the same weights to begin with")
        let start = graph.network.parameters
        let (expected, found) = (try chain.advance(iterations: 14), try graph.advance(iterations: 14))
        let moved = (chain.network.parameters.asTensors - start).norm
        // Adam divides every direction by its own size, and its rounding with it.
        let tolerance = optimizer == .adam ? 1e-8 : 1e-11
        #expect((graph.network.parameters - chain.network.parameters.asTensors).norm <= tolerance * moved)
        #expect(found.map(\.iteration) == expected.map(\.iteration) && found.count == 3)
        for (a, b) in zip(found, expected) {
            #expect(abs(a.trainingLoss - b.trainingLoss) <= tolerance * b.trainingLoss)
            #expect(abs(a.testLoss - b.testLoss) <= tolerance * b.testLoss)
            #expect(a.testAccuracy == b.testAccuracy)
            #expect(abs(a.updateNormMean - b.updateNormMean) <= tolerance * b.updateNormMean)
            let (norm, other) = (try #require(a.weightNormMean), try #require(b.weightNormMean))
            #expect(abs(norm - other) <= tolerance * other && norm < a.updateNormMean * 3)
        }
    }

    @Test("with Adam the learning rate is that of the step, and the target has its own")
    func targetRate() throws {
        let data = try randomData()
        var ends: [Parameters<Double>] = []
        for rate in [nil, 0.01, 50] as [Double?] {
            var configuration = smallConfiguration(.proximalInferenceLearning, .adam, batchSize: 2)
            configuration.compareEvery = 0
            configuration.constants = RuleSettings(steps: 9, stepSize: 0.05, leakStepSize: 0, epsilon: 15, targetRate: rate)
            var ofGraph = configuration.training(try TrainedGraphs.chain())
            ofGraph.rule = TrainingRule(.publishedConvolution, .adam)
            var chain = try TrainingRun(configuration, data: data)
            var graph = try GraphTrainingRun(ofGraph, data: data)
            _ = try (chain.advance(iterations: 12), graph.advance(iterations: 12))
            let expected = chain.network.parameters.asTensors
            #expect(graph.network.parameters.relativeDistance(to: expected) <= 1e-9)
            ends.append(graph.network.parameters)
        }
        #expect(ends[0] == ends[1], "the smallConfiguration's rate with Adam is 0.01")
        #expect(ends[2].relativeDistance(to: ends[0]) > 1e-6)
    }

    /// Adam by its authors' algorithm, one weight at a time.
    private struct NaiveAdam {
        var means: [Double], squares: [Double], count = 0

        init(_ size: Int) { (means, squares) = (Array(repeating: 0, count: size), Array(repeating: 0, count: size)) }

        mutating func step(_ direction: [Double], rate: Double) -> [Double] {
            count += 1
            return direction.indices.map { i in
                means[i] = 0.9 * means[i] + 0.1 * direction[i]
                squares[i] = 0.999 * squares[i] + 0.001 * direction[i] * direction[i]
                let (m, v) = (means[i] / (1 - pow(0.9, Double(count))), squares[i] / (1 - pow(0.999, Double(count))))
                return rate * m / (v.squareRoot() + 1e-8)
            }
        }
    }

    @Test("a convolution is trained by its rule's updates, mini-batch by mini-batch", arguments: [
        GraphInferenceLearning.standard(), .publishedConvolution(epsilon: 2),
    ], [Optimizer.plain, .adam])
    func updates(_ rule: GraphInferenceLearning, _ optimizer: Optimizer) throws {
        let data = try randomData()
        let graph = try TrainedGraphs.convolutional(.relu)
        let entry = try RuleRegistry.trained.entry(named: rule.name)
        var configuration = smallConfiguration(entry, optimizer, batchSize: 4, iterations: 9).training(graph)
        configuration.compareEvery = 0
        configuration.constants = RuleSettings(steps: 6, epsilon: entry == .publishedConvolution ? 2 : nil)
        var generator = RandomGenerator(seed: configuration.seed, stream: 0)
        let network = GraphNetwork(graph, using: &generator)
        var weights = network.parameters
        var adam = NaiveAdam(weights.count)
        let rate = configuration.learningRate
        for iteration in 0..<9 {
            let batch = try batch(configuration, data, iteration: iteration)
            let values = Dictionary(
                uniqueKeysWithValues: zip(graph.tensors, weights.layers).map { ($0.name, $0.rowMajor($1)) })
            let problem = try GraphProblem(
                network: try GraphNetwork(graph, values: values), inputs: batch.inputs, targets: batch.targets,
                loss: configuration.loss, learningRate: rate)
            let update = try rule.with(RuleSettings(steps: 6)).update(problem)
            // il's update is α times a gradient; that of paper-conv has no α to take out.
            let gradient = entry == .inferenceLearning ? (1 / rate) * update : update
            var step = optimizer == .plain ? update.flattened : adam.step(gradient.flattened, rate: rate)
            for n in weights.layers.indices {
                let part = step.prefix(weights.layers[n].count)
                step.removeFirst(part.count)
                weights.layers[n].add(
                    try Matrix(rows: weights.layers[n].rows, columns: weights.layers[n].columns, elements: Array(part)))
            }
        }
        var run = try GraphTrainingRun(configuration, data: data)
        _ = try run.advance(iterations: 9)
        #expect(run.network.parameters.relativeDistance(to: weights) <= 1e-11)
    }

    @Test("interrupted runs end with the same bits", arguments: GraphRules.all.map(\.name), [Optimizer.plain, .adam])
    func resume(_ name: String, _ optimizer: Optimizer) throws {
        let data = try randomData()
        let entry = try RuleRegistry.trained.entry(named: name)
        let configuration = smallConfiguration(entry, optimizer, batchSize: 2, iterations: 23)
            .training(try TrainedGraphs.convolutional())
        var whole = try GraphTrainingRun(configuration, data: data)
        let expected = try whole.advance(iterations: 23)
        #expect(whole.isFinished && expected.count == 5)
        var generator = RandomGenerator(seed: 11)
        var run = try GraphTrainingRun(configuration, data: data)
        var found: [TrainingMeasurement] = []
        while !run.isFinished {
            found += try run.advance(iterations: Int(generator.next(below: 7)))
            run = try GraphTrainingRun(configuration, data: data, checkpoint: run.checkpoint())
        }
        #expect(found == expected)
        #expect(run.checkpoint() == whole.checkpoint())
        var other = configuration
        other.learningRate *= 2
        #expect(throws: TrainingError.checkpoint(.otherConfiguration)) {
            try GraphTrainingRun(other, data: data, checkpoint: whole.checkpoint())
        }
    }

    @Test("the exact update is compared with on the way, and near for small α")
    func comparison() throws {
        var distances: [Double] = []
        for rate in [1e-3, 1e-2] {
            var configuration = smallConfiguration(.backpropagation, batchSize: 2)
                .training(try TrainedGraphs.convolutional())
            configuration.learningRate = rate
            var run = try GraphTrainingRun(configuration, data: try randomData())
            let found = try #require(try run.advance(iterations: 5).first)
            #expect(found.comparisons == 2 && found.uncertifiedComparisons == 0)
            distances.append(try #require(found.relativeDistance))
            #expect(try #require(found.cosine) > 0.99)
        }
        // T6: of first order in α.
        #expect((8...12).contains(distances[1] / distances[0]), "\(distances)")
    }

    @Test("a run that diverges is a result", arguments: ["bp", "il", "il-prox", "paper-conv"])
    func divergence(_ name: String) throws {
        let entry = try RuleRegistry.trained.entry(named: name)
        var configuration = smallConfiguration(entry, batchSize: 2, iterations: 400)
            .training(try TrainedGraphs.convolutional(.identity))
        configuration.compareEvery = 0
        configuration.loss = .squaredError
        configuration.learningRate = 1e200
        // Steps of inference beyond the stable ones, for the rules in which α moves the target only.
        if name != "bp" { configuration.constants = RuleSettings(steps: 60, stepSize: 1e9) }
        var run = try GraphTrainingRun(configuration, data: try randomData())
        let rows = try run.advance(iterations: 400)
        #expect(run.isDiverged && run.isFinished)
        let last = try #require(rows.last)
        #expect(last.isDiverged && last.testLoss == .infinity && last.testAccuracy == nil)
        #expect(last.iteration < 400 && rows.dropLast().allSatisfy { !$0.isDiverged })
    }

    @Test func `what cannot be trained is refused by name`() throws {
        let data = try randomData()
        let graph = try TrainedGraphs.convolutional()
        func reason(_ entry: RuleEntry, _ optimizer: Optimizer = .plain, _ change: (inout TrainingConfiguration) -> Void = { _ in }) -> String {
            var configuration = smallConfiguration(entry, optimizer).training(graph)
            change(&configuration)
            do {
                _ = try GraphTrainingRun(configuration, data: data)
                return "accepted"
            } catch { return "\(error)" }
        }
        #expect(reason(.backpropagation) == "accepted")
        #expect(reason(.implicit).contains("there is no rule 'implicit' for graphs; expected some of bp, il"))
        #expect(reason(.backpropagation, .mq).contains("not with mq"))
        #expect(reason(.backpropagation) { $0.precision = .single }.contains("double precision"))
        #expect(reason(.backpropagation) { $0.held = HeldParameters([.biases]) }.contains("held"))
        #expect(reason(.backpropagation) { $0.measuresRepresentation = true }.contains("measured for chains"))
        #expect(reason(.backpropagation) { $0.widths = [6, 4, 3] }.contains("not those of the graph"))
        #expect(reason(.backpropagation) { $0.learningRate = -1 }.contains("learningRate"))
        let wider = try randomData(inputWidth: 7)
        #expect(throws: TrainingError.network(.shapeMismatch(what: "width of the inputs", expected: 6, found: 7))) {
            try GraphTrainingRun(smallConfiguration(.backpropagation).training(graph), data: wider)
        }
        let more = try randomData(classes: 4)
        #expect(throws: TrainingError.network(.shapeMismatch(what: "width of the targets", expected: 3, found: 4))) {
            try GraphTrainingRun(smallConfiguration(.backpropagation).training(graph), data: more)
        }
        // Each kind of run has its kind of network.
        #expect(throws: TrainingError.self) { try GraphTrainingRun(smallConfiguration(.backpropagation), data: data) }
        #expect(throws: TrainingError.self) {
            try TrainingRun(smallConfiguration(.backpropagation).training(graph), data: data)
        }
        #expect(throws: TrainingError.self) {
            try TrajectoryRun(smallConfiguration(.backpropagation).training(graph), data: data)
        }
        #expect(throws: TrainingError.configuration(
            field: "rule", reason: "there is no rule 'paper-conv' for chains; it is for graphs")
        ) { try TrainingRun(smallConfiguration(.publishedConvolution), data: data) }
    }

    @Test func `a configuration reads back, and that of a chain has no word of graphs`() throws {
        let configuration = smallConfiguration(.publishedConvolution, .adam).training(try TrainedGraphs.convolutional())
        let text = try configuration.canonicalJSON()
        let read = try JSONDecoder().decode(TrainingConfiguration.self, from: text)
        #expect(read == configuration)
        #expect(try read.canonicalJSON() == text)
        let other = smallConfiguration(.publishedConvolution, .adam).training(try TrainedGraphs.convolutional(.relu))
        #expect(try other.canonicalJSON() != text)
        #expect(!String(decoding: try smallConfiguration(.backpropagation).canonicalJSON(), as: UTF8.self).contains("graph"))
    }
}
