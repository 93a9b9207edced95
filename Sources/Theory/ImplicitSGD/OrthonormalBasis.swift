package import LinearAlgebra

extension Matrix<Double> {
    /// An orthonormal basis of the span of the columns: Gram–Schmidt, each column orthogonalised twice.
    ///
    /// A column whose part outside the span of its predecessors is at most `dependence` of its norm adds nothing; the
    /// default, 450 rounding units, is what the rounding of some hundred columns can leave of a dependent one.
    package func orthonormalBasis(dependence: Double = 1e-13) -> Matrix<Double> {
        let height = rows
        var basis = Matrix<Double>(rows: height, columns: Swift.min(height, columns))
        var coefficients = Matrix<Double>(rows: basis.columns, columns: 1)
        var rank = 0
        for j in 0..<columns where rank < height {
            var column = Matrix(column: column(j))
            let size = column.norm
            for _ in 0..<2 where rank > 0 {
                basis.withPointer { q in
                    coefficients.withMutablePointer { c in
                        column.withMutablePointer { x in
                            Double._gemv(.transposed, height, rank, 1, q, height, x, 0, c)
                            Double._gemv(.none, height, rank, -1, q, height, c, 1, x)
                        }
                    }
                }
            }
            let remainder = column.norm
            guard remainder > dependence * size else { continue }
            column.scale(by: 1 / remainder)
            let start = rank * height
            basis.withMutablePointer { target in
                column.withPointer { (target + start).update(from: $0, count: height) }
            }
            rank += 1
        }
        return basis.columns(0..<rank)
    }
}
