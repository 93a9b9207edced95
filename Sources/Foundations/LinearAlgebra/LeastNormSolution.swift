internal import CLAPACKE

/// The least-norm least-squares solution `X = A⁺B` of `AX ≈ B`, for any rank.
///
/// Among all minimisers of `‖AX − B‖` it is the one of least Frobenius norm; with `A` of full row
/// rank the equations hold exactly and `X = Aᵀ(AAᵀ)⁻¹B` (T1). Singular values below
/// `relativeTolerance · σ₁` count as zero.
public struct LeastNormSolution: Sendable {
    public let solution: Matrix<Double>
    /// The number of singular values that counted as positive.
    public let rank: Int
    /// All singular values of `A`, in descending order.
    public let singularValues: [Double]

    /// Solves by the singular value decomposition (`dgelsd`).
    ///
    /// - Parameter relativeTolerance: `nil` means `max(m, n)·ε`, the rounding of the decomposition.
    /// - Parameter a: `A`, `m × n`.
    /// - Parameter b: `B`, `m × k`.
    /// - Throws: `notFinite`, `shapeMismatch` if the row counts differ, `noConvergence`.
    public init(
        _ a: Matrix<Double>, _ b: Matrix<Double>, relativeTolerance: Double? = nil
    ) throws(LinearAlgebraError) {
        guard a.rows == b.rows else {
            throw .shapeMismatch(operation: "least-norm solve", left: a.shape, right: b.shape)
        }
        guard a.isFinite(), b.isFinite() else { throw .notFinite(operation: "least-norm solve") }
        let (m, n, right) = (a.rows, a.columns, b.columns)
        guard m > 0, n > 0, right > 0 else {
            solution = Matrix(rows: n, columns: right)
            rank = 0
            singularValues = []
            return
        }
        let tolerance = relativeTolerance ?? Double(max(m, n)) * Double.ulpOfOne
        var work = a
        let extended = max(m, n)
        var x = Matrix<Double>(rows: extended, columns: right) { i, j in i < m ? b[i, j] : 0 }
        var values = [Double](repeating: 0, count: min(m, n))
        var found: LapackInt = 0
        let info = work.withMutablePointer { pa in
            x.withMutablePointer { px in
                LAPACKE_dgelsd(
                    LAPACK_COL_MAJOR, LapackInt(m), LapackInt(n), LapackInt(right), pa,
                    LapackInt(m), px, LapackInt(extended), &values, tolerance, &found)
            }
        }
        if info > 0 { throw .noConvergence(routine: "dgelsd", info: Int(info)) }
        if info < 0 { throw .invalidArgument(routine: "dgelsd", info: Int(info)) }
        solution = Matrix(rows: n, columns: right) { i, j in x[i, j] }
        rank = Int(found)
        singularValues = values
    }
}
