internal import CLAPACKE

extension Matrix<Double> {
    /// Something near the inverse, by an LU factorization with row exchanges (`dgetrf`, `dgetri`), about `2n³` operations.
    ///
    /// For preconditioners, whose errors do not count: nothing is said of how near it is.
    ///
    /// - Returns: `nil` where a pivot is zero or the result is not finite.
    /// - Throws: `shapeMismatch` if not square, `notFinite`.
    public func approximateInverse() throws(LinearAlgebraError) -> Matrix? {
        guard rows == columns else {
            throw .shapeMismatch(operation: "inverse", left: shape, right: "a square matrix")
        }
        guard isFinite() else { throw .notFinite(operation: "inverse") }
        if rows == 0 { return self }
        let n = LapackInt(rows)
        var inverse = self
        var exchanges = [LapackInt](repeating: 0, count: rows)
        let block = LapackInt(64)
        var workspace = [Double](repeating: 0, count: rows * Int(block))
        let info = inverse.withMutablePointer { a in
            let factorized = LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, n, n, a, n, &exchanges)
            return factorized != 0
                ? factorized : LAPACKE_dgetri_work(LAPACK_COL_MAJOR, n, a, n, &exchanges, &workspace, n * block)
        }
        if info < 0 { throw .invalidArgument(routine: "dgetrf", info: Int(info)) }
        return info == 0 && inverse.isFinite() ? inverse : nil
    }
}
