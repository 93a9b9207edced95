internal import LinearAlgebra
public import Networks
public import Randomness

extension GraphNetwork {
    /// A graph with random parameters: those of the chain with the same seed where the graph is a chain.
    ///
    /// Tensors are drawn in the order of their first use, column by column of their matrices. Fan-in and fan-out are those
    /// of PyTorch, a kernel's places times its channels, of the weight as it is kept; a bias has those of the weight beside
    /// which it is used first.
    ///
    /// - Parameter architecture: the graph.
    /// - Parameter initialization: of weights and biases.
    /// - Parameter generator: drawn from once for each weight, and for each bias that is not zero.
    public init(
        _ architecture: GraphArchitecture, initialization: Initialization = .uniform,
        using generator: inout RandomGenerator
    ) {
        let weights = architecture.weightBeside
        var parameters = architecture.zero
        for (index, tensor) in architecture.tensors.enumerated() {
            let weight = architecture.tensors[weights[index] ?? index]
            for j in 0..<tensor.columns {
                for i in 0..<tensor.rows {
                    parameters.layers[index][i, j] = initialization.draw(
                        isBias: tensor.role == .bias, fanIn: weight.columns, fanOut: weight.rows * weight.kernelPlaces,
                        using: &generator)
                }
            }
        }
        self.init(drawn: architecture, parameters: parameters)
    }
}

extension GraphArchitecture {
    /// For each bias, the weight of the map in which it is used first.
    fileprivate var weightBeside: [Int: Int] {
        let maps = nodes.flatMap { $0.edges.compactMap(\.weighted) }
        return Dictionary(
            maps.compactMap { map in map.bias.map { ($0, map.weight) } }, uniquingKeysWith: { first, _ in first })
    }
}

extension GraphTensor {
    /// The places of a convolution's kernel; 1 for a dense map.
    fileprivate var kernelPlaces: Int { shape.dropFirst(2).reduce(1, *) }
}
