internal import CLAPACKE

/// The Cholesky factorization of a `BlockTridiagonalMatrix`, which fills in nothing.
///
/// For blocks of order `dₖ` it takes `Σ (dₖ³/3 + dₖ²dₖ₊₁ + dₖdₖ₊₁²)` floating-point operations,
/// against `(Σdₖ)³/3` of the dense one. It succeeds exactly when the matrix is positive definite
/// (up to rounding), which makes it the proof of a strict local minimum. Blocks are eliminated from
/// the last to the first: in a layered energy the small output block comes first, and curvature
/// that is negative close to the output is found early.
public struct BlockTridiagonalCholesky: Sendable {
    private var diagonal: [Matrix<Double>]
    private var below: [Matrix<Double>]

    /// Factorizes `matrix`.
    ///
    /// - Throws: `notPositiveDefiniteBlock`; `notFinite`.
    public init(_ matrix: BlockTridiagonalMatrix) throws(LinearAlgebraError) {
        guard matrix.diagonal.allSatisfy({ $0.isFinite() }),
            matrix.below.allSatisfy({ $0.isFinite() })
        else { throw .notFinite(operation: "block-tridiagonal Cholesky") }
        self.init(orders: matrix.orders)
        try factorize(matrix)
    }

    /// Room for a factorization, to be filled by `factorize`.
    package init(orders: [Int]) {
        let room = BlockTridiagonalMatrix(orders: orders)
        diagonal = room.diagonal
        below = room.below
    }

    /// Factorizes another matrix with blocks of the same orders, without allocation.
    ///
    /// Entries that are not finite are not looked for: they reach a pivot, which is then refused.
    package mutating func factorize(_ matrix: BlockTridiagonalMatrix) throws(LinearAlgebraError) {
        for k in diagonal.indices.reversed() {
            // A block before the last has been copied and updated by the one after it.
            if k + 1 == diagonal.count { diagonal[k].copy(from: matrix.diagonal[k]) }
            do {
                try LAPACK.factorizeCholesky(&diagonal[k])
            } catch .notPositiveDefinite {
                throw .notPositiveDefiniteBlock(block: k)
            }
            guard k > 0 else { break }
            below[k - 1].copy(from: matrix.below[k - 1])
            diagonal[k - 1].copy(from: matrix.diagonal[k - 1])
            LAPACK.solveLowerTriangular(diagonal[k], &below[k - 1])
            diagonal[k - 1].assignSymmetricProduct(
                below[k - 1], .transposed, scale: -1, keep: 1)
        }
    }

    /// The floating-point operations of one factorization with blocks of these orders.
    public static func operations(orders: [Int]) -> Double {
        var sum = 0.0
        for (k, order) in orders.enumerated() {
            let d = Double(order)
            sum += d * d * d / 3
            if k + 1 < orders.count {
                let next = Double(orders[k + 1])
                sum += d * d * next + d * next * next
            }
        }
        return sum
    }

    /// `B ← A⁻¹B`, block by block and in place.
    ///
    /// - Precondition: one block for each diagonal block, with as many rows.
    public func solveInPlace(_ right: inout [Matrix<Double>]) {
        precondition(right.count == diagonal.count, "one right-hand block for each diagonal block")
        for k in diagonal.indices.reversed() {
            if k + 1 < right.count {
                right[k].assignProduct(below[k], .transposed, right[k + 1], scale: -1, keep: 1)
            }
            LAPACK.solveTriangular(diagonal[k], .none, &right[k])
        }
        for k in diagonal.indices {
            if k > 0 { right[k].assignProduct(below[k - 1], right[k - 1], scale: -1, keep: 1) }
            LAPACK.solveTriangular(diagonal[k], .transposed, &right[k])
        }
    }

    /// The smallest eigenvalue of `A⁻¹`'s reciprocal, that is of `A`, by inverse iteration.
    ///
    /// The Rayleigh quotient bounds the smallest eigenvalue from above and converges to it at
    /// `(λ₁/λ₂)²` for each of the `iterations`. Returns the quotient and its unit vector.
    public func smallestEigenpair(
        startingFrom start: [Matrix<Double>], iterations: Int = 30
    ) -> (value: Double, vector: [Matrix<Double>]) {
        var vector = start
        var value = Double.infinity
        for _ in 0..<iterations {
            let norm = Self.norm(of: vector)
            guard norm > 0 else { break }
            for k in vector.indices { vector[k].scale(by: 1 / norm) }
            var next = vector
            solveInPlace(&next)
            let inverseQuotient = zip(vector, next).reduce(0) { $0 + $1.0.dot($1.1) }
            let previous = value
            value = 1 / inverseQuotient
            vector = next
            if abs(previous - value) <= 1e-12 * abs(value) { break }
        }
        let norm = Self.norm(of: vector)
        if norm > 0 { for k in vector.indices { vector[k].scale(by: 1 / norm) } }
        return (value, vector)
    }

    private static func norm(of blocks: [Matrix<Double>]) -> Double {
        blocks.reduce(0) { ($0 * $0 + $1.squaredNorm).squareRoot() }
    }
}
