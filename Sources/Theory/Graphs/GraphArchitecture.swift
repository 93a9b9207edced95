internal import LinearAlgebra
public import Networks

/// A graph of layers that are linear in their parameters: shapes, maps, and which tensors they share (T17).
///
/// Nodes are numbered from 1 in topological order, 0 is the input, and the last node holds the logits. Every node has a
/// path to the output, every tensor one role and one shape, or the graph cannot be made.
public struct GraphArchitecture: Sendable {
    public let inputName: String
    public let inputShape: ActivityShape
    /// Nodes `1…N`.
    public let nodes: PerLayer<GraphNode>
    /// In the order of their first use.
    public let tensors: [GraphTensor]
    /// As it was described.
    /// As it was described.
    public let description: GraphDescription

    /// - Parameter description: nodes and maps.
    /// - Parameter tensors: the shape of every tensor that a map may name, as in the file.
    /// - Throws: `GraphError`, which names the node.
    public init(_ description: GraphDescription, tensors: [String: [Int]]) throws(GraphError) {
        guard let inputShape = ActivityShape(description.inputShape) else { throw .inputShape(description.inputShape) }
        var builder = GraphBuilder(input: description.input, shape: inputShape, tensorShapes: tensors)
        for node in description.nodes { try builder.append(node) }
        try builder.requireWhole(output: description.output)
        inputName = description.input
        self.inputShape = inputShape
        nodes = PerLayer(from: 1, builder.nodes)
        self.tensors = builder.tensors
        self.description = description
    }

    /// `N`, the number of nodes and the number of the output.
    public var depth: Int { nodes.count }
    /// `1..<N`.
    public var hiddenNodes: Range<Int> { 1..<depth }
    public var outputWidth: Int { nodes[depth].shape.count }
    /// The number of parameters, each tensor counted once.
    public var parameterCount: Int { tensors.reduce(0) { $0 + $1.rows * $1.columns } }
    /// Activities of one example.
    public var activityCount: Int { nodes.reduce(0) { $0 + $1.shape.count } }
    /// Whether some hidden activation has a kink.
    public var hasKinks: Bool { hiddenNodes.contains { nodes[$0].activation.kink != nil } }

    /// For provenance lines, e.g. `graph of 4 nodes, 515146 parameters in 8 tensors, relu`.
    public var summary: String {
        let names = hiddenNodes.map { nodes[$0].activation.name }
        let distinct = names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return "graph of \(depth) node\(depth == 1 ? "" : "s"), \(parameterCount) parameters in \(tensors.count) "
            + "tensor\(tensors.count == 1 ? "" : "s"), \(distinct.isEmpty ? "linear" : distinct.joined(separator: ","))"
    }

    /// The zero of the space of parameters.
    package var zero: Parameters<Double> {
        Parameters(layers: tensors.map { Matrix(rows: $0.rows, columns: $0.columns) })
    }
}
