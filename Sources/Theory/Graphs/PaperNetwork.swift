public import Networks

extension GraphArchitecture {
    /// The convolutional network of the paper's code: three convolutions without padding, 3 → 64 (5×5, stride 2), 64 → 128
    /// (5×5, stride 2), 128 → 256 (3×3, stride 2), and a linear layer 1024 → 10, all with biases; 515,210 parameters.
    ///
    /// - Parameter activation: of the three convolutions; the paper's is ReLU.
    /// - Throws: nothing that a caller could mend: the graph can be made.
    public static func paperNetwork(_ activation: Activation) throws(GraphError) -> GraphArchitecture {
        var nodes: [NodeDescription] = []
        var tensors: [String: [Int]] = [:]
        for (n, layer) in convolutions.enumerated() {
            let name = "conv\(n + 1)"
            let map = MapDescription(
                "convolution", ["weight": .text("\(name).weight"), "bias": .text("\(name).bias"), "stride": [2, 2]])
            nodes.append(
                NodeDescription(
                    name: name, activation: activation,
                    edges: [EdgeDescription(from: n == 0 ? "x" : "conv\(n)", [map])]))
            tensors["\(name).weight"] = [layer.outputs, layer.inputs, layer.kernel, layer.kernel]
            tensors["\(name).bias"] = [layer.outputs]
        }
        let maps = [MapDescription("flatten"), MapDescription("dense", ["weight": "fc.weight", "bias": "fc.bias"])]
        nodes.append(
            NodeDescription(name: "fc", activation: .identity, edges: [EdgeDescription(from: "conv3", maps)]))
        tensors["fc.weight"] = [10, 1024]
        tensors["fc.bias"] = [10]
        return try GraphArchitecture(
            GraphDescription(input: "x", inputShape: [3, 32, 32], nodes: nodes, output: "fc"), tensors: tensors)
    }

    private static let convolutions = [
        (inputs: 3, outputs: 64, kernel: 5), (inputs: 64, outputs: 128, kernel: 5), (inputs: 128, outputs: 256, kernel: 3),
    ]
}
