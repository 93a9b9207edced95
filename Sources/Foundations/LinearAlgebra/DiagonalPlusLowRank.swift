internal import CLAPACKE

/// A diagonal block `diag λ + V S Vᵀ` of few columns `V`, next to a block below it that is `C Vᵀ`.
///
/// This is the shape of a layer that is much wider than the one it feeds. For `d` rows and `k` columns
/// it takes `O(dk²)` operations to factorize, where the dense block takes `d³/3`.
package struct DiagonalPlusLowRank: Sendable {
    /// `λ`, one column.
    package var diagonal: Matrix<Double>
    /// `V`, `d × k`.
    package var vectors: Matrix<Double>
    /// `S`, symmetric, both triangles.
    package var core: Matrix<Double>
    /// `C`, as many rows as the next block has.
    package var coupling: Matrix<Double>

    /// A block to be written before it is read.
    package init(order: Int, rank: Int, next: Int) {
        diagonal = Matrix(uninitializedRows: order, columns: 1)
        vectors = Matrix(uninitializedRows: order, columns: rank)
        core = Matrix(uninitializedRows: rank, columns: rank)
        coupling = Matrix(uninitializedRows: next, columns: rank)
    }

    /// Whether a block of these orders is better kept in this form.
    package static func suits(order: Int, rank: Int) -> Bool { order >= 64 && 4 * rank <= order }

    /// The block written out, both triangles.
    package func dense() -> Matrix<Double> {
        var scaled = vectors
        scaled.assignProduct(vectors, core)
        var result = Matrix<Double>(rows: diagonal.rows, columns: diagonal.rows)
        result.assignProduct(scaled, .none, vectors, .transposed)
        for i in 0..<diagonal.rows { result[i, i] += diagonal[i, 0] }
        return result
    }

    /// `λ ← λ + value`.
    package mutating func addToDiagonal(_ value: Double) {
        for i in 0..<diagonal.rows { diagonal[i, 0] += value }
    }

    /// Clears row and column `index` but for `λ`.
    package mutating func isolate(_ index: Int) {
        for j in 0..<vectors.columns { vectors[index, j] = 0 }
    }
}

/// `F` with `F Fᵀ = diag λ + V S Vᵀ` for positive `λ`.
///
/// With the orthonormal `Q` of `Λ^{-½}V = QR` and `L Lᵀ = I + R S Rᵀ`, which is as definite as the matrix,
/// `F = Λ^{½}(I + Q(L − I)Qᵀ)` and `F⁻¹ = (I + Q(L⁻¹ − I)Qᵀ)Λ^{-½}`.
struct LowRankFactor: Sendable {
    /// `Λ^{-½}`.
    private var inverseRoots: Matrix<Double>
    private var basis: Matrix<Double>
    /// `L⁻¹ − I`.
    private var change: Matrix<Double>

    /// Below this ratio of the least `λ` to the largest, `Λ^{-½}` would lose digits.
    private static let spread = 1e-3

    /// Whether the factor exists in this form; otherwise the block must be treated as dense.
    static func suits(_ block: DiagonalPlusLowRank) -> Bool {
        let (least, largest) = block.diagonal.elements.reduce((Double.infinity, 0.0)) {
            (min($0.0, $1), max($0.1, $1))
        }
        return least > spread * largest && largest < .infinity
    }

    /// - Throws: `notPositiveDefinite`.
    init(_ block: DiagonalPlusLowRank) throws(LinearAlgebraError) {
        let (order, rank) = (block.vectors.rows, block.vectors.columns)
        inverseRoots = block.diagonal
        basis = block.vectors
        change = .identity(rank)
        var upper = Matrix<Double>(rows: rank, columns: rank)
        inverseRoots.withMutablePointer { root in
            for i in 0..<order { root[i] = 1 / root[i].squareRoot() }
            basis.withMutablePointer { q in
                for j in 0..<rank { for i in 0..<order { q[i + j * order] *= root[i] } }
                Self.orthogonalize(order, rank, q, &upper)
            }
        }
        // I + R S Rᵀ
        var scaled = upper
        scaled.assignProduct(upper, block.core)
        var lower = Matrix<Double>.identity(rank)
        lower.assignProduct(scaled, .none, upper, .transposed, keep: 1)
        guard lower.isFinite() else { throw .notPositiveDefinite(leadingMinor: 1) }
        try LAPACK.factorizeCholesky(&lower)
        LAPACK.solveTriangular(lower, .none, &change)
        for j in 0..<rank { change[j, j] -= 1 }
    }

    /// `A ← Q`, `upper ← R`.
    private static func orthogonalize(
        _ rows: Int, _ columns: Int, _ a: UnsafeMutablePointer<Double>, _ upper: inout Matrix<Double>
    ) {
        let (m, n) = (LapackInt(rows), LapackInt(columns))
        var reflectors = [Double](repeating: 0, count: columns)
        var work = [Double](repeating: 0, count: 32 * columns)
        let size = LapackInt(work.count)
        LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, m, n, a, m, &reflectors, &work, size)
        for j in 0..<columns { for i in 0...j { upper[i, j] = a[i + j * rows] } }
        LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, m, n, n, a, m, reflectors, &work, size)
    }

    /// `B ← F⁻¹B`, or `F⁻ᵀB` when transposed, for `columns` columns.
    func solve(
        _ transpose: Transposition, _ b: UnsafeMutablePointer<Double>, columns: Int
    ) {
        let (order, rank) = (basis.rows, basis.columns)
        if columns == 0 { return }
        var inner = Matrix<Double>(uninitializedRows: rank, columns: columns)
        var changed = inner
        if transpose == .none { scaleRows(b, columns) }
        inner.withMutablePointer { z in
            basis.withPointer { q in
                Double._gemm(
                    .transposed, .none, rank, columns, order, 1, q, order, b, order, 0, z, rank)
            }
        }
        changed.assignProduct(change, transpose, inner)
        changed.withPointer { z in
            basis.withPointer { q in
                Double._gemm(.none, .none, order, columns, rank, 1, q, order, z, rank, 1, b, order)
            }
        }
        if transpose == .transposed { scaleRows(b, columns) }
    }

    private func scaleRows(_ b: UnsafeMutablePointer<Double>, _ columns: Int) {
        let order = basis.rows
        inverseRoots.withPointer { root in
            for j in 0..<columns {
                let column = b + j * order
                for i in 0..<order { column[i] *= root[i] }
            }
        }
    }
}
