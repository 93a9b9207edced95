extension Matrix {
    /// `self ← scale · op(A) op(B) + keep · self`, without allocation.
    ///
    /// With one column on the right this is a matrix–vector product and uses `gemv`.
    /// `2·m·n·k` floating-point operations. With `keep` 0 the former content is not read, so it may
    /// be anything, NaN included.
    ///
    /// - Parameter width: how many of the leading columns of `a` to use (all if `nil`): weights
    ///   without their bias column are the leading columns of the stored matrix.
    /// - Parameter a: the left factor.
    /// - Parameter transposeA: how `a` is used.
    /// - Parameter b: the right factor.
    /// - Parameter transposeB: how `b` is used.
    /// - Parameter scale: the factor of the product.
    /// - Parameter keep: the factor of the former content.
    /// - Precondition: shapes fit. Public entry points check them; solvers keep them by construction.
    @inlinable
    public mutating func assignProduct(
        _ a: Matrix, _ transposeA: Transposition, _ b: Matrix,
        _ transposeB: Transposition = .none, width: Int? = nil,
        scale: Scalar = 1, keep: Scalar = 0
    ) {
        let usedColumns = width ?? a.columns
        let (m, k) = transposeA == .none ? (a.rows, usedColumns) : (usedColumns, a.rows)
        let (k2, n) = transposeB == .none ? (b.rows, b.columns) : (b.columns, b.rows)
        precondition(
            m == rows && n == columns && k == k2 && usedColumns <= a.columns,
            "product of \(a.shape) and \(b.shape) into \(shape)")
        if m == 0 || n == 0 { return }
        if k == 0 {
            if keep != 1 { self.scale(by: keep) }
            return
        }
        let resultRows = rows
        withMutablePointer { c in
            a.withPointer { pa in
                b.withPointer { pb in
                    if n == 1 && (transposeB == .none || b.rows == 1) {
                        // A zero leading dimension is illegal in BLAS even where nothing is read.
                        Scalar._gemv(
                            transposeA, a.rows, usedColumns, scale, pa, max(1, a.rows), pb, keep, c)
                    } else {
                        Scalar._gemm(
                            transposeA, transposeB, m, n, k, scale, pa, max(1, a.rows), pb,
                            max(1, b.rows), keep, c, max(1, resultRows))
                    }
                }
            }
        }
    }

    /// `self ← scale · A B + keep · self`; see `assignProduct(_:_:_:_:width:scale:keep:)`.
    @inlinable
    public mutating func assignProduct(
        _ a: Matrix, _ b: Matrix, width: Int? = nil, scale: Scalar = 1, keep: Scalar = 0
    ) {
        assignProduct(a, .none, b, .none, width: width, scale: scale, keep: keep)
    }

    /// The product `op(A) op(B)`, a new matrix.
    ///
    /// - Throws: `shapeMismatch` if the inner dimensions differ.
    public static func product(
        _ a: Matrix, _ transposeA: Transposition, _ b: Matrix, _ transposeB: Transposition = .none
    ) throws(LinearAlgebraError) -> Matrix {
        let (m, k) = transposeA == .none ? (a.rows, a.columns) : (a.columns, a.rows)
        let (k2, n) = transposeB == .none ? (b.rows, b.columns) : (b.columns, b.rows)
        guard k == k2 else {
            throw .shapeMismatch(operation: "product", left: a.shape, right: b.shape)
        }
        var result = Matrix(rows: m, columns: n)
        result.assignProduct(a, transposeA, b, transposeB)
        return result
    }

    /// `op(self) · other`, for shapes that are known to fit.
    ///
    /// - Precondition: the inner dimensions agree.
    package func dotted(_ other: Matrix, _ transposition: Transposition = .none) -> Matrix {
        var result = Matrix(rows: transposition == .none ? rows : columns, columns: other.columns)
        result.assignProduct(self, transposition, other)
        return result
    }

    /// `self ← keep · self + scale · A Aᵀ` (or `AᵀA` when transposed), the lower triangle only.
    ///
    /// Half the operations of the full product: `n²k`.
    package mutating func assignSymmetricProduct(
        _ a: Matrix, _ transpose: Transposition = .none, width: Int? = nil, scale: Scalar = 1, keep: Scalar = 0
    ) {
        let usedColumns = width ?? a.columns
        let (n, k) = transpose == .none ? (a.rows, usedColumns) : (usedColumns, a.rows)
        precondition(rows == n && columns == n, "symmetric product of \(a.shape) into \(shape)")
        if n == 0 { return }
        withMutablePointer { c in
            a.withPointer { Scalar._syrk(transpose, n, k, scale, $0, Swift.max(1, a.rows), keep, c, n) }
        }
    }
}
