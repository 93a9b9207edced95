import LinearAlgebra
import Testing

@Suite struct BlockTridiagonalTests {
    static let orders = [[1], [4], [2, 3], [3, 1, 2], [1, 1, 1, 1], [5, 2, 7, 3], [40, 30, 20, 10]]
    /// Orders on both sides of the panels of 16 and 32 columns, and of the one where LAPACK takes over.
    static let panelOrders = [[16], [17, 16], [31, 33, 5], [64, 49, 10], [97, 128], [400, 20]]

    /// The columns of the identity, cut into blocks.
    private func blocks(of matrix: Matrix<Double>, orders: [Int]) -> [Matrix<Double>] {
        var offset = 0
        return orders.map { order in
            defer { offset += order }
            return Matrix(rows: order, columns: matrix.columns) { [offset] i, j in
                matrix[offset + i, j]
            }
        }
    }

    @Test("dense form, product and naive product agree", arguments: orders, [1, 3])
    func products(orders: [Int], columns: Int) {
        var numbers = Numbers(UInt64(orders.count + columns))
        var matrix = numbers.blockTridiagonal(orders)
        let dense = matrix.dense()
        #expect(matrix.orders == orders && matrix.order == dense.rows)
        #expect(dense == dense.transposed)
        // The strict upper triangles of diagonal blocks must not matter.
        for k in orders.indices {
            for j in 0..<orders[k] { for i in 0..<j { matrix.diagonal[k][i, j] = 99 } }
        }
        #expect(matrix.dense() == dense)
        let vector = numbers.matrix(matrix.order, columns)
        let product = stacked(matrix.times(blocks(of: vector, orders: orders)))
        let error = product - naiveProduct(dense, vector)
        #expect(error.norm <= rounding(matrix.order) * dense.norm * vector.norm)
    }

    @Test("the dense form has its blocks in place")
    func dense() {
        var matrix = BlockTridiagonalMatrix(orders: [1, 2, 1])
        matrix.diagonal[0][0, 0] = 1
        matrix.diagonal[1][1, 0] = 2
        matrix.diagonal[2][0, 0] = 3
        matrix.below[0][1, 0] = 4
        matrix.below[1][0, 1] = 5
        let expected: [Double] = [1, 0, 4, 0, 0, 0, 2, 0, 4, 2, 0, 5, 0, 0, 5, 3]
        #expect(matrix.dense().elements == expected)
    }

    @Test(
        "a solve is backward stable and agrees with the dense one", arguments: orders + panelOrders,
        [1, 2])
    func solve(orders: [Int], columns: Int) throws {
        var numbers = Numbers(UInt64(31 * orders.count + columns))
        let matrix = numbers.blockTridiagonal(orders)
        let dense = matrix.dense()
        let b = numbers.matrix(matrix.order, columns)
        var solution = blocks(of: b, orders: orders)
        try BlockTridiagonalCholesky(matrix).solveInPlace(&solution)
        let x = stacked(solution)
        let residual = naiveProduct(dense, x) - b
        let tolerance = 3 * rounding(matrix.order)
        #expect(residual.norm <= tolerance * dense.norm * x.norm)
        let factorization = try CholeskyFactorization(dense)
        let condition = 1 / factorization.reciprocalConditionEstimate()
        let expected = try factorization.solve(b)
        #expect((x - expected).norm <= 2 * tolerance * 3 * condition * x.norm)
    }

    @Test("a vector in blocks of any shape", arguments: orders + panelOrders)
    func solveVector(orders: [Int]) throws {
        var numbers = Numbers(UInt64(7 * orders.count))
        let matrix = numbers.blockTridiagonal(orders)
        let b = blocks(of: numbers.matrix(matrix.order, 1), orders: orders)
        let factorization = try BlockTridiagonalCholesky(matrix)
        var (columns, rows) = (b, b.map { $0.reshaped(rows: 1, columns: $0.rows) })
        factorization.solveInPlace(&columns)
        factorization.solveVectorInPlace(&rows)
        let difference = stacked(columns) - stacked(rows.map(\.asColumn))
        let dense = try CholeskyFactorization(matrix.dense())
        let condition = 1 / dense.reciprocalConditionEstimate()
        #expect(difference.norm <= rounding(matrix.order) * 3 * condition * stacked(columns).norm)
    }

    /// The inverse of the first panel's diagonal block would lose seven digits.
    @Test func `an ill-conditioned diagonal block is solved by substitution`() throws {
        let corner = hilbert(9)
        var matrix = BlockTridiagonalMatrix(orders: [40, 48])
        var numbers = Numbers(3)
        for k in 0..<2 {
            matrix.diagonal[k] = .identity(matrix.orders[k])
            for j in 0..<9 { for i in 0..<9 { matrix.diagonal[k][i, j] = corner[i, j] } }
            // In the range of the corner, so that the matrix stays definite.
            let part = naiveProduct(corner, numbers.matrix(9, 20))
            for j in 0..<9 {
                for i in 0..<20 { matrix.diagonal[k][20 + i, j] = part[j, i] / 16 }
            }
        }
        let coupled = naiveProduct(corner, naiveProduct(numbers.matrix(9, 9), corner))
        for j in 0..<9 { for i in 0..<9 { matrix.below[0][i, j] = coupled[i, j] / 64 } }
        let b = numbers.matrix(88, 1)
        var solution = blocks(of: b, orders: [40, 48])
        try BlockTridiagonalCholesky(matrix).solveInPlace(&solution)
        let x = stacked(solution)
        let residual = naiveProduct(matrix.dense(), x) - b
        #expect(residual.norm <= 3 * rounding(88) * matrix.dense().norm * x.norm)
    }

