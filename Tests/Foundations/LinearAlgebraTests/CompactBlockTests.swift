import LinearAlgebra
import Testing

/// Diagonal blocks kept as a diagonal and few columns, against the same matrix written out.
@Suite struct CompactBlockTests {
    /// Orders 70, 90, 5, the middle block compact with `least` as its smallest `λ`; positive definite, as
    /// far as `strength` does not make the middle block negative along one direction.
    private func matrix(least: Double, strength: Double) -> BlockTridiagonalMatrix {
        var numbers = Numbers(11)
        var result = numbers.blockTridiagonal([70, 90, 5])
        var block = DiagonalPlusLowRank(order: 90, rank: 6, next: 5)
        block.vectors = numbers.matrix(90, 6)
        block.diagonal = Matrix(rows: 90, columns: 1) { i, _ in i == 0 ? least : 1 + Double(i % 7) }
        block.core = numbers.positiveDefinite(6)
        block.core[5, 5] -= strength
        block.coupling = numbers.matrix(5, 6)
        result.compact[1] = block
        result.below[1] = naiveProduct(block.coupling, .none, block.vectors, .transposed)
        result.below[0].scale(by: 0.1)
        // Large enough for what the elimination of the others takes away.
        for i in 0..<5 { result.diagonal[2][i, i] += 400 }
        for i in 0..<70 { result.diagonal[0][i, i] += 60 }
        return result
    }

    private func writtenOut(_ matrix: BlockTridiagonalMatrix) -> BlockTridiagonalMatrix {
        var result = matrix
        result.diagonal[1] = matrix.compact[1]?.dense() ?? matrix.diagonal[1]
        result.compact[1] = nil
        return result
    }

    /// With 1e-9 the diagonal is too uneven for the compact form and the block is written out.
    @Test("solves, products and the dense form agree", arguments: [1, 0.05, 1e-9])
    func agreement(least: Double) throws {
        let compact = matrix(least: least, strength: 0)
        let full = writtenOut(compact)
        #expect((compact.dense() - full.dense()).norm <= rounding(10) * full.dense().norm)
        var numbers = Numbers(5)
        let b = [70, 90, 5].map { numbers.matrix($0, 3) }
        #expect(
            (stacked(compact.times(b)) - stacked(full.times(b))).norm
                <= rounding(165) * full.dense().norm * stacked(b).norm)
        var solution = b
        let factorization = try BlockTridiagonalCholesky(compact)
        factorization.solveInPlace(&solution)
        let x = stacked(solution)
        let residual = naiveProduct(full.dense(), x) - stacked(b)
        #expect(residual.norm <= 8 * rounding(165) * full.dense().norm * x.norm)
        for column in 0..<3 {
            var vector = b.map { Matrix(column: $0.column(column)) }
            factorization.solveVectorInPlace(&vector)
            let wanted = Matrix(column: x.column(column))
            #expect((stacked(vector) - wanted).norm <= 1e-11 * wanted.norm)
        }
    }

    @Test("definiteness is judged as in the dense form", arguments: [0, 0.05, 1, 20, 1e6])
    func definiteness(strength: Double) {
        let compact = matrix(least: 1, strength: strength)
        let isDefinite = (try? CholeskyFactorization(compact.dense())) != nil
        #expect(isDefinite == (strength < 0.1) || strength == 1, "the cases are on both sides")
        #expect(((try? BlockTridiagonalCholesky(compact)) != nil) == isDefinite)
        #expect(((try? BlockTridiagonalCholesky(writtenOut(compact))) != nil) == isDefinite)
    }

    @Test func `a row that is isolated is one of a diagonal matrix`() {
        var block = DiagonalPlusLowRank(order: 64, rank: 2, next: 1)
        var numbers = Numbers(8)
        block.diagonal = numbers.matrix(64, 1)
        block.vectors = numbers.matrix(64, 2)
        block.core = .identity(2)
        block.isolate(3)
        block.addToDiagonal(2)
        let dense = block.dense()
        for j in 0..<64 { #expect(dense[3, j] == (j == 3 ? block.diagonal[3, 0] : 0)) }
    }

    @Test func `what suits`() {
        #expect(DiagonalPlusLowRank.suits(order: 256, rank: 11))
        #expect(!DiagonalPlusLowRank.suits(order: 256, rank: 257))
        #expect(!DiagonalPlusLowRank.suits(order: 8, rank: 1))
    }
}
