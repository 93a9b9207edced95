internal import LinearAlgebra
internal import Networks

/// Makes the nodes of a graph one by one from their descriptions.
struct GraphBuilder {
    private(set) var nodes: [GraphNode] = []
    private(set) var tensors: [GraphTensor] = []
    private var numbers: [String: Int]
    private var shapes: [ActivityShape]
    private let tensorShapes: [String: [Int]]

    init(input: String, shape: ActivityShape, tensorShapes: [String: [Int]]) {
        numbers = [input: 0]
        shapes = [shape]
        self.tensorShapes = tensorShapes
    }

    mutating func append(_ node: NodeDescription) throws(GraphError) {
        guard numbers[node.name] == nil else { throw .repeatedName(node.name) }
        guard !node.edges.isEmpty else { throw .noEdges(node: node.name) }
        var shape: ActivityShape?
        var edges: [GraphEdge] = []
        for edge in node.edges {
            let (made, target) = try self.edge(edge, to: node.name)
            if let shape, shape != target {
                throw .shape(
                    node: node.name,
                    reason: "its edges give \(shape.dimensions) and, from \"\(edge.source)\", \(target.dimensions); expected one shape")
            }
            shape = target
            edges.append(made)
        }
        guard let shape else { return }
        numbers[node.name] = nodes.count + 1
        shapes.append(shape)
        nodes.append(GraphNode(name: node.name, shape: shape, activation: node.activation, edges: edges))
    }

    private mutating func edge(
        _ edge: EdgeDescription, to node: String
    ) throws(GraphError) -> (GraphEdge, ActivityShape) {
        guard let source = numbers[edge.source] else { throw .unknownSource(node: node, source: edge.source) }
        var shape = shapes[source]
        var (before, after): ([any FixedMap], [any FixedMap]) = ([], [])
        var weighted: WeightedMap?
        for description in edge.maps {
            var settings = MapSettings(description, node: node)
            if let kind = fixedMaps.first(where: { $0.kind == description.kind }) {
                let map = try kind.init(&settings, source: shape)
                shape = map.target
                if weighted == nil { before.append(map) } else { after.append(map) }
            } else {
                let (map, target) = try self.weighted(&settings, source: shape)
                guard weighted == nil else { throw .twoParametricMaps(node: node, source: edge.source) }
                (weighted, shape) = (map, target)
            }
            try settings.requireNothingLeft()
        }
        return (GraphEdge(source: source, before: before, weighted: weighted, after: after), shape)
    }

    private mutating func weighted(
        _ settings: inout MapSettings, source: ActivityShape
    ) throws(GraphError) -> (WeightedMap, ActivityShape) {
        switch settings.kind {
        case "dense": try dense(&settings, source: source)
        case "convolution": try convolution(&settings, source: source)
        default:
            throw .unknownMap(
                node: settings.node, kind: settings.kind,
                known: (["dense", "convolution"] + fixedMaps.map { $0.kind }).sorted())
        }
    }

    private mutating func dense(
        _ settings: inout MapSettings, source: ActivityShape
    ) throws(GraphError) -> (WeightedMap, ActivityShape) {
        guard source.dimensions.count == 1 else {
            throw settings.shape("the source has shape \(source.dimensions), expected a vector; put a flatten before it")
        }
        let orientation: Transposition = try settings.boolean("transposed", standard: false) ? .transposed : .none
        let name = try settings.text("weight")
        let (weight, shape) = try tensor(name, .dense, settings.node)
        let (inputs, outputs) = orientation == .none ? (shape.last ?? 0, shape[0]) : (shape[0], shape.last ?? 0)
        guard shape.count == 2, inputs == source.count, outputs > 0 else {
            throw .tensorShape(
                node: settings.node, tensor: name,
                expected: orientation == .none ? [shape[0], source.count] : [source.count, shape.last ?? 0], found: shape)
        }
        let map = WeightedMap(
            layer: DenseLayer(inputWidth: inputs, outputWidth: outputs, hasBias: false), weight: weight,
            orientation: orientation, bias: try bias(&settings, channels: outputs))
        return (map, ActivityShape(features: outputs))
    }

