internal import Graphs
package import LinearAlgebra
package import Networks

/// What two normalizations of a node's gradient leave of its local errors.
package struct NormalizationSpectrum: Sendable {
    package let node: String
    /// The order of `K`: places times examples.
    package let patches: Int
    package let rank: Int
    /// `ν`, by which the published rule divides the summed gradient.
    package let size: Double
    /// The largest eigenvalue of `K/(Bν)`.
    package let largest: Double
    /// `‖(I − K/(Bν))e‖/‖e‖` and `‖(I − KK⁺)e‖/‖e‖`.
    package let published: Double
    package let leastNorm: Double
}

extension GraphDesign {
    /// For each node with one map with parameters, at the end of its edge but for a flattening, and one group.
    ///
    /// - Throws: `LinearAlgebraError`.
    package func normalizations(_ errors: PerLayer<Matrix<Double>>) throws(LinearAlgebraError) -> [NormalizationSpectrum] {
        var result: [NormalizationSpectrum] = []
        for n in architecture.nodes.indices {
            let node = architecture.nodes[n]
            guard node.edges.count == 1, let map = node.edges[0].weighted, map.layer.groups == 1,
                node.edges[0].after.allSatisfy({ $0 is Flattening })
            else { continue }
            let given = entered[n][0]
            let plain = map.layer.regressors(given)
            let regressors = map.bias == nil ? plain : plain.appendingRowOfOnes()
            let error = node.edges[0].pullBackLeaving(errors[n])
                .reshaped(rows: map.layer.weightRows, columns: regressors.columns)
            let spectrum = try SymmetricEigendecomposition(try Matrix.product(regressors, .transposed, regressors))
            // One row for each eigenvector, one column for each channel.
            let parts = try Matrix.product(spectrum.vectors, .transposed, error, .transposed)
            let scale = publishedSize(map, given) * Double(given.columns)
            let top = spectrum.values.last ?? 0
            let kept = spectrum.values.map { $0 > 1e-12 * top }
            func left(_ factor: (Int) -> Double) -> Double {
                Matrix<Double>(rows: parts.rows, columns: parts.columns) { parts[$0, $1] * factor($0) }.norm / error.norm
            }
            result.append(
                NormalizationSpectrum(
                    node: node.name, patches: regressors.columns, rank: kept.filter { $0 }.count,
                    size: publishedSize(map, given), largest: top / scale,
                    published: left { 1 - spectrum.values[$0] / scale }, leastNorm: left { kept[$0] ? 0 : 1 }))
        }
        return result
    }
}
