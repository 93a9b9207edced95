internal import CLAPACKE

/// The Cholesky factorization `A = L Lᵀ` of a symmetric positive definite matrix.
///
/// Only the lower triangle of `A` is read. `n³/3` floating-point operations; a solve takes `2n²` for
/// each right-hand side. Backward stable: the computed `L` is exact for a matrix within
/// about `n·ε·‖A‖` of `A`.
public struct CholeskyFactorization: Sendable {
    /// `L` in the lower triangle; the strict upper triangle holds what `A` had there.
    package private(set) var factor: Matrix<Double>
    private let oneNorm: Double

    /// Factorizes `matrix`.
    ///
    /// - Throws: `notPositiveDefinite` with the order of the first leading minor that is not
    ///   positive, `notFinite`, or `shapeMismatch` if the matrix is not square.
    public init(_ matrix: Matrix<Double>) throws(LinearAlgebraError) {
        guard matrix.rows == matrix.columns else {
            throw .shapeMismatch(operation: "Cholesky", left: matrix.shape, right: "a square matrix")
        }
        guard matrix.isFinite() else { throw .notFinite(operation: "Cholesky") }
        oneNorm = matrix.symmetricOneNorm()
        factor = matrix
        try LAPACK.factorizeCholesky(&factor)
    }

    /// The order of the matrix.
    public var order: Int { factor.rows }

    /// `A⁻¹ B`.
    ///
    /// - Throws: `shapeMismatch`, or `notFinite` if `B` is not finite.
    public func solve(_ right: Matrix<Double>) throws(LinearAlgebraError) -> Matrix<Double> {
        guard right.rows == order else {
            throw .shapeMismatch(operation: "Cholesky solve", left: factor.shape, right: right.shape)
        }
        guard right.isFinite() else { throw .notFinite(operation: "Cholesky solve") }
        var solution = right
        solveInPlace(&solution)
        return solution
    }

    /// `B ← A⁻¹ B`, unchecked.
    package func solveInPlace(_ right: inout Matrix<Double>) {
        LAPACK.solveTriangular(factor, .none, &right)
        LAPACK.solveTriangular(factor, .transposed, &right)
    }

    /// An estimate of `1 / (‖A‖₁ ‖A⁻¹‖₁)`, almost always within a factor of 3 of it.
    ///
    /// Near `1e-16` the factorization succeeded by luck of rounding, and a solve means nothing.
    public func reciprocalConditionEstimate() -> Double {
        if order == 0 { return 1 }
        var reciprocal = 0.0
        var work = [Double](repeating: 0, count: 3 * order)
        var integers = [LapackInt](repeating: 0, count: order)
        _ = factor.withPointer { a in
            LAPACKE_dpocon_work(
                LAPACK_COL_MAJOR, LAPACK.lower, LapackInt(order), a, LapackInt(order), oneNorm,
                &reciprocal, &work, &integers)
        }
        return reciprocal
    }
}

extension Matrix<Double> {
    /// The largest column sum of magnitudes of the symmetric matrix whose lower triangle is stored.
    func symmetricOneNorm() -> Double {
        var sums = [Double](repeating: 0, count: rows)
        for j in 0..<columns {
            for i in j..<rows {
                let magnitude = abs(self[i, j])
                sums[j] += magnitude
                if i != j { sums[i] += magnitude }
            }
        }
        return sums.max() ?? 0
    }
}
