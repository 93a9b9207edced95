import Graphs
import Networks
import Testing

/// A graph that is wrong cannot be made, and the error names the node.
@Suite("Graphs that cannot be made") struct GraphErrorTests {
    private func error(
        _ nodes: [NodeDescription], output: String = "o", shape: [Int] = [3], tensors: [String: [Int]] = ["w": [2, 3], "b": [2]]
    ) -> GraphError? {
        do throws(GraphError) {
            _ = try GraphArchitecture(
                GraphDescription(input: "x", inputShape: shape, nodes: nodes, output: output), tensors: tensors)
            return nil
        } catch {
            return error
        }
    }

    private func node(_ name: String, _ activation: Activation = .identity, _ edges: EdgeDescription...) -> NodeDescription {
        NodeDescription(name: name, activation: activation, edges: edges)
    }

    private let w = SampleGraph.dense("w", "b")

    @Test func `structure`() {
        #expect(error([node("o", .identity, .init(from: "x", [w]))]) == nil)
        #expect(error([]) == .output(found: "o", last: nil))
        #expect(error([node("o")]) == .noEdges(node: "o"))
        #expect(error([node("x", .identity, .init(from: "x", [w]))], output: "x") == .repeatedName("x"))
        #expect(error([node("o", .identity, .init(from: "h", [w]))]) == .unknownSource(node: "o", source: "h"))
        #expect(error([node("o", .tanh, .init(from: "x", [w]))]) == .outputActivation(node: "o", found: "tanh"))
        #expect(
            error([node("h", .tanh, .init(from: "x", [w])), node("o", .identity, .init(from: "x", [w]))]) == .unusedNode("h"))
        #expect(error([node("o", .identity, .init(from: "x"))]) == .noParameters)
        #expect(error([node("o", .identity, .init(from: "x", [w, w]))], tensors: ["w": [3, 3], "b": [3]])
            == .twoParametricMaps(node: "o", source: "x"))
        #expect(error([node("o", .identity, .init(from: "x", [w]), .init(from: "x"))])
            == .shape(node: "o", reason: "its edges give [2] and, from \"x\", [3]; expected one shape"))
        #expect(error([node("o", .identity, .init(from: "x", [w]))], shape: [0]) == .inputShape([0]))
    }

    @Test func `maps and tensors`() {
        let unknown = error([node("o", .identity, .init(from: "x", [MapDescription("max-pool")]))])
        guard case .unknownMap("o", "max-pool", let known) = unknown else {
            Issue.record("\(unknown.debugDescription)")
            return
        }
        #expect(known == known.sorted() && Set(known).isSuperset(of: ["convolution", "dense", "flatten"]))
        #expect(error([node("o", .identity, .init(from: "x", [MapDescription("dense", ["weight": "w", "rank": 2])]))])
            == .setting(node: "o", map: "dense", name: "rank", reason: "means nothing to this map"))
        #expect(error([node("o", .identity, .init(from: "x", [SampleGraph.dense("v")]))])
            == .missingTensor(node: "o", tensor: "v"))
        #expect(error([node("o", .identity, .init(from: "x", [w]))], tensors: ["w": [2, 4], "b": [2]])
            == .tensorShape(node: "o", tensor: "w", expected: [2, 3], found: [2, 4]))
        #expect(error([node("o", .identity, .init(from: "x", [w]))], tensors: ["w": [2, 3], "b": [3]])
            == .tensorShape(node: "o", tensor: "b", expected: [2], found: [3]))
        #expect(error([node("o", .identity, .init(from: "x", [SampleGraph.dense("w", "w")]))])
            == .sharedAsOther(
                node: "o", tensor: "w", first: "the weight of a dense map", now: "a bias"))
        #expect(error([node("o", .identity, .init(from: "x", [w]))], shape: [1, 3])
            == .shape(
                node: "o",
                reason: "dense: the source has shape [1, 3], expected a vector; put a flatten before it"))
    }
}
