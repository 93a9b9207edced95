public import LinearAlgebra
public import Networks

/// A graph with its parameters, all finite: one matrix for each tensor, in the order of `architecture.tensors`.
public struct GraphNetwork: Sendable {
    public let architecture: GraphArchitecture
    /// Training changes them in place.
    public package(set) var parameters: Parameters<Double>

    /// - Parameter architecture: the graph.
    /// - Parameter values: the values of every tensor of the graph, in the file's order.
    /// - Throws: `GraphError.missingTensor`, `tensorShape`, `notFinite`.
    public init(_ architecture: GraphArchitecture, values: [String: [Double]]) throws(GraphError) {
        var layers: [Matrix<Double>] = []
        for tensor in architecture.tensors {
            guard let found = values[tensor.name] else { throw .missingTensor(node: architecture.inputName, tensor: tensor.name) }
            guard found.count == tensor.rows * tensor.columns else {
                throw .tensorShape(
                    node: architecture.inputName, tensor: tensor.name, expected: tensor.shape, found: [found.count])
            }
            let matrix = tensor.matrix(rowMajor: found)
            guard matrix.isFinite() else { throw .notFinite(tensor: tensor.name) }
            layers.append(matrix)
        }
        self.architecture = architecture
        parameters = Parameters(layers: layers)
    }

    /// For parameters whose shapes and finiteness are known by construction.
    init(drawn architecture: GraphArchitecture, parameters: Parameters<Double>) {
        self.architecture = architecture
        self.parameters = parameters
    }

    /// The logits of every column of `inputs`, which are in the order of a file.
    public func logits(_ inputs: Matrix<Double>) -> Matrix<Double> {
        var pass = GraphPass(
            architecture, parameters: parameters, inputs: Self.arranged(inputs, as: architecture.inputShape))
        pass.runForward()
        return pass.logits
    }

    /// The inputs as nodes hold them, from the order of a file: one example in each column.
    public static func arranged(_ inputs: Matrix<Double>, as shape: ActivityShape) -> Matrix<Double> {
        var result = inputs
        for k in 0..<shape.count {
            let place = shape.place(ofRowMajorIndex: k)
            for j in 0..<inputs.columns { result[place, j] = inputs[k, j] }
        }
        return result
    }
}
