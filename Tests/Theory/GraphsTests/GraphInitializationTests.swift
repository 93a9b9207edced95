import Foundation
import Graphs
import LinearAlgebra
import Networks
import Randomness
import Testing

/// Fresh parameters of graphs, and graphs as JSON.
@Suite("Fresh graphs") struct GraphInitializationTests {
    @Test("the paper's network has the sizes of its code")
    func paper() throws {
        let graph = try GraphArchitecture.paperNetwork(.relu)
        #expect(graph.parameterCount == 515_210 && graph.outputWidth == 10 && graph.depth == 4)
        #expect(graph.nodes.map(\.shape.dimensions) == [[64, 14, 14], [128, 5, 5], [256, 2, 2], [10]])
        #expect(graph.nodes.map(\.activation) == [.relu, .relu, .relu, .identity])
    }

    /// Moments of what is drawn: within five standard deviations of a sample's.
    @Test("each tensor has the moments that its fan-in and fan-out ask for", arguments: Initialization.allCases)
    func moments(_ initialization: Initialization) throws {
        let graph = try GraphArchitecture.paperNetwork(.relu)
        var generator = RandomGenerator(seed: 2)
        let network = GraphNetwork(graph, initialization: initialization, using: &generator)
        let fans: [String: (Double, Double)] = [
            "conv1": (75, 1600), "conv2": (1600, 3200), "conv3": (1152, 2304), "fc": (1024, 10),
        ]
        for (tensor, matrix) in zip(graph.tensors, network.parameters.layers) {
            let name = try #require(tensor.name.split(separator: ".").first)
            let (fanIn, fanOut) = try #require(fans[String(name)])
            let variance: Double =
                switch initialization {
                case .uniform: 1 / (3 * fanIn)
                case .glorot: tensor.role == .bias ? 0 : 2 / (fanIn + fanOut)
                case .he: tensor.role == .bias ? 0 : 2 / fanIn
                }
            let count = Double(matrix.count)
            let mean = matrix.elements.reduce(0, +) / count
            let square = matrix.squaredNorm / count
            #expect(abs(mean) <= 5 * (variance / count).squareRoot(), "\(tensor.name)")
            #expect(abs(square - variance) <= 5 * variance * (2 / count).squareRoot(), "\(tensor.name)")
            if initialization == .uniform { #expect(matrix.maximumMagnitude <= 1 / fanIn.squareRoot()) }
        }
    }

    @Test("a graph reads back from its JSON", arguments: [
        SampleGraph.convolutional(.relu), .residual(.tanh),
    ])
    func json(_ sample: SampleGraph) throws {
        let graph = try GraphArchitecture(sample.graph, tensors: sample.tensors)
        let text = try JSONEncoder().encode(graph)
        let read = try JSONDecoder().decode(GraphArchitecture.self, from: text)
        #expect(read == graph && read.hashValue == graph.hashValue)
        var shapes = sample.tensors
        shapes["w1"]?[0] += 1
        shapes["b1"]?[0] += 1
        if let other = try? GraphArchitecture(sample.graph, tensors: shapes) { #expect(other != graph) }
    }

    @Test("a stored graph that cannot be made is refused")
    func malformed() throws {
        for (old, new, words) in [
            ("\"version\":1", "\"version\":2", "version"), ("\"tensors\":", "\"tensor\":", "means nothing"),
            ("[3]", "[\"a\"]", "list of integers"), ("\"w3\":[3,4]", "\"w3\":[3,5]", "w3"),
        ] {
            let sample = SampleGraph.convolutional(.relu)
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let text = String(
                decoding: try encoder.encode(try GraphArchitecture(sample.graph, tensors: sample.tensors)), as: UTF8.self)
            #expect(text.contains(old), "\(text)")
            do {
                _ = try JSONDecoder().decode(GraphArchitecture.self, from: Data(text.replacingOccurrences(of: old, with: new).utf8))
                Issue.record("\(new) was accepted")
            } catch { #expect("\(error)".contains(words), "\(error)") }
        }
    }
}
