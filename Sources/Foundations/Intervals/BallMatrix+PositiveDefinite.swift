internal import LinearAlgebra

extension BallMatrix {
    /// Whether every symmetric matrix of the ball is proved positive definite.
    ///
    /// For any `L` and `c > 0`, `A = LLᵀ + cI + R`. The product `LLᵀ` has no negative eigenvalue and `R` is symmetric, so
    /// `‖R‖₂ ≤ ‖R‖∞` and `A` is positive definite if `c > ‖R‖∞`. That bound is computed with every rounding in it: how
    /// `L` was found, by a Cholesky factorization of `A − cI` in floating point, is of no account (the idea is Rump's 2006,
    /// with the remainder computed instead of bounded beforehand). The shift is
    /// `c = 2‖rad A‖∞ + 8(n + 2)u·tr A`: twice what the radii can make, and about twice what rounding makes at worst.
    ///
    /// `false` is no proof of anything. One factorization and one product of order `n`.
    ///
    /// - Precondition: the matrix is square.
    public var isProvedPositiveDefinite: Bool {
        precondition(rows == columns, "a symmetric matrix is square")
        guard isFinite else { return false }
        let spread = BallMatrix(center: Matrix(rows: rows, columns: columns), radius: radius).maximumRowSum
        let trace = (0..<rows).reduce(0.0) { $0 + abs(center[$1, $1]) }
        let shift = 2 * spread + 8 * Double(rows + 2) * 0x1p-53 * trace
        var shifted = center
        for i in 0..<rows { shifted[i, i] -= shift }
        guard shift.isFinite, let factorization = try? CholeskyFactorization(shifted) else { return false }
        let factor = BallMatrix(exactly: Matrix(rows: rows, columns: columns) { i, j in
            i >= j ? factorization.factor[i, j] : 0
        })
        var remainder = self - BallMatrix.product(factor, .none, factor, .transposed)
        for i in 0..<rows { remainder[i, i] = remainder[i, i] - Interval(shift) }
        return remainder.maximumRowSum < shift
    }
}
