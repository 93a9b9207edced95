import LinearAlgebra
import Testing

@Suite struct AlignedMatrixTests {
    static let shapes = [(1, 1, 1), (3, 2, 4), (17, 40, 33), (64, 48, 2), (256, 256, 61), (0, 2, 2), (2, 0, 2)]

    private func check<S: BLASScalar>(_: S.Type, _ shape: (m: Int, k: Int, n: Int)) {
        var numbers = Numbers(UInt64(shape.m + 64 * shape.k + 4096 * shape.n))
        let (m, k, n) = shape
        let plain = numbers.matrix(m, k + 1, as: S.self)
        let right = numbers.matrix(k, n, as: S.self)
        let expected = naiveProduct(plain, .none, right, .none, width: k)
        let tolerance = S((k + 2) * (k + 2)) * S.ulpOfOne
        var aligned = AlignedMatrix<S>(rows: m, columns: k)
        aligned.assign(plain)
        var product = Matrix<S>(rows: m, columns: n, repeating: .nan)
        product.assignProduct(aligned, right)
        #expect((product - expected).maximumMagnitude <= tolerance)

        // The transpose of a matrix that has one column more than is wanted.
        var tall = Matrix<S>(rows: k, columns: m + 1, repeating: .nan)
        for i in 0..<m {
            for j in 0..<k { tall[j, i] = plain[i, j] }
        }
        aligned.assign(Matrix<S>(rows: m, columns: k, repeating: .nan))
        let copy = aligned
        aligned.assignTranspose(of: tall)
        let start = numbers.matrix(m, n, as: S.self)
        var accumulated = start
        accumulated.assignProduct(aligned, right, keep: -2)
        #expect((accumulated - (expected - S(2) * start)).maximumMagnitude <= 3 * tolerance)
        accumulated.assignProduct(copy, right)
        #expect(accumulated.count == 0 || k == 0 || accumulated.elements.allSatisfy(\.isNaN))
    }

    @Test("products against three loops, as assigned and as transposed", arguments: shapes)
    func products(shape: (Int, Int, Int)) {
        check(Double.self, shape)
        check(Float.self, shape)
    }
}
