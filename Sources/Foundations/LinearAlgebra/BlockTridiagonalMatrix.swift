/// A symmetric block-tridiagonal matrix: the shape of every Hessian whose variables are layers that
/// touch only their neighbours.
///
/// Block row `k` has the order of `diagonal[k]`; `below[k]` is the block at `(k+1, k)`. Only the
/// lower triangles of diagonal blocks are read.
public struct BlockTridiagonalMatrix: Sendable {
    public var diagonal: [Matrix<Double>]
    public var below: [Matrix<Double>]
    /// Where a diagonal block is kept as a diagonal and few columns, which then count instead of the
    /// entries in `diagonal`.
    package var compact: [DiagonalPlusLowRank?]

    /// A zero matrix with blocks of the given orders.
    public init(orders: [Int]) {
        diagonal = orders.map { Matrix(rows: $0, columns: $0) }
        below = zip(orders, orders.dropFirst()).map { Matrix(rows: $1, columns: $0) }
        compact = Array(repeating: nil, count: orders.count)
    }

    /// A matrix with blocks of the given orders that is to be written before it is read.
    package init(uninitializedOrders orders: [Int]) {
        diagonal = orders.map { Matrix(uninitializedRows: $0, columns: $0) }
        below = zip(orders, orders.dropFirst()).map { Matrix(uninitializedRows: $1, columns: $0) }
        compact = Array(repeating: nil, count: orders.count)
    }

    /// The orders of the diagonal blocks.
    public var orders: [Int] { diagonal.map(\.rows) }

    /// The order of the whole matrix.
    public var order: Int { orders.reduce(0, +) }

    /// Diagonal block `k` with both triangles.
    private func fullBlock(_ k: Int) -> Matrix<Double> {
        if let block = compact[k] { return block.dense() }
        var full = diagonal[k]
        full.mirrorLowerTriangle()
        return full
    }

    /// `A v`, block by block, in `O(Σ dₖ² + dₖdₖ₊₁)`.
    public func times(_ vector: [Matrix<Double>]) -> [Matrix<Double>] {
        var result: [Matrix<Double>] = []
        for k in diagonal.indices {
            let full = fullBlock(k)
            var block = Matrix<Double>(rows: full.rows, columns: vector[k].columns)
            block.assignProduct(full, vector[k])
            if k > 0 { block.assignProduct(below[k - 1], vector[k - 1], keep: 1) }
            if k < below.count {
                block.assignProduct(below[k], .transposed, vector[k + 1], keep: 1)
            }
            result.append(block)
        }
        return result
    }

    /// The same matrix with all blocks written out, lower triangle and upper.
    public func dense() -> Matrix<Double> {
        var result = Matrix<Double>(rows: order, columns: order)
        var offset = 0
        for k in diagonal.indices {
            let d = diagonal[k].rows
            let full = fullBlock(k)
            for j in 0..<d {
                for i in 0..<d { result[offset + i, offset + j] = full[i, j] }
            }
            if k < below.count {
                for j in 0..<d {
                    for i in 0..<below[k].rows {
                        result[offset + d + i, offset + j] = below[k][i, j]
                        result[offset + j, offset + d + i] = below[k][i, j]
                    }
                }
            }
            offset += d
        }
        return result
    }
}
