/// A symmetric block-tridiagonal matrix: the shape of every Hessian whose variables are layers that
/// touch only their neighbours.
///
/// Block row `k` has the order of `diagonal[k]`; `below[k]` is the block at `(k+1, k)`. Only the
/// lower triangles of diagonal blocks are read.
public struct BlockTridiagonalMatrix: Sendable {
    public var diagonal: [Matrix<Double>]
    public var below: [Matrix<Double>]

    /// A zero matrix with blocks of the given orders.
    public init(orders: [Int]) {
        diagonal = orders.map { Matrix(rows: $0, columns: $0) }
        below = zip(orders, orders.dropFirst()).map { Matrix(rows: $1, columns: $0) }
    }

    /// The orders of the diagonal blocks.
    public var orders: [Int] { diagonal.map(\.rows) }

    /// The order of the whole matrix.
    public var order: Int { orders.reduce(0, +) }

    /// `A v`, block by block, in `O(Σ dₖ² + dₖdₖ₊₁)`.
    public func times(_ vector: [Matrix<Double>]) -> [Matrix<Double>] {
        var result: [Matrix<Double>] = []
        for k in diagonal.indices {
            var full = diagonal[k]
            full.mirrorLowerTriangle()
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
            for j in 0..<d {
                for i in j..<d {
                    result[offset + i, offset + j] = diagonal[k][i, j]
                    result[offset + j, offset + i] = diagonal[k][i, j]
                }
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
