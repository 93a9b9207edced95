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
            let scale = publishedSize(map, given) * Double(given.columns)
            let spectrum = try PatchSpectrum(regressors)
            let moved = try spectrum.gram(error)
            result.append(
                NormalizationSpectrum(
                    node: node.name, patches: regressors.columns, rank: spectrum.rank,
                    size: publishedSize(map, given), largest: spectrum.largest / scale,
                    published: (error - (1 / scale) * moved).norm / error.norm,
                    leastNorm: (error - (try spectrum.range(error))).norm / error.norm))
        }
        return result
    }
}

/// The eigenvalues of `K = RᵀR` other than zero, and the projection onto its range, from the smaller one of `RᵀR` and `RRᵀ`.
private struct PatchSpectrum {
    private let regressors: Matrix<Double>
    /// Orthonormal rows that span the range of `K`; `nil` if that is everything.
    private let basis: Matrix<Double>?
    let rank: Int
    let largest: Double

    /// Eigenvalues below this part of the largest count as zero.
    private static let dependence = 1e-12

    init(_ regressors: Matrix<Double>) throws(LinearAlgebraError) {
        self.regressors = regressors
        let isWide = regressors.columns > regressors.rows
        let smaller = try Matrix.product(regressors, isWide ? .none : .transposed, regressors, isWide ? .transposed : .none)
        let spectrum = try SymmetricEigendecomposition(smaller)
        let (values, order) = (spectrum.values, smaller.rows)
        largest = values.last ?? 0
        let kept = values.indices.filter { values[$0] > Self.dependence * (values.last ?? 0) }
        rank = kept.count
        guard rank < regressors.columns else {
            basis = nil
            return
        }
        let vectors = Matrix(rows: rank, columns: order) { spectrum.vectors[$1, kept[$0]] }
        guard isWide else {
            basis = vectors
            return
        }
        var rows = try Matrix.product(vectors, .none, regressors)
        rows.scaleRows(by: Matrix(column: kept.map { 1 / values[$0].squareRoot() }))
        basis = rows
    }

    /// `E K` for errors with a row for each channel.
    func gram(_ errors: Matrix<Double>) throws(LinearAlgebraError) -> Matrix<Double> {
        try Matrix.product(try Matrix.product(errors, .none, regressors, .transposed), .none, regressors)
    }

    /// `E KK⁺`.
    func range(_ errors: Matrix<Double>) throws(LinearAlgebraError) -> Matrix<Double> {
        guard let basis else { return errors }
        return try Matrix.product(try Matrix.product(errors, .none, basis, .transposed), .none, basis)
    }
}
