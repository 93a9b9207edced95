internal import Graphs
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

/// A small graph with parameters before a step and at another point, and inputs.
struct GraphCase: Sendable, CustomStringConvertible {
    let graph: GraphDescription
    let shapes: [String: [Int]]
    /// In the order of files.
    let base: [String: [Double]]
    let point: [String: [Double]]
    /// One example in each column, in the order of files.
    let inputs: Matrix<Double>

    var description: String {
        let nodes = graph.nodes.map { node in
            "\(node.name) = \(node.activation.name) of "
                + node.edges.map { "\($0.source)→\($0.maps.map { "\($0.kind)\($0.settings)" })" }.joined(separator: " + ")
        }
        return "\(nodes.joined(separator: "; ")), x \(graph.inputShape) = \(inputs.elements), w_b = \(base), w = \(point)"
    }

    /// Convolution with pooling, residual, tied and transposed, unrolled, and two convolutions of one kernel.
    static let generator = Generator<GraphCase> { source in
        let activation = try source.draw(.element(of: Activation.allCases))
        let (graph, shapes) = switch try source.draw(.int(in: 0...4)) {
        case 0: try pooled(activation, &source)
        case 1: try residual(activation, &source)
        case 2: try tied(activation, &source)
        case 3: try unrolled(activation, &source)
        default: try repeated(activation, &source)
        }
        let examples = try source.draw(.int(in: 1...2))
        let distance = try source.draw(.logUniform(in: 1e-2...3))
        let inputs = try source.matrix(graph.inputShape.reduce(1, *), examples, .gaussian())
        var (base, point): ([String: [Double]], [String: [Double]]) = ([:], [:])
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            let count = shape.reduce(1, *)
            let scale = 1 / Double(max(1, shape.dropFirst().reduce(1, *))).squareRoot()
            let before = try source.matrix(count, 1, .gaussian()).elements.map { scale * $0 }
            let move = try source.matrix(count, 1, .gaussian()).elements
            base[name] = before
            point[name] = zip(before, move).map { $0 + distance * $1 }
        }
        return GraphCase(graph: graph, shapes: shapes, base: base, point: point, inputs: inputs)
    }

    private typealias Made = (GraphDescription, [String: [Int]])

    private static func node(_ name: String, _ activation: Activation, _ edges: EdgeDescription...) -> NodeDescription {
        NodeDescription(name: name, activation: activation, edges: edges)
    }

    private static func pooled(_ activation: Activation, _ source: inout ChoiceSource) throws -> Made {
        let (channels, outputs) = (try source.draw(.int(in: 1...2)), try source.draw(.int(in: 1...2)))
        let (height, width) = (try source.draw(.int(in: 3...4)), try source.draw(.int(in: 3...4)))
        let kernel = [try source.draw(.int(in: 2...3)), try source.draw(.int(in: 2...3))]
        let stride = [try source.draw(.int(in: 1...2)), 1]
        let padding = [1, try source.draw(.int(in: 0...1))]
        let rows = (height + 2 - kernel[0]) / stride[0] + 1
        let columns = width + 2 * padding[1] - kernel[1] + 1
        let pool = [min(2, rows), 1]
        let features = outputs * (rows - pool[0] + 1) * columns
        return (
            GraphDescription(
                input: "x", inputShape: [channels, height, width],
                nodes: [
                    node("c", activation, EdgeDescription(from: "x", [.convolution("k", "b", stride, padding)])),
                    node(
                        "o", .identity,
                        EdgeDescription(
                            from: "c",
                            [
                                MapDescription("average-pool", ["size": .integers(pool), "stride": [1, 1]]),
                                MapDescription("flatten"), .dense("w", "d"),
                            ])),
                ], output: "o"),
            ["k": [outputs, channels] + kernel, "b": [outputs], "w": [2, features], "d": [2]]
        )
    }

    private static func residual(_ activation: Activation, _ source: inout ChoiceSource) throws -> Made {
        let (width, inner) = (try source.draw(.int(in: 1...3)), try source.draw(.int(in: 1...4)))
        return (
            GraphDescription(
                input: "x", inputShape: [width],
                nodes: [
                    node("a", activation, EdgeDescription(from: "x", [.dense("u", "b")])),
                    node("r", activation, EdgeDescription(from: "a", [.dense("v", "c")]), EdgeDescription(from: "a")),
                    node(
                        "o", .identity, EdgeDescription(from: "r", [.dense("w", nil)]),
                        EdgeDescription(from: "x", [MapDescription("scale", ["factor": 0.5]), .dense("z", "d")])),
                ], output: "o"),
            [
                "u": [inner, width], "b": [inner], "v": [inner, inner], "c": [inner], "w": [2, inner], "z": [2, width],
                "d": [2],
            ]
        )
    }

    private static func tied(_ activation: Activation, _ source: inout ChoiceSource) throws -> Made {
        let (width, code) = (try source.draw(.int(in: 1...4)), try source.draw(.int(in: 1...3)))
        return (
            GraphDescription(
                input: "x", inputShape: [width],
                nodes: [
                    node("c", activation, EdgeDescription(from: "x", [.dense("w", "b")])),
                    node("o", .identity, EdgeDescription(from: "c", [.dense("w", "d", transposed: true)])),
                ], output: "o"),
            ["w": [code, width], "b": [code], "d": [width]]
        )
    }

    private static func unrolled(_ activation: Activation, _ source: inout ChoiceSource) throws -> Made {
        let (width, inner) = (try source.draw(.int(in: 1...2)), try source.draw(.int(in: 1...3)))
        let steps = try source.draw(.int(in: 2...3))
        let nodes = (0..<steps).map { t in
            var edges = [
                EdgeDescription(
                    from: "x",
                    [
                        MapDescription("slice", ["start": .number(Double(t * width)), "length": .number(Double(width))]),
                        .dense("u", "b"),
                    ])
            ]
            if t > 0 { edges.append(EdgeDescription(from: "h\(t - 1)", [.dense("v", nil)])) }
            return NodeDescription(name: "h\(t)", activation: activation, edges: edges)
        }
        return (
            GraphDescription(
                input: "x", inputShape: [steps * width],
                nodes: nodes + [node("o", .identity, EdgeDescription(from: "h\(steps - 1)", [.dense("w", "d")]))],
                output: "o"),
            ["u": [inner, width], "b": [inner], "v": [inner, inner], "w": [2, inner], "d": [2]]
        )
    }

    /// A kernel that is used in two nodes and in an edge that skips one.
    private static func repeated(_ activation: Activation, _ source: inout ChoiceSource) throws -> Made {
        let (length, channels) = (try source.draw(.int(in: 3...4)), try source.draw(.int(in: 1...2)))
        let kernel = MapDescription.convolution("k", "b", [1], [1])
        return (
            GraphDescription(
                input: "x", inputShape: [channels, length],
                nodes: [
                    node("p", activation, EdgeDescription(from: "x", [kernel])),
                    node("q", activation, EdgeDescription(from: "p", [kernel]), EdgeDescription(from: "x", [kernel])),
                    node(
                        "o", .identity,
                        EdgeDescription(
                            from: "q", [MapDescription("subsample", ["stride": [2]]), MapDescription("flatten"), .dense("w", nil)])),
                ], output: "o"),
            ["k": [channels, channels, 3], "b": [channels], "w": [2, channels * ((length + 1) / 2)]]
        )
    }
}
