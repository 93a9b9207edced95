import Intervals
import LinearAlgebra
import Randomness
import Testing

@Suite struct BallMatrixTests {
    /// Integers of 52 bits, whose products and sums fit into 128 bits: the exact result is known.
    @Test(arguments: [(1, 1, 1), (3, 1, 4), (2, 7, 5), (4, 60, 3), (1, 300, 1)])
    func `the product contains the exact one`(rows: Int, inner: Int, columns: Int) {
        var generator = RandomGenerator(seed: UInt64(inner))
        func draw(_ rows: Int, _ columns: Int) -> Matrix<Double> {
            Matrix(rows: rows, columns: columns) { _, _ in
                Double(Int64(generator.next(below: 1 << 53)) - (1 << 52))
            }
        }
        var roundings = 0
        for _ in 0..<20 {
            let (a, b) = (draw(rows, inner), draw(inner, columns))
            let product = BallMatrix.product(BallMatrix(exactly: a), .none, BallMatrix(exactly: b))
            for i in 0..<rows {
                for j in 0..<columns {
                    var exact: Int128 = 0
                    for k in 0..<inner { exact += Int128(a[i, k]) * Int128(b[k, j]) }
                    let error = Int128(product.center[i, j]) - exact
                    if error != 0 { roundings += 1 }
                    #expect(error.magnitude <= UInt128(product.radius[i, j]))
                }
            }
        }
        #expect(roundings > 0, "products that round nowhere show nothing")
    }

    /// Corners of the balls of both factors stay inside.
    @Test func `radii of the factors count`() {
        let a = BallMatrix(
            center: Matrix(column: [1, -2]).transposed, radius: Matrix(column: [0.5, 0.25]).transposed)
        let b = BallMatrix(center: Matrix(column: [3, 4]), radius: Matrix(column: [0.125, 1]))
        let product = BallMatrix.product(a, .none, b)[0, 0]
        for (s, t) in [(1.0, 1.0), (1, -1), (-1, 1), (-1, -1)] {
            #expect(product.contains((1 + 0.5 * s) * (3 + 0.125 * t) + (-2 + 0.25 * s) * (4 + t)))
            #expect(product.contains((1 + 0.5 * s) * (3 + 0.125 * s) + (-2 - 0.25 * t) * (4 + t)))
        }
        // |A|·rad B + rad A·(|B| + rad B) = 2.125 + 1.5625 + 1.25 = 4.9375 around −5.
        #expect(abs(product.upper - product.lower - 2 * 4.9375) < 1e-12)
    }

    @Test func `underflow is bounded, and an exact zero stays exact`() {
        let tiny = BallMatrix(exactly: Matrix(column: [1e-200]))
        #expect(BallMatrix.product(tiny, .none, tiny).radius[0, 0] > 0)
        let zero = BallMatrix(exactly: Matrix(column: [0]))
        #expect(BallMatrix.product(tiny, .none, zero).radius[0, 0] == 0)
    }

    @Test func `overflow is an infinite radius`() {
        let large = BallMatrix(exactly: Matrix(column: [1e200]))
        let square = BallMatrix.product(large, .none, large)
        #expect(square.radius[0, 0] == .infinity && !square.isFinite)
    }

    @Test func `the norm is enclosed at every scale`() {
        for scale in [1.0, 1e-300, 1e200, Double.leastNonzeroMagnitude] {
            let norm = Interval.norm(of: [Matrix(column: [3 * scale]), Matrix(column: [4 * scale])])
            #expect(norm.contains(5 * scale))
            #expect(scale < Double.leastNormalMagnitude || norm.upper - norm.lower <= 1e-14 * 5 * scale)
        }
        #expect(Interval.norm(of: [Matrix(rows: 2, columns: 2)]) == .zero)
    }
}
