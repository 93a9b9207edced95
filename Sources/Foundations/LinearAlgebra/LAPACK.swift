internal import CLAPACKE

/// The raw factorization kernels, on whole matrices and in place. Inputs are finite by contract.
enum LAPACK {
    static let lower = CChar(UInt8(ascii: "L"))

    /// `A ← L` in the lower triangle.
    static func factorizeCholesky(_ a: inout Matrix<Double>) throws(LinearAlgebraError) {
        let n = LapackInt(a.rows)
        if n == 0 { return }
        let info = a.withMutablePointer { LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, lower, n, $0, n) }
        if info > 0 { throw .notPositiveDefinite(leadingMinor: Int(info)) }
        if info < 0 { throw .invalidArgument(routine: "dpotrf", info: Int(info)) }
        // OpenBLAS lets a NaN pivot pass, which an overflow of finite entries can produce.
        for i in 0..<a.rows where !a[i, i].isFinite {
            throw .notPositiveDefinite(leadingMinor: i + 1)
        }
    }

    /// `B ← L⁻¹ B`, or `L⁻ᵀ B` when transposed.
    static func solveTriangular(
        _ l: Matrix<Double>, _ transpose: Transposition, _ b: inout Matrix<Double>
    ) {
        let (m, n) = (b.rows, b.columns)
        if m == 0 || n == 0 { return }
        let operation = transpose == .none ? CblasNoTrans : CblasTrans
        b.withMutablePointer { pb in
            l.withPointer { pl in
                if n == 1 {
                    BlockedCholesky.solve(m, pl, transpose, pb)
                } else {
                    cblas_dtrsm(
                        CblasColMajor, CblasLeft, CblasLower, operation, CblasNonUnit, blasint(m),
                        blasint(n), 1, pl, blasint(m), pb, blasint(m))
                }
            }
        }
    }
}

extension Matrix<Double> {
    /// `self ← self + scale · (A Bᵀ + B Aᵀ)`, the lower triangle only.
    package mutating func addSymmetricProduct(
        _ a: Matrix<Double>, _ b: Matrix<Double>, scale: Double
    ) {
        precondition(rows == a.rows && columns == b.rows && a.columns == b.columns)
        let n = rows
        if n == 0 || a.columns == 0 { return }
        withMutablePointer { c in
            a.withPointer { pa in
                b.withPointer { pb in
                    cblas_dsyr2k(
                        CblasColMajor, CblasLower, CblasNoTrans, blasint(n), blasint(a.columns),
                        scale, pa, blasint(n), pb, blasint(n), 1, c, blasint(n))
                }
            }
        }
    }

    /// Copies the lower triangle onto the upper one.
    package mutating func mirrorLowerTriangle() {
        let n = rows
        withMutablePointer { p in
            for j in 0..<n {
                for i in (j + 1)..<Swift.max(n, j + 1) { p[j + i * n] = p[i + j * n] }
            }
        }
    }
}
