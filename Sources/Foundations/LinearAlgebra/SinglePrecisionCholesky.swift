internal import CLAPACKE

/// The Cholesky factorization of a matrix near `A` in single precision, for preconditioners.
///
/// It takes half of the time and of the memory of `CholeskyFactorization`, and so do its solves, which wait for memory.
/// What it solves with is `A + E` for a symmetric `E` of about `ε‖A‖`, `ε = 6·10⁻⁸`, and each solve errs by its own
/// rounding. Conjugate gradients bear that as long as `A + E` is positive definite: the preconditioner decides how many
/// products they take, not where they end.
package struct SinglePrecisionCholesky: Sendable {
    /// `L` in the lower triangle.
    private let factor: Matrix<Float>

    /// Factorizes a symmetric matrix, of which the lower triangle is read; `nil` if it is not positive definite in single
    /// precision.
    package init?(_ matrix: Matrix<some BLASScalar>) {
        var factor = matrix.converted(to: Float.self)
        let n = LapackInt(matrix.rows)
        guard n > 0, matrix.rows == matrix.columns else { return nil }
        let info = factor.withMutablePointer { LAPACKE_spotrf_work(LAPACK_COL_MAJOR, LAPACK.lower, n, $0, n) }
        // OpenBLAS lets a NaN pivot pass.
        guard info == 0, (0..<factor.rows).allSatisfy({ factor[$0, $0].isFinite }) else { return nil }
        self.factor = factor
    }

    /// `b ← (A + E)⁻¹ b` for a column `b`, which is scaled so that single precision can hold it.
    package func solveInPlace<Scalar: BLASScalar>(_ right: inout Matrix<Scalar>) {
        let size = right.norm
        guard size > 0, size.isFinite else { return }
        right.scale(by: 1 / size)
        var column = right.converted(to: Float.self)
        let n = blasint(factor.rows)
        column.withMutablePointer { b in
            factor.withPointer { l in
                for operation in [CblasNoTrans, CblasTrans] {
                    cblas_strsv(CblasColMajor, CblasLower, operation, CblasNonUnit, n, l, n, b, 1)
                }
            }
        }
        right = column.converted(to: Scalar.self)
        right.scale(by: size)
    }
}
