import LinearAlgebra
import Testing

@Suite struct EigendecompositionTests {
    @Test("AV = V diag(λ), VᵀV = I, λ ascending", arguments: [1, 2, 3, 8, 30, 100])
    func residuals(order: Int) throws {
        var numbers = Numbers(UInt64(order))
        let half = numbers.matrix(order, order)
        let matrix = half + half.transposed
        let result = try SymmetricEigendecomposition(matrix)
        let vectors = result.vectors
        let scaled = Matrix<Double>(rows: order, columns: order) { i, j in
            vectors[i, j] * result.values[j]
        }
        // Backward stability: every residual is a few n·ε, ‖V‖_F = √n already counted by the norms.
        #expect((naiveProduct(matrix, vectors) - scaled).norm <= 4 * rounding(order) * matrix.norm)
        let gram = naiveProduct(vectors, .transposed, vectors, .none)
        #expect((gram - .identity(order)).norm <= 4 * rounding(order))
        #expect(zip(result.values, result.values.dropFirst()).allSatisfy { $0 <= $1 })
        let trace = (0..<order).reduce(0) { $0 + matrix[$1, $1] }
        #expect(
            abs(result.values.reduce(0, +) - trace) <= 4 * rounding(order * order) * matrix.norm)
    }

    /// `tridiag(−1, 2, −1)` has the eigenvalues `4 sin²(kπ/(2n+2))`, here for `n = 3` in radicals.
    @Test func `known eigenvalues`() throws {
        let matrix = Matrix<Double>(rows: 3, columns: 3) { i, j in
            i == j ? 2 : (abs(i - j) == 1 ? -1 : 0)
        }
        let values = try SymmetricEigendecomposition(matrix).values
        let root = 2.0.squareRoot()
        for (found, expected) in zip(values, [2 - root, 2, 2 + root]) {
            #expect(abs(found - expected) <= 8 * rounding(3))
        }
    }

    @Test func `repeated eigenvalues still have orthonormal vectors`() throws {
        var numbers = Numbers(3)
        let v = numbers.matrix(7, 1)
        // I + vvᵀ: eigenvalue 1 six times and 1 + ‖v‖².
        let matrix = .identity(7) + naiveProduct(v, .none, v, .transposed)
        let result = try SymmetricEigendecomposition(matrix)
        for k in 0..<6 { #expect(abs(result.values[k] - 1) <= 4 * rounding(7) * matrix.norm) }
        #expect(abs(result.values[6] - 1 - v.squaredNorm) <= 4 * rounding(7) * matrix.norm)
        let gram = naiveProduct(result.vectors, .transposed, result.vectors, .none)
        #expect((gram - .identity(7)).norm <= 4 * rounding(7))
    }

    @Test func `only the lower triangle is read`() throws {
        var numbers = Numbers(8)
        let matrix = numbers.positiveDefinite(5)
        let whole = try SymmetricEigendecomposition(matrix)
        let half = try SymmetricEigendecomposition(lowerTriangle(matrix))
        #expect(whole.values == half.values && whole.vectors == half.vectors)
    }

    @Test func `the empty matrix has no eigenvalues`() throws {
        let empty = try SymmetricEigendecomposition(Matrix(rows: 0, columns: 0))
        #expect(empty.values.isEmpty && empty.vectors.shape == "0×0")
    }

    @Test("non-finite input", arguments: [Double.infinity, -.infinity, .nan])
    func notFinite(value: Double) {
        var matrix = Matrix<Double>.identity(3)
        matrix[1, 0] = value
        #expect(throws: LinearAlgebraError.notFinite(operation: "eigendecomposition")) {
            try SymmetricEigendecomposition(matrix)
        }
    }

    @Test func `a rectangular matrix`() {
        #expect(
            throws: LinearAlgebraError.shapeMismatch(
                operation: "eigendecomposition", left: "3×2", right: "a square matrix")
        ) { try SymmetricEigendecomposition(Matrix(rows: 3, columns: 2)) }
    }
}
