import LinearAlgebra

/// A small deterministic source of numbers in [−1, 1) for the inputs of these tests.
struct Numbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state >> 22) ^ (state >> ((state >> 61) + 18))
        return Double(mixed & 0xFFFF_FFFF) * 0x1p-31 - 1
    }

    mutating func matrix<S: BLASScalar>(_ rows: Int, _ columns: Int, as _: S.Type) -> Matrix<S> {
        var result = Matrix<S>(rows: rows, columns: columns)
        for j in 0..<columns {
            for i in 0..<rows { result[i, j] = S(next()) }
        }
        return result
    }

    mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix<Double> {
        matrix(rows, columns, as: Double.self)
    }

    /// `MMᵀ + shift·I`, symmetric positive definite for `shift > 0`.
    mutating func positiveDefinite(_ order: Int, shift: Double = 0.1) -> Matrix<Double> {
        let factor = matrix(order, order)
        var result = naiveProduct(factor, .none, factor, .transposed)
        for i in 0..<order { result[i, i] += shift }
        return result
    }

    /// A positive definite block-tridiagonal matrix: with pivots `P ≥ shift·I` the Schur complement
    /// takes at most `BBᵀ/shift` from the next diagonal block, which is added to it beforehand.
    mutating func blockTridiagonal(_ orders: [Int], shift: Double = 0.5) -> BlockTridiagonalMatrix {
        var result = BlockTridiagonalMatrix(orders: orders)
        for k in orders.indices {
            let pivot = positiveDefinite(orders[k], shift: shift)
            result.diagonal[k] = result.diagonal[k] + pivot
            guard k + 1 < orders.count else { continue }
            let coupling = matrix(orders[k + 1], orders[k])
            result.below[k] = coupling
            result.diagonal[k + 1] =
                result.diagonal[k + 1]
                + (1 / shift) * naiveProduct(coupling, .none, coupling, .transposed)
        }
        return result
    }
}

/// `op(A) op(B)` over the leading `width` columns of `A`, by three loops.
func naiveProduct<S: BLASScalar>(
    _ a: Matrix<S>, _ transposeA: Transposition, _ b: Matrix<S>, _ transposeB: Transposition,
    width: Int? = nil
) -> Matrix<S> {
    let used = width ?? a.columns
    let (m, k) = transposeA == .none ? (a.rows, used) : (used, a.rows)
    let n = transposeB == .none ? b.columns : b.rows
    return Matrix(rows: m, columns: n) { i, j in
        var sum: S = 0
        for l in 0..<k {
            sum += (transposeA == .none ? a[i, l] : a[l, i])
                * (transposeB == .none ? b[l, j] : b[j, l])
        }
        return sum
    }
}

func naiveProduct(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
    naiveProduct(a, .none, b, .none)
}

/// The lower triangle of a square matrix, zeros above.
func lowerTriangle(_ a: Matrix<Double>) -> Matrix<Double> {
    Matrix(rows: a.rows, columns: a.columns) { i, j in i >= j ? a[i, j] : 0 }
}

/// Blocks stacked into one matrix.
func stacked(_ blocks: [Matrix<Double>]) -> Matrix<Double> {
    let columns = blocks.first?.columns ?? 0
    var result = Matrix<Double>(rows: blocks.reduce(0) { $0 + $1.rows }, columns: columns)
    var offset = 0
    for block in blocks {
        for j in 0..<columns {
            for i in 0..<block.rows { result[offset + i, j] = block[i, j] }
        }
        offset += block.rows
    }
    return result
}

/// The entry `1/(i+j+1)`: condition numbers grow like `e^{3.5n}`.
func hilbert(_ order: Int) -> Matrix<Double> {
    Matrix(rows: order, columns: order) { i, j in 1 / Double(i + j + 1) }
}

/// Rounding of a dot product of length `n`, and of a factorization of order `n`, relative to the
/// product of norms: `n·ε`, with a constant for the few operations around it.
func rounding(_ n: Int) -> Double { Double(n + 4) * Double.ulpOfOne }
