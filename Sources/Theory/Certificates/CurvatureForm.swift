internal import LinearAlgebra

/// A symmetric matrix on a subspace, judged positive definite or not.
struct CurvatureForm {
    /// The matrix on the subspace, scaled to a unit diagonal.
    private let scaled: Matrix<Double>
    /// Columns that take coordinates of `scaled` to those of the whole space.
    private let basis: Basis

    private enum Basis {
        /// Coordinate `free[k]`, divided by `scales[k]`.
        case coordinates(order: Int, free: [Int], scales: [Double])
        /// All coordinates, of which the span of orthonormal columns is taken out.
        case complement(of: Matrix<Double>, scale: Double)
    }

    /// The form on the vectors whose held coordinates are 0. Only the lower triangle of `matrix` is read.
    init(_ matrix: Matrix<Double>, without held: Set<Int>) {
        let free = (0..<matrix.rows).filter { !held.contains($0) }
        // A diagonal entry that is not positive stays as it is, and shows itself.
        let scales = free.map { matrix[$0, $0] > 0 ? matrix[$0, $0].squareRoot() : 1 }
        scaled = Matrix(rows: free.count, columns: free.count) { p, q in
            p >= q ? matrix[free[p], free[q]] / scales[p] / scales[q] : 0
        }
        basis = .coordinates(order: matrix.rows, free: free, scales: scales)
    }

    /// The form on the vectors that are orthogonal to some rows, with curvature 1 along these. Only the
    /// lower triangle of `matrix` is read.
    init(_ matrix: Matrix<Double>, orthogonalTo rows: Matrix<Double>) {
        var full = matrix
        full.mirrorLowerTriangle()
        let span = Self.orthonormalColumns(rows.transposed)
        let scale = max(full.maximumMagnitude, .leastNormalMagnitude)
        full.scale(by: 1 / scale)
        if span.columns > 0 {
            // (I − QQᵀ)H(I − QQᵀ) + QQᵀ.
            var image = Matrix<Double>(rows: full.rows, columns: span.columns)
            image.assignProduct(full, span)
            var inner = Matrix<Double>(rows: span.columns, columns: span.columns)
            inner.assignProduct(span, .transposed, image)
            var sum = image
            sum.assignProduct(span, inner, scale: -0.5, keep: 1)
            sum.add(span, scaledBy: -0.5)
            full.assignProduct(sum, .none, span, .transposed, scale: -1, keep: 1)
            full.assignProduct(span, .none, sum, .transposed, scale: -1, keep: 1)
        }
        scaled = full
        basis = .complement(of: span, scale: scale)
    }

    /// Whether the smallest eigenvalue is above what rounding can hide: `64·n·ε` of the scaled matrix, for
    /// its making and its factorization.
    var isPositiveDefinite: Bool {
        guard scaled.isFinite() else { return false }
        var shifted = scaled
        for k in 0..<shifted.rows { shifted[k, k] -= rounding }
        return (try? CholeskyFactorization(shifted)) != nil
    }

    private var rounding: Double { 64 * Double(scaled.rows) * Double.ulpOfOne }

    /// Directions of the whole space along which the form is negative, the most negative first.
    func negativeDirections() -> [[Double]] {
        guard let decomposition = try? SymmetricEigendecomposition(scaled) else { return [] }
        return decomposition.values.indices.prefix { decomposition.values[$0] < -rounding }
            .map { expanded(decomposition.vectors.column($0)) }
    }

    private func expanded(_ vector: [Double]) -> [Double] {
        switch basis {
        case .coordinates(let order, let free, let scales):
            var result = Array(repeating: 0.0, count: order)
            for (k, index) in free.enumerated() { result[index] = vector[k] / scales[k] }
            return result
        case .complement: return vector
        }
    }

    /// An orthonormal basis of the span of some columns; each is orthogonalised twice, and one whose rest is below
    /// `1e-12` of it adds nothing.
    private static func orthonormalColumns(_ columns: Matrix<Double>) -> Matrix<Double> {
        var basis: [Matrix<Double>] = []
        for j in 0..<columns.columns {
            var column = Matrix(column: columns.column(j))
            let size = column.norm
            guard size > 0, size.isFinite else { continue }
            column.scale(by: 1 / size)
            for _ in 0..<2 {
                for vector in basis { column.add(vector, scaledBy: -vector.dot(column)) }
            }
            let rest = column.norm
            guard rest > 1e-12 else { continue }
            column.scale(by: 1 / rest)
            basis.append(column)
        }
        return Matrix(rows: columns.rows, columns: basis.count) { i, j in basis[j][i, 0] }
    }
}
