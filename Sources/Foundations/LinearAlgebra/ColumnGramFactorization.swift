internal import CLAPACKE

/// The factorization `AᵀA = RᵀR` of the Gram matrix of the columns of `A`, by the QR decomposition of
/// `A`, which does not square the condition number as forming `AᵀA` does.
///
/// For `A` of full column rank. `2mn²` operations.
public struct ColumnGramFactorization: Sendable {
    /// `R` in the upper triangle of the leading `n` rows.
    private var decomposed: Matrix<Double>
    private let order: Int
    /// An estimate of `1/cond₁(R)`; the condition number of `AᵀA` is about the square of `cond(R)`.
    public let reciprocalCondition: Double

    /// Decomposes `matrix`, `m × n`.
    ///
    /// - Throws: `notFinite`; `shapeMismatch` if `m < n`, when the columns are dependent anyway.
    public init(_ matrix: Matrix<Double>) throws(LinearAlgebraError) {
        guard matrix.rows >= matrix.columns else {
            throw .shapeMismatch(
                operation: "Gram factorization", left: matrix.shape, right: "rows ≥ columns")
        }
        guard matrix.isFinite() else { throw .notFinite(operation: "Gram factorization") }
        decomposed = matrix
        order = matrix.columns
        guard order > 0 else {
            reciprocalCondition = 1
            return
        }
        let (m, n) = (LapackInt(matrix.rows), LapackInt(matrix.columns))
        var reflectors = [Double](repeating: 0, count: matrix.columns)
        var reciprocal = 0.0
        let info = decomposed.withMutablePointer { pointer in
            let info = LAPACKE_dgeqrf(LAPACK_COL_MAJOR, m, n, pointer, m, &reflectors)
            if info == 0 {
                LAPACKE_dtrcon(
                    LAPACK_COL_MAJOR, CChar(UInt8(ascii: "1")), CChar(UInt8(ascii: "U")),
                    CChar(UInt8(ascii: "N")), n, pointer, m, &reciprocal)
            }
            return info
        }
        if info < 0 { throw .invalidArgument(routine: "dgeqrf", info: Int(info)) }
        reciprocalCondition = reciprocal
    }

    /// `B ← B (AᵀA)⁻¹`, by two triangular solves.
    ///
    /// - Precondition: `B` has `n` columns and the columns of `A` are independent.
    public func solveFromRightInPlace(_ b: inout Matrix<Double>) {
        precondition(b.columns == order, "\(b.shape) times the inverse of order \(order)")
        let (rows, leading) = (blasint(b.rows), blasint(decomposed.rows))
        if b.rows == 0 || order == 0 { return }
        b.withMutablePointer { target in
            decomposed.withPointer { r in
                for transpose in [CblasNoTrans, CblasTrans] {
                    cblas_dtrsm(
                        CblasColMajor, CblasRight, CblasUpper, transpose, CblasNonUnit, rows,
                        blasint(order), 1, r, leading, target, rows)
                }
            }
        }
    }
}
