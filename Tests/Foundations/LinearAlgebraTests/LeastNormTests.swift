import LinearAlgebra
import Testing

@Suite struct LeastNormTests {
    /// `A = GHᵀ` with exact integer entries, so that its rank is exact too.
    private func integerMatrix(_ m: Int, _ n: Int, rank: Int, seed: UInt64) -> Matrix<Double> {
        var numbers = Numbers(seed)
        func integers(_ rows: Int) -> Matrix<Double> {
            Matrix(rows: rows, columns: rank) { i, j in
                i < rank ? (i == j ? 1 : 0) : (numbers.next() * 4).rounded()
            }
        }
        let (left, right) = (integers(m), integers(n))
        return naiveProduct(left, .none, right, .transposed)
    }

    static let cases = [
        (1, 1, 1), (4, 4, 4), (6, 3, 3), (3, 6, 3), (6, 6, 2), (9, 4, 2), (4, 9, 1), (30, 50, 17),
        (50, 30, 30), (5, 5, 0),
    ]

    @Test("the rank is exact and the solution is the least of all minimisers", arguments: cases)
    func rankDeficient(m: Int, n: Int, rank: Int) throws {
        let seed = UInt64(m + 100 * n + 10_000 * rank)
        let a = integerMatrix(m, n, rank: rank, seed: seed)
        var numbers = Numbers(seed + 1)
        let b = numbers.matrix(m, 2)
        let result = try LeastNormSolution(a, b)
        #expect(result.rank == rank)
        #expect(result.solution.shape == "\(n)×2")
        #expect(result.singularValues.count == min(m, n))
        #expect(zip(result.singularValues, result.singularValues.dropFirst()).allSatisfy { $0 >= $1 })
        let x = result.solution
        guard rank > 0 else {
            #expect(x.norm == 0)
            return
        }
        let sigma = (largest: result.singularValues[0], smallest: result.singularValues[rank - 1])
        // Rounding of σ-norm n·ε·σ₁, seen through the pseudo-inverse once (x) or twice (residual).
        let condition = sigma.largest / sigma.smallest
        let tolerance = 8 * rounding(max(m, n)) * condition * (x.norm + b.norm / sigma.smallest)

        // Normal equations: Aᵀ(Ax − b) = 0.
        let residual = naiveProduct(a, x) - b
        let normal = naiveProduct(a, .transposed, residual, .none)
        #expect(normal.norm <= tolerance * sigma.largest * sigma.largest)

        // Every other minimiser is x + z with Az = 0; least norm means x ⟂ z for all of them.
        for column in nullSpace(of: a, rank: rank) {
            let z = Matrix(column: column)
            #expect(naiveProduct(a, z).norm <= 1e-12 * sigma.largest * z.norm)
            for j in 0..<2 {
                let xj = Matrix(column: x.column(j))
                #expect(abs(xj.dot(z)) <= tolerance * z.norm)
                #expect((xj + z).norm >= xj.norm)
            }
        }
    }

    /// A basis of the null space that no decomposition has touched: both factors begin with the
    /// identity, so the first rows of `A` are `[I Cᵀ]` and `Az = 0` for `z = (−Cᵀeⱼ, eⱼ)`.
    private func nullSpace(of a: Matrix<Double>, rank: Int) -> [[Double]] {
        (rank..<max(rank, a.columns)).map { j in
            (0..<a.columns).map { i in i < rank ? -a[i, j] : (i == j ? 1 : 0) }
        }
    }

    @Test("full row rank: the equations hold and X = Aᵀ(AAᵀ)⁻¹B", arguments: [(1, 5), (3, 8), (10, 40)])
    func fullRowRank(m: Int, n: Int) throws {
        var numbers = Numbers(UInt64(m * n))
        let a = numbers.matrix(m, n)
        let b = numbers.matrix(m, 3)
        let result = try LeastNormSolution(a, b)
        #expect(result.rank == m)
        let residual = naiveProduct(a, result.solution) - b
        #expect(residual.norm <= 8 * rounding(n) * a.norm * result.solution.norm)
        let gram = naiveProduct(a, .none, a, .transposed)
        let multipliers = try CholeskyFactorization(gram).solve(b)
        let explicit = naiveProduct(a, .transposed, multipliers, .none)
        let condition = result.singularValues[0] / result.singularValues[m - 1]
        #expect(
            (explicit - result.solution).norm
                <= 8 * rounding(n) * condition * condition * result.solution.norm)
    }

    @Test func `the squares of the singular values add up to the squared norm`() throws {
        var numbers = Numbers(4)
        let a = numbers.matrix(7, 11)
        let result = try LeastNormSolution(a, Matrix(rows: 7, columns: 1))
        let sum = result.singularValues.reduce(0) { $0 + $1 * $1 }
        #expect(abs(sum - a.squaredNorm) <= 8 * rounding(11) * a.squaredNorm)
    }

    @Test func `the tolerance decides which singular values count`() throws {
        let a = Matrix<Double>(rows: 3, columns: 3) { i, j in i == j ? [1, 1e-6, 1e-17][i] : 0 }
        let b = Matrix(column: [1.0, 1, 1])
        let standard = try LeastNormSolution(a, b)
        #expect(standard.rank == 2 && abs(standard.solution[1, 0] / 1e6 - 1) <= 1e-12)
        let coarse = try LeastNormSolution(a, b, relativeTolerance: 1e-3)
        #expect(coarse.rank == 1 && coarse.solution.norm <= 1 + 1e-12)
        let fine = try LeastNormSolution(a, b, relativeTolerance: 1e-18)
        #expect(fine.rank == 3 && abs(fine.solution[2, 0] / 1e17 - 1) <= 1e-12)
    }

    @Test("extremely scaled systems", arguments: [1e-300, 1e-150, 1e150, 1e300])
    func scaling(scale: Double) throws {
        var numbers = Numbers(6)
        let a = numbers.matrix(4, 6)
        let b = numbers.matrix(4, 1)
        let plain = try LeastNormSolution(a, b)
        let scaled = try LeastNormSolution(scale * a, scale * b)
        let condition = plain.singularValues[0] / plain.singularValues[3]
        #expect(scaled.rank == 4)
        #expect(
            (scaled.solution - plain.solution).norm
                <= 16 * rounding(6) * condition * plain.solution.norm)
    }

    @Test("empty systems have the zero solution", arguments: [(0, 3, 2), (3, 0, 2), (3, 2, 0), (0, 0, 0)])
    func empty(m: Int, n: Int, right: Int) throws {
        let result = try LeastNormSolution(Matrix(rows: m, columns: n), Matrix(rows: m, columns: right))
        #expect(result.rank == 0 && result.solution == Matrix(rows: n, columns: right))
    }

    @Test("non-finite input on either side", arguments: [Double.infinity, -.infinity, .nan])
    func notFinite(value: Double) {
        let good = Matrix<Double>.identity(2)
        let bad = Matrix<Double>(rows: 2, columns: 2, repeating: value)
        let expected = LinearAlgebraError.notFinite(operation: "least-norm solve")
        #expect(throws: expected) { try LeastNormSolution(bad, good) }
        #expect(throws: expected) { try LeastNormSolution(good, bad) }
    }

    @Test func `row counts that differ`() {
        let expected = LinearAlgebraError.shapeMismatch(
            operation: "least-norm solve", left: "2×2", right: "3×1")
        #expect(throws: expected) {
            try LeastNormSolution(.identity(2), Matrix(rows: 3, columns: 1))
        }
    }
}
