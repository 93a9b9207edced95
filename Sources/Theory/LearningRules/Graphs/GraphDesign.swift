package import Graphs
package import LinearAlgebra
package import Networks

/// `A(a)` of T17 at given rates: how the predictions of all nodes and examples change with the parameters.
package struct GraphDesign: Sendable {
    package let architecture: GraphArchitecture
    /// `a₀ … a_{N−1}`.
    private let rates: PerLayer<Matrix<Double>>
    /// For each edge of each node, what its map with parameters is given.
    package let entered: PerLayer<[Matrix<Double>]>

    package init(_ architecture: GraphArchitecture, rates: PerLayer<Matrix<Double>>) {
        self.architecture = architecture
        self.rates = rates
        entered = architecture.nodes.mapValues { node in node.edges.map { $0.enter(rates[$0.source]) } }
    }

    /// `c(a) + A(a)w`, node by node.
    package func predictions(_ parameters: Parameters<Double>) -> PerLayer<Matrix<Double>> {
        sum { edge, given in edge.leave(edge.weighted.map { $0.predict(given, parameters) } ?? given) }
    }

    /// `A(a)v`.
    package func apply(_ direction: Parameters<Double>) -> PerLayer<Matrix<Double>> {
        sum { edge, given in edge.weighted.map { edge.leave($0.predict(given, direction)) } }
    }

    private func sum(_ term: (GraphEdge, Matrix<Double>) -> Matrix<Double>?) -> PerLayer<Matrix<Double>> {
        PerLayer(architecture.nodes.indices) { n in
            let node = architecture.nodes[n]
            var result = Matrix<Double>(rows: node.shape.count, columns: rates[0].columns)
            for (edge, given) in zip(node.edges, entered[n]) { if let term = term(edge, given) { result.add(term) } }
            return result
        }
    }

    /// `A(a)ᵀe`.
    package func pullBack(_ errors: PerLayer<Matrix<Double>>) -> Parameters<Double> {
        var result = Parameters(layers: architecture.tensors.map { Matrix<Double>($0) })
        for n in architecture.nodes.indices {
            for (edge, given) in zip(architecture.nodes[n].edges, entered[n]) {
                edge.weighted?.addPullBack(edge.pullBackLeaving(errors[n]), given, to: &result)
            }
        }
        return result
    }

    /// `Σ Fᵀe` over the edges that leave each hidden node, with the ratio of the sizes of node and target.
    package func feedback(
        _ errors: PerLayer<Matrix<Double>>, _ parameters: Parameters<Double>, sizes: PerLayer<[Double]>?
    ) -> PerLayer<Matrix<Double>> {
        var result = PerLayer(architecture.hiddenNodes) { 0 * errors[$0] }
        for n in architecture.nodes.indices {
            for edge in architecture.nodes[n].edges where edge.source > 0 {
                let error = edge.pullBackLeaving(errors[n])
                var back = edge.pullBackEntering(edge.weighted.map { $0.pullBack(error, parameters) } ?? error)
                if let sizes {
                    for example in 0..<back.columns {
                        let ratio = sizes[edge.source][example] / sizes[n][example]
                        for i in 0..<back.rows { back[i, example] *= ratio }
                    }
                }
                result[edge.source].add(back)
            }
        }
        return result
    }

    /// The size `s` of each node and example: the squared norm of what a place of its maps sees, 1 for a bias included,
    /// as a mean over places and a sum over edges. For a dense map `‖ā‖²`; 1 for a node that no parameter reaches.
    package func sizes() -> PerLayer<[Double]> {
        PerLayer(architecture.nodes.indices) { n in
            (0..<rates[0].columns).map { example in
                var sum = 0.0
                for (edge, given) in zip(architecture.nodes[n].edges, entered[n]) {
                    guard let map = edge.weighted else { continue }
                    let seen = map.layer.regressors(given.columns(example..<example + 1))
                    sum += seen.squaredNorm / Double(seen.columns) + (map.bias == nil ? 0 : 1)
                }
                return sum > 0 ? sum : 1
            }
        }
    }

    /// The update of the paper's code for convolutions; see `GraphInferenceLearning.Normalization.published(epsilon:)`.
    package func published(_ errors: PerLayer<Matrix<Double>>, epsilon: Double = 0) -> Parameters<Double> {
        var result = Parameters(layers: architecture.tensors.map { Matrix<Double>($0) })
        for n in architecture.nodes.indices {
            for (edge, given) in zip(architecture.nodes[n].edges, entered[n]) {
                guard let map = edge.weighted else { continue }
                var error = edge.pullBackLeaving(errors[n])
                error.scale(by: 1 / ((publishedSize(map, given) + epsilon) * Double(given.columns)))
                map.addPullBack(error, given, to: &result)
            }
        }
        return result
    }

    /// The mean over examples and pixels of the squared rates summed over channels, plus 1.
    package func publishedSize(_ map: WeightedMap, _ given: Matrix<Double>) -> Double {
        let pixels = (map.layer as? Convolution)?.windows.image.count ?? 1
        return given.squaredNorm / Double(given.columns * pixels) + 1
    }
}

extension Matrix<Double> {
    /// The zero of a tensor.
    init(_ tensor: GraphTensor) {
        self.init(rows: tensor.shape[0], columns: tensor.shape.dropFirst().reduce(1, *))
    }
}
