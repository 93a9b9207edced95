import Intervals
import LinearAlgebra
import Testing

@Suite struct InverseTests {
    /// The inverse of the matrix of Hilbert is one of integers: `xᵢⱼ(i + j + 1)` must contain 1.
    @Test func `the inverse contains the exact one`() throws {
        let order = 5
        func choose(_ n: Int, _ k: Int) -> Double { (0..<k).reduce(1.0) { $0 * Double(n - $1) / Double($1 + 1) } }
        let integers = Matrix<Double>(rows: order, columns: order) { i, j in
            let sign = (i + j).isMultiple(of: 2) ? 1.0 : -1
            let square = choose(i + j, i) * choose(i + j, i)
            return sign * Double(i + j + 1) * choose(order + i, order - j - 1) * choose(order + j, order - i - 1) * square
        }
        let inverse = try #require(BallMatrix(exactly: integers).inverseOfPositiveDefinite)
        for i in 0..<order {
            for j in 0..<order {
                #expect((Interval(Double(i + j + 1)) * inverse[i, j]).contains(1))
                #expect(inverse.radius[i, j] < 1e-8)
            }
        }
    }

    /// `(a b; b c)⁻¹ = (c −b; −b a)/(ac − b²)` at all corners of the ball.
    @Test func `a ball's inverse contains those of its corners`() throws {
        let ball = BallMatrix(
            center: Matrix(rows: 2, columns: 2) { i, j in i == j ? 2 : 1 },
            radius: Matrix(rows: 2, columns: 2, repeating: 0.125))
        let inverse = try #require(ball.inverseOfPositiveDefinite)
        for corner in 0..<8 {
            func end(_ bit: Int, _ middle: Double) -> Double { middle + (corner >> bit & 1 == 0 ? -0.125 : 0.125) }
            let (a, b, c) = (end(0, 2), end(1, 1), end(2, 2))
            let determinant = a * c - b * b
            #expect(inverse[0, 0].contains(c / determinant) && inverse[1, 1].contains(a / determinant))
            #expect(inverse[0, 1].contains(-b / determinant) && inverse[1, 0].contains(-b / determinant))
        }
    }

    @Test func `a ball with a singular matrix has no inverse`() {
        let ball = BallMatrix(
            center: Matrix(rows: 2, columns: 2) { i, j in i == j ? 2 : 1 },
            radius: Matrix(rows: 2, columns: 2, repeating: 0.5))
        #expect(ball.inverseOfPositiveDefinite == nil)
        #expect(BallMatrix(exactly: Matrix(rows: 2, columns: 2, repeating: 1)).inverseOfPositiveDefinite == nil)
        #expect(BallMatrix(exactly: Matrix(column: [.infinity])).inverseOfPositiveDefinite == nil)
    }
}
