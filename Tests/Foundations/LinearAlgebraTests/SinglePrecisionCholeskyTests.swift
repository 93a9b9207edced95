import LinearAlgebra
import Randomness
import Testing

@Suite struct SinglePrecisionCholeskyTests {
    @Test(arguments: [1, 7, 60], [1.0, 1e-60, 1e60])
    func `solves to single precision, whatever the size of the right-hand side`(order: Int, scale: Double) throws {
        var generator = RandomGenerator(seed: 3)
        let root = Matrix<Double>(rows: order, columns: order) { _, _ in generator.nextNormal() }
        var matrix = Matrix<Double>.identity(order)
        let product = try Matrix.product(root, .transposed, root)
        matrix.add(product, scaledBy: 1 / Double(order))
        let right = Matrix<Double>(rows: order, columns: 1) { _, _ in scale * generator.nextNormal() }
        let factor = try #require(SinglePrecisionCholesky(matrix))
        var solution = right
        factor.solveInPlace(&solution)
        let image = try Matrix.product(matrix, .none, solution)
        // The matrix has eigenvalues from 1 to about 5.
        #expect((image - right).norm <= 1e-5 * right.norm)
    }

    @Test func `what is not positive definite is refused`() {
        #expect(SinglePrecisionCholesky(-1 * Matrix<Double>.identity(3)) == nil)
        #expect(SinglePrecisionCholesky(Matrix<Double>(rows: 2, columns: 2) { _, _ in .nan }) == nil)
    }
}
