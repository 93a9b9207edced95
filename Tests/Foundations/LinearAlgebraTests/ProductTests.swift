import LinearAlgebra
import Testing

/// Products against three loops. Both sums of `k` terms round by at most `k·ε·Σ|aᵢₗbₗⱼ|`, which for
/// entries below 1 is `k²·ε`; `k + 2` leaves room for scale and keep.
@Suite struct ProductTests {
    static let shapes = [
        (1, 1, 1), (2, 3, 4), (5, 1, 3), (1, 5, 3), (4, 4, 1), (7, 6, 1), (1, 6, 9), (33, 17, 40),
        (0, 3, 2), (3, 0, 2), (3, 2, 0), (0, 0, 0), (1, 0, 1), (0, 1, 1),
    ]

    private func check<S: BLASScalar>(
        _: S.Type, _ shape: (m: Int, k: Int, n: Int), _ transposeA: Transposition,
        _ transposeB: Transposition
    ) throws {
        var numbers = Numbers(UInt64(shape.m + 64 * shape.k + 4096 * shape.n))
        let (m, k, n) = shape
        let a = transposeA == .none
            ? numbers.matrix(m, k, as: S.self) : numbers.matrix(k, m, as: S.self)
        let b = transposeB == .none
            ? numbers.matrix(k, n, as: S.self) : numbers.matrix(n, k, as: S.self)
        let expected = naiveProduct(a, transposeA, b, transposeB)
        let tolerance = S((k + 2) * (k + 2)) * S.ulpOfOne
        let product = try Matrix<S>.product(a, transposeA, b, transposeB)
        #expect(product.shape == "\(m)×\(n)")
        #expect((product - expected).maximumMagnitude <= tolerance)

        let start = numbers.matrix(m, n, as: S.self)
        var accumulated = start
        accumulated.assignProduct(a, transposeA, b, transposeB, scale: -2, keep: 0.5)
        let wanted = S(0.5) * start - S(2) * expected
        #expect((accumulated - wanted).maximumMagnitude <= 4 * tolerance)

        var overwritten = Matrix<S>(rows: m, columns: n, repeating: .nan)
        overwritten.assignProduct(a, transposeA, b, transposeB)
        #expect(overwritten == product, "with keep 0 the former content is not read")
    }

    @Test("every transposition, zero sizes included, in both precisions", arguments: shapes)
    func transpositions(shape: (Int, Int, Int)) throws {
        for transposeA in [Transposition.none, .transposed] {
            for transposeB in [Transposition.none, .transposed] {
                try check(Double.self, shape, transposeA, transposeB)
                try check(Float.self, shape, transposeA, transposeB)
            }
        }
    }

    /// Large enough to be computed in slices by some kernels, and just not so.
    @Test(
        "large products in single precision",
        arguments: [(256, 256, 64), (112, 320, 61), (48, 200, 130), (256, 330, 20), (250, 250, 33)])
    func large(shape: (Int, Int, Int)) throws {
        try check(Float.self, shape, .none, .none)
    }

    @Test("the leading columns only", arguments: [0, 1, 3, 4, 5], [1, 2, 6])
    func widthLimited(width: Int, n: Int) {
        var numbers = Numbers(UInt64(width + 10 * n))
        var a = numbers.matrix(4, 5)
        for i in 0..<4 where width < 5 { a[i, 4] = .nan }
        let right = numbers.matrix(width, n)
        var product = Matrix<Double>(rows: 4, columns: n, repeating: .nan)
        product.assignProduct(a, right, width: width)
        let expected = naiveProduct(a, .none, right, .none, width: width)
        #expect((product - expected).maximumMagnitude <= rounding(25))

        let tall = numbers.matrix(4, n)
        var transposed = Matrix<Double>(rows: width, columns: n, repeating: .nan)
        transposed.assignProduct(a, .transposed, tall, width: width)
        let expectedTransposed = naiveProduct(a, .transposed, tall, .none, width: width)
        #expect((transposed - expectedTransposed).maximumMagnitude <= rounding(25))
    }

    @Test func `an inner dimension of zero keeps, scales or clears the target`() {
        let (a, b) = (Matrix<Double>(rows: 2, columns: 0), Matrix<Double>(rows: 0, columns: 2))
        var target = Matrix<Double>(rows: 2, columns: 2, repeating: 3)
        target.assignProduct(a, b, keep: 1)
        #expect(target.elements == [3, 3, 3, 3])
        target.assignProduct(a, b, keep: -2)
        #expect(target.elements == [-6, -6, -6, -6])
        target.assignProduct(a, b)
        #expect(target.elements == [0, 0, 0, 0])
    }

    @Test func `inner dimensions that differ are a typed error`() {
        let (a, b) = (Matrix<Double>(rows: 2, columns: 3), Matrix<Double>(rows: 2, columns: 3))
        let expected = LinearAlgebraError.shapeMismatch(
            operation: "product", left: "2×3", right: "2×3")
        #expect(throws: expected) { try Matrix.product(a, .none, b) }
        #expect(throws: expected) { try Matrix.product(a, .transposed, b, .transposed) }
        #expect(throws: Never.self) { try Matrix.product(a, .none, b, .transposed) }
        #expect(throws: Never.self) { try Matrix.product(a, .transposed, b) }
    }

    @Test("symmetric products fill the lower triangle", arguments: [0, 1, 4, 9], [0, 1, 3, 12])
    func symmetricProduct(n: Int, k: Int) {
        var numbers = Numbers(UInt64(n + 16 * k))
        let a = numbers.matrix(n, k)
        let b = numbers.matrix(n, k)
        let start = numbers.matrix(n, n)

        var product = start
        product.assignSymmetricProduct(a, scale: -1, keep: 1)
        let wanted = start - naiveProduct(a, .none, a, .transposed)
        #expect((lowerTriangle(product) - lowerTriangle(wanted)).maximumMagnitude <= rounding(k * k))

        var both = start
        both.addSymmetricProduct(a, b, scale: 0.5)
        let sum = naiveProduct(a, .none, b, .transposed) + naiveProduct(b, .none, a, .transposed)
        let wantedBoth = start + 0.5 * sum
        #expect((lowerTriangle(both) - lowerTriangle(wantedBoth)).maximumMagnitude <= rounding(k * k))
        for j in 0..<n {
            for i in 0..<j { #expect(product[i, j] == start[i, j] && both[i, j] == start[i, j]) }
        }

        var mirrored = product
        mirrored.mirrorLowerTriangle()
        #expect(mirrored == mirrored.transposed)
        #expect(lowerTriangle(mirrored) == lowerTriangle(product))
    }

    @Test func `a transposed symmetric product of the leading columns`() {
        var numbers = Numbers(77)
        var a = numbers.matrix(6, 5)
        for i in 0..<6 { a[i, 4] = .nan }
        var product = Matrix<Double>(rows: 4, columns: 4)
        product.assignSymmetricProduct(a, .transposed, width: 4)
        let wanted = naiveProduct(a.columns(0..<4), .transposed, a.columns(0..<4), .none)
        #expect((lowerTriangle(product) - lowerTriangle(wanted)).maximumMagnitude <= rounding(36))
    }
}
