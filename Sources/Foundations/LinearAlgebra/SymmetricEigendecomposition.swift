internal import CLAPACKE

/// The eigendecomposition `A = V diag(λ) Vᵀ` of a symmetric matrix, eigenvalues ascending.
///
/// Divide and conquer (`dsyevd`), about `9n³` operations. Eigenvalues are accurate to a few
/// `ε‖A‖` in absolute terms, so relatively small ones have few correct digits.
public struct SymmetricEigendecomposition: Sendable {
    /// The eigenvalues in ascending order.
    public let values: [Double]
    /// Column `j` is a unit eigenvector of `values[j]`; the columns are orthonormal.
    public let vectors: Matrix<Double>

    /// Decomposes `matrix`, of which only the lower triangle is read.
    ///
    /// - Throws: `notFinite`, `shapeMismatch` if not square, `noConvergence`.
    public init(_ matrix: Matrix<Double>) throws(LinearAlgebraError) {
        guard matrix.rows == matrix.columns else {
            throw .shapeMismatch(
                operation: "eigendecomposition", left: matrix.shape, right: "a square matrix")
        }
        guard matrix.isFinite() else { throw .notFinite(operation: "eigendecomposition") }
        let n = matrix.rows
        var vectors = matrix
        var values = [Double](repeating: 0, count: n)
        if n > 0 {
            let info = vectors.withMutablePointer {
                LAPACKE_dsyevd(
                    LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), LAPACK.lower, LapackInt(n), $0,
                    LapackInt(n), &values)
            }
            if info > 0 { throw .noConvergence(routine: "dsyevd", info: Int(info)) }
            if info < 0 { throw .invalidArgument(routine: "dsyevd", info: Int(info)) }
        }
        self.values = values
        self.vectors = vectors
    }
}