    private mutating func convolution(
        _ settings: inout MapSettings, source: ActivityShape
    ) throws(GraphError) -> (WeightedMap, ActivityShape) {
        let places = Array(source.dimensions.dropFirst())
        guard !places.isEmpty else {
            throw settings.shape("the source is a vector, expected channels and places; put a reshape before it")
        }
        let count = places.count
        let stride = try settings.integers("stride", count: count, in: 1...1 << 20, standard: 1)
        let padding = try settings.integers("padding", count: count, in: 0...1 << 20, standard: 0)
        let groups = try settings.integer("groups", in: 1...1 << 20, standard: 1)
        let name = try settings.text("weight")
        let (weight, shape) = try tensor(name, .convolution, settings.node)
        guard shape.count == count + 2, source.channels % groups == 0, shape[0] % groups == 0, shape[0] > 0,
            shape[1] == source.channels / groups
        else {
            throw .tensorShape(
                node: settings.node, tensor: name,
                expected: [shape[0], source.channels / groups] + shape.dropFirst(2).prefix(count), found: shape)
        }
        guard
            let windows = ImageWindows(
                channels: source.channels, image: .init(places), kernel: .init(Array(shape.dropFirst(2))),
                stride: .init(stride), padding: .init(padding, along: 0)),
            let layer = Convolution(windows, outputChannels: shape[0], groups: groups, hasBias: false)
        else {
            throw settings.shape(
                "a kernel of \(shape.dropFirst(2)) does not fit \(places) with padding \(padding)")
        }
        let map = WeightedMap(
            layer: layer, weight: weight, orientation: .none, bias: try bias(&settings, channels: shape[0]))
        return (map, ActivityShape(channels: shape[0], places: windows.places.dimensions(count)))
    }

    private mutating func bias(_ settings: inout MapSettings, channels: Int) throws(GraphError) -> Int? {
        guard let name = try settings.optionalText("bias") else { return nil }
        let (index, shape) = try tensor(name, .bias, settings.node)
        guard shape == [channels] else {
            throw .tensorShape(node: settings.node, tensor: name, expected: [channels], found: shape)
        }
        return index
    }

    /// The index of a tensor, which is noted if it is new.
    private mutating func tensor(
        _ name: String, _ role: GraphTensor.Role, _ node: String
    ) throws(GraphError) -> (Int, [Int]) {
        guard let shape = tensorShapes[name] else { throw .missingTensor(node: node, tensor: name) }
        guard !shape.isEmpty, shape.allSatisfy({ $0 > 0 }) else {
            throw .tensorShape(node: node, tensor: name, expected: [1], found: shape)
        }
        if let index = tensors.firstIndex(where: { $0.name == name }) {
            guard tensors[index].role == role else {
                throw .sharedAsOther(
                    node: node, tensor: name, first: tensors[index].role.rawValue, now: role.rawValue)
            }
            return (index, shape)
        }
        tensors.append(GraphTensor(name: name, shape: shape, role: role))
        return (tensors.count - 1, shape)
    }

    /// - Throws: `GraphError` unless the last node is the output, all nodes lead to it, and there are parameters.
    func requireWhole(output: String) throws(GraphError) {
        guard let last = nodes.last, last.name == output else { throw .output(found: output, last: nodes.last?.name) }
        guard last.activation == .identity else { throw .outputActivation(node: output, found: last.activation.name) }
        guard last.shape.dimensions.count == 1 else {
            throw .shape(node: output, reason: "the output has shape \(last.shape.dimensions), expected a vector; put a flatten at its end")
        }
        let used = Set(nodes.flatMap { $0.edges.map(\.source) } + [nodes.count])
        if let number = (1...nodes.count).first(where: { !used.contains($0) }) { throw .unusedNode(nodes[number - 1].name) }
        guard !tensors.isEmpty else { throw .noParameters }
    }
}

extension ImageWindows.Extent {
    /// Of a list with the width last; a sequence has height `along`.
    package init(_ dimensions: [Int], along: Int = 1) {
        self.init(height: dimensions.count == 2 ? dimensions[0] : along, width: dimensions.last ?? along)
    }

    /// The list with the width last, without the height of a sequence.
    package func dimensions(_ count: Int) -> [Int] { count == 2 ? [height, width] : [width] }
}