    @Test("an indefinite pivot in any panel is found", arguments: [1, 16, 17, 33, 50, 64])
    func indefinitePanel(order: Int) {
        var numbers = Numbers(UInt64(order))
        var matrix = numbers.blockTridiagonal([64, 5])
        matrix.diagonal[0][order - 1, order - 1] = -1
        #expect(throws: LinearAlgebraError.notPositiveDefiniteBlock(block: 0)) {
            try BlockTridiagonalCholesky(matrix)
        }
    }

    @Test("an indefinite block is named", arguments: 1...9)
    func indefiniteBlock(order: Int) throws {
        let orders = [2, 4, 3]
        var numbers = Numbers(UInt64(order))
        var matrix = numbers.blockTridiagonal(orders)
        var (block, offset) = (0, 0)
        while offset + orders[block] < order {
            offset += orders[block]
            block += 1
        }
        let i = order - 1 - offset
        matrix.diagonal[block][i, i] = -1
        #expect(throws: LinearAlgebraError.notPositiveDefiniteBlock(block: block)) {
            try BlockTridiagonalCholesky(matrix)
        }
        #expect(throws: LinearAlgebraError.notPositiveDefinite(leadingMinor: order)) {
            try CholeskyFactorization(matrix.dense())
        }
    }

    @Test func `indefinite through the coupling alone`() {
        var matrix = BlockTridiagonalMatrix(orders: [1, 1])
        matrix.diagonal = [.identity(1), .identity(1)]
        matrix.below[0][0, 0] = 1 + 1e-12
        #expect(throws: LinearAlgebraError.notPositiveDefiniteBlock(block: 0)) {
            try BlockTridiagonalCholesky(matrix)
        }
        matrix.below[0][0, 0] = 1 - 1e-12
        #expect(throws: Never.self) { try BlockTridiagonalCholesky(matrix) }
    }

    @Test func `an overflow inside the factorization is not a success`() {
        var matrix = BlockTridiagonalMatrix(orders: [1, 2])
        matrix.diagonal[0][0, 0] = 1e-300
        matrix.diagonal[1] = .identity(2)
        matrix.below[0][1, 0] = 1e200
        #expect(throws: LinearAlgebraError.notPositiveDefiniteBlock(block: 0)) {
            try BlockTridiagonalCholesky(matrix)
        }
    }

    @Test("non-finite blocks", arguments: [Double.infinity, -.infinity, .nan])
    func notFinite(value: Double) {
        var numbers = Numbers(1)
        let good = numbers.blockTridiagonal([2, 2])
        let expected = LinearAlgebraError.notFinite(operation: "block-tridiagonal Cholesky")
        var bad = good
        bad.diagonal[1][1, 1] = value
        #expect(throws: expected) { try BlockTridiagonalCholesky(bad) }
        bad = good
        bad.below[0][0, 1] = value
        #expect(throws: expected) { try BlockTridiagonalCholesky(bad) }
    }

    @Test("the smallest eigenpair", arguments: [[1], [3, 2], [2, 3, 2], [5, 2, 7, 3]])
    func smallestEigenpair(orders: [Int]) throws {
        var numbers = Numbers(UInt64(orders.count))
        let matrix = numbers.blockTridiagonal(orders)
        let exact = try SymmetricEigendecomposition(matrix.dense())
        let start = blocks(of: numbers.matrix(matrix.order, 1), orders: orders)
        let factorization = try BlockTridiagonalCholesky(matrix)
        let slack = 1 + 8 * rounding(matrix.order) * exact.values[matrix.order - 1] / exact.values[0]
        for iterations in [1, 2, 5] {
            let early = factorization.smallestEigenpair(startingFrom: start, iterations: iterations)
            #expect(early.value * slack >= exact.values[0], "an upper bound at every iteration")
        }
        let pair = factorization.smallestEigenpair(startingFrom: start, iterations: 2000)
        #expect(abs(pair.value / exact.values[0] - 1) <= 1e-9)
        let vector = stacked(pair.vector)
        #expect(abs(vector.norm - 1) <= rounding(matrix.order))
        let residual = naiveProduct(matrix.dense(), vector) - pair.value * vector
        #expect(residual.norm <= 1e-4 * matrix.dense().norm)
    }

    @Test func `inverse iteration from zero has nothing to say`() throws {
        var numbers = Numbers(2)
        let factorization = try BlockTridiagonalCholesky(numbers.blockTridiagonal([2, 1]))
        let zero = [Matrix<Double>(rows: 2, columns: 1), Matrix<Double>(rows: 1, columns: 1)]
        let pair = factorization.smallestEigenpair(startingFrom: zero)
        #expect(pair.value == .infinity && stacked(pair.vector).norm == 0)
    }

    @Test func `the operations of a factorization`() {
        #expect(BlockTridiagonalCholesky.operations(orders: []) == 0)
        #expect(BlockTridiagonalCholesky.operations(orders: [3]) == 9)
        // 27/3 + 9·6 + 3·36 + 216/3
        #expect(BlockTridiagonalCholesky.operations(orders: [3, 6]) == 9 + 54 + 108 + 72)
        // The network 784-256-256-10: the activities have the orders 256, 256, 10.
        let megaflop = BlockTridiagonalCholesky.operations(orders: [256, 256, 10]) / 1e6
        #expect(abs(megaflop - 45.4) < 0.1)
    }
}
