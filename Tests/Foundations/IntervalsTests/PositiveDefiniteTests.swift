import Intervals
import LinearAlgebra
import Testing

@Suite struct PositiveDefiniteTests {
    /// `(a b; b c)` is definite exactly if `a > 0` and `ac > b²`.
    private func ball(_ a: Double, _ b: Double, _ c: Double, radius: Double = 0) -> BallMatrix {
        BallMatrix(
            center: Matrix(rows: 2, columns: 2) { i, j in i != j ? b : i == 0 ? a : c },
            radius: Matrix(rows: 2, columns: 2, repeating: radius))
    }

    @Test func `definite matrices are proved`() {
        #expect(ball(2, 1, 2).isProvedPositiveDefinite)
        #expect(ball(1, 1 - 1e-12, 1).isProvedPositiveDefinite)
        #expect(ball(2e-100, 1e-100, 2e-100).isProvedPositiveDefinite)
    }

    /// Their factorization in floating point can succeed.
    @Test func `no matrix with an eigenvalue that is not positive is proved`() {
        #expect(!ball(1, 1, 1).isProvedPositiveDefinite)
        #expect(!ball(1, 1 + 0x1p-52, 1 + 0x1p-52).isProvedPositiveDefinite)
        #expect(!ball(1, 2, 1).isProvedPositiveDefinite)
        #expect(!ball(0, 0, 0).isProvedPositiveDefinite)
        #expect(!ball(.infinity, 0, 1).isProvedPositiveDefinite)
    }

    /// Eigenvalues 1 and 3 of the middle; a radius of ½ in each entry can take the smaller to 0.
    @Test func `a ball is proved only as a whole`() {
        #expect(ball(2, 1, 2, radius: 0.1).isProvedPositiveDefinite)
        #expect(!ball(2, 1, 2, radius: 0.5).isProvedPositiveDefinite)
        #expect(!ball(2, 1, 2, radius: 0.6).isProvedPositiveDefinite)
    }
}
