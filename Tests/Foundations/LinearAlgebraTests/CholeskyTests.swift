import LinearAlgebra
import Testing

@Suite struct CholeskyTests {
    @Test("LLᵀ = A to n·ε·‖A‖", arguments: [1, 2, 3, 10, 64, 150])
    func factor(order: Int) throws {
        var numbers = Numbers(UInt64(order))
        let matrix = numbers.positiveDefinite(order)
        let factor = lowerTriangle(try CholeskyFactorization(matrix).factor)
        let residual = naiveProduct(factor, .none, factor, .transposed) - matrix
        #expect(residual.norm <= rounding(order) * matrix.norm)
    }

    @Test("a solve is backward stable", arguments: [1, 2, 5, 40, 120], [1, 3])
    func solve(order: Int, right: Int) throws {
        var numbers = Numbers(UInt64(order + 1000 * right))
        let matrix = numbers.positiveDefinite(order, shift: 1e-6)
        let b = numbers.matrix(order, right)
        let x = try CholeskyFactorization(matrix).solve(b)
        let residual = naiveProduct(matrix, x) - b
        #expect(residual.norm <= 3 * rounding(order) * matrix.norm * x.norm)
    }

    @Test func `only the lower triangle is read`() throws {
        var numbers = Numbers(5)
        let matrix = numbers.positiveDefinite(6)
        let b = numbers.matrix(6, 1)
        let whole = try CholeskyFactorization(matrix)
        let half = try CholeskyFactorization(lowerTriangle(matrix))
        #expect(try whole.solve(b) == half.solve(b))
        #expect(whole.reciprocalConditionEstimate() == half.reciprocalConditionEstimate())
    }

    @Test func `the empty matrix is positive definite`() throws {
        let empty = try CholeskyFactorization(Matrix(rows: 0, columns: 0))
        #expect(empty.order == 0 && empty.reciprocalConditionEstimate() == 1)
        #expect(try empty.solve(Matrix(rows: 0, columns: 2)).shape == "0×2")
        let three = try CholeskyFactorization(.identity(3))
        #expect(try three.solve(Matrix(rows: 3, columns: 0)).shape == "3×0")
    }

    @Test("the first leading minor that is not positive is named", arguments: 1...9)
    func leadingMinor(order: Int) throws {
        var numbers = Numbers(UInt64(order))
        var matrix = numbers.positiveDefinite(9)
        // det of the leading minor is affine and increasing in its last diagonal entry.
        matrix[order - 1, order - 1] = -1e-3
        #expect(throws: LinearAlgebraError.notPositiveDefinite(leadingMinor: order)) {
            try CholeskyFactorization(matrix)
        }
        matrix[order - 1, order - 1] = 100
        #expect(throws: Never.self) { try CholeskyFactorization(matrix) }
    }

    @Test func `a large matrix names its minor too`() {
        var numbers = Numbers(2)
        var matrix = numbers.positiveDefinite(150)
        matrix[137, 137] = 0
        #expect(throws: LinearAlgebraError.notPositiveDefinite(leadingMinor: 138)) {
            try CholeskyFactorization(matrix)
        }
    }

    /// The library's pivots become NaN here (∞·0), which its own test does not notice.
    @Test func `an overflow inside the factorization is not a success`() throws {
        let matrix = try Matrix<Double>(
            rows: 3, columns: 3, elements: [1e-300, 0, 1e200, 0, 1, 0, 1e200, 0, 1])
        #expect(throws: LinearAlgebraError.notPositiveDefinite(leadingMinor: 3)) {
            try CholeskyFactorization(matrix)
        }
    }

    @Test("non-finite input", arguments: [Double.infinity, -.infinity, .nan])
    func notFinite(value: Double) throws {
        var matrix = Matrix<Double>.identity(3)
        matrix[2, 1] = value
        #expect(throws: LinearAlgebraError.notFinite(operation: "Cholesky")) {
            try CholeskyFactorization(matrix)
        }
        let good = try CholeskyFactorization(.identity(3))
        #expect(throws: LinearAlgebraError.notFinite(operation: "Cholesky solve")) {
            try good.solve(Matrix(column: [0, value, 1]))
        }
    }

    @Test func `wrong shapes`() throws {
        #expect(
            throws: LinearAlgebraError.shapeMismatch(
                operation: "Cholesky", left: "2×3", right: "a square matrix")
        ) { try CholeskyFactorization(Matrix(rows: 2, columns: 3)) }
        let good = try CholeskyFactorization(.identity(3))
        #expect(
            throws: LinearAlgebraError.shapeMismatch(
                operation: "Cholesky solve", left: "3×3", right: "2×1")
        ) { try good.solve(Matrix(rows: 2, columns: 1)) }
    }

    /// The exact 1-norm condition numbers, computed with 60 digits elsewhere.
    @Test(
        "the condition estimate of Hilbert matrices",
        arguments: [
            (1, 1.0), (2, 27), (3, 748), (4, 28375), (5, 943_656), (6, 29_070_279),
            (7, 985_194_886.5), (8, 33_872_791_095.0),
        ])
    func conditionOfHilbert(order: Int, condition: Double) throws {
        // Turned by 180°, so that the largest column sum lies in the unread upper triangle.
        let turned = Matrix<Double>(rows: order, columns: order) { i, j in
            hilbert(order)[order - 1 - i, order - 1 - j]
        }
        for matrix in [hilbert(order), turned, lowerTriangle(turned)] {
            let reciprocal = try CholeskyFactorization(matrix).reciprocalConditionEstimate()
            // ‖A⁻¹‖₁ is estimated from below, and exactly for sign patterns like these; rounding of
            // the inverse is condition·ε < 1e-5.
            #expect(reciprocal * condition >= 1 - 1e-5)
            #expect(reciprocal * condition <= 1 + 1e-5)
        }
    }

    @Test("the condition estimate of diagonal matrices is exact", arguments: [1, 10, 1e8, 1e14])
    func conditionOfDiagonal(condition: Double) throws {
        let matrix = Matrix<Double>(rows: 3, columns: 3) { i, j in
            i == j ? [2, 2 / condition, 2 / condition.squareRoot()][i] : 0
        }
        let estimate = try CholeskyFactorization(matrix).reciprocalConditionEstimate()
        #expect(abs(estimate * condition - 1) <= 1e-14)
    }
}
