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
    private var compact: [DiagonalPlusLowRank?]
    /// The factors of blocks that are a diagonal and few columns.
    private var lowRank: [LowRankFactor?]
    /// What `BlockedCholesky` keeps for each diagonal block, and its scratch.
    private var inverses: [Matrix<Double>]
    private var scratch: Matrix<Double>

    /// Factorizes `matrix`.
    ///
    /// - Throws: `notPositiveDefiniteBlock`; `notFinite`.
    public init(_ matrix: BlockTridiagonalMatrix) throws(LinearAlgebraError) {
        guard matrix.diagonal.allSatisfy({ $0.isFinite() }),
            matrix.below.allSatisfy({ $0.isFinite() })
        else { throw .notFinite(operation: "block-tridiagonal Cholesky") }
        self.init(orders: matrix.orders)
        var storage = matrix
        try factorize(taking: &storage)
    }

    /// Room for factorizations of matrices with blocks of these orders, to be filled by `factorize`.
    package init(orders: [Int]) {
        diagonal = []
        below = []
        compact = []
        lowRank = Array(repeating: nil, count: orders.count)
        inverses = orders.map {
            Matrix(uninitializedRows: BlockedCholesky.inverseCount(order: $0), columns: 1)
        }
        scratch = Matrix(uninitializedRows: BlockedCholesky.panel, columns: orders.max() ?? 0)
    }

    /// Factorizes a matrix in its own storage, which this takes over; see `giveBackStorage(to:)`.
    ///
    /// A second copy of a large matrix would only fill the cache. Entries that are not finite are not
    /// looked for: they reach a pivot, which is then refused.
    package mutating func factorize(
        taking matrix: inout BlockTridiagonalMatrix
    ) throws(LinearAlgebraError) {
        exchangeStorage(with: &matrix)
        for k in diagonal.indices.reversed() {
            guard factorizeBlock(k) else { throw .notPositiveDefiniteBlock(block: k) }
            if k > 0 { eliminateBlock(k) }
        }
    }

    /// Returns the storage of the last factorization, with entries that mean nothing.
    package mutating func giveBackStorage(to matrix: inout BlockTridiagonalMatrix) {
        exchangeStorage(with: &matrix)
    }

    private mutating func exchangeStorage(with matrix: inout BlockTridiagonalMatrix) {
        swap(&diagonal, &matrix.diagonal)
        swap(&below, &matrix.below)
        swap(&compact, &matrix.compact)
    }

    private mutating func factorizeBlock(_ k: Int) -> Bool {
        lowRank[k] = nil
        if let block = compact[k] {
            if LowRankFactor.suits(block) {
                lowRank[k] = try? LowRankFactor(block)
                return lowRank[k] != nil
            }
            diagonal[k] = block.dense()
        }
        let order = diagonal[k].rows
        let columns = k > 0 ? below[k - 1].columns : 1
        return diagonal[k].withMutablePointer { a in
            inverses[k].withMutablePointer { inverse in
                scratch.withMutablePointer {
                    BlockedCholesky.factorize(order, a, solving: columns, inverse, $0) == 0
                }
            }
        }
    }

    /// `X = L⁻¹B` for the block `B` below, and `A ← A − XᵀX` for the diagonal block before.
    private mutating func eliminateBlock(_ k: Int) {
        Self.solve(lowRank[k], diagonal[k], inverses[k], &scratch, &below[k - 1])
        if var block = compact[k - 1] {
            // With B = CVᵀ, and Y = L⁻¹C, XᵀX is V(YᵀY)Vᵀ.
            Self.solve(lowRank[k], diagonal[k], inverses[k], &scratch, &block.coupling)
            let image = block.coupling
            block.core.assignProduct(image, .transposed, image, scale: -1, keep: 1)
            compact[k - 1] = block
            return
        }
        let (order, columns) = (below[k - 1].rows, below[k - 1].columns)
        diagonal[k - 1].withMutablePointer { target in
            below[k - 1].withPointer { BlockedCholesky.subtractSquare(columns, order, $0, target) }
        }
    }

    /// `B ← L⁻¹B` for many columns.
    private static func solve(
        _ lowRank: LowRankFactor?, _ l: Matrix<Double>, _ inverses: Matrix<Double>,
        _ scratch: inout Matrix<Double>, _ b: inout Matrix<Double>
    ) {
        let (order, columns) = (b.rows, b.columns)
        b.withMutablePointer { x in
            if let lowRank { return lowRank.solve(.none, x, columns: columns) }
            l.withPointer { l in
                inverses.withPointer { inverse in
                    scratch.withMutablePointer {
                        BlockedCholesky.solve(
                            order, l, leading: order, inverse, x, leadingB: order, columns: columns,
                            $0)
                    }
                }
            }
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
            solveBlock(k, .none, &right[k])
        }
        for k in diagonal.indices {
            if k > 0 { right[k].assignProduct(below[k - 1], right[k - 1], scale: -1, keep: 1) }
            solveBlock(k, .transposed, &right[k])
        }
    }

    private func solveBlock(_ k: Int, _ transpose: Transposition, _ b: inout Matrix<Double>) {
        guard let factor = lowRank[k] else {
            return LAPACK.solveTriangular(diagonal[k], transpose, &b)
        }
        let columns = b.columns
        b.withMutablePointer { factor.solve(transpose, $0, columns: columns) }
    }

    /// `x ← A⁻¹x` for one vector, whose blocks may have any shape: their elements count in column-major
    /// order.
    package func solveVectorInPlace(_ x: inout [Matrix<Double>]) {
        precondition(x.count == diagonal.count, "one block of the vector for each diagonal block")
        for k in diagonal.indices.reversed() {
            if k + 1 < x.count { subtractProduct(below[k], .transposed, x[k + 1], from: &x[k]) }
            solveVector(k, .none, &x[k])
        }
        for k in diagonal.indices {
            if k > 0 { subtractProduct(below[k - 1], .none, x[k - 1], from: &x[k]) }
            solveVector(k, .transposed, &x[k])
        }
    }

    private func solveVector(_ k: Int, _ transpose: Transposition, _ x: inout Matrix<Double>) {
        precondition(x.count == diagonal[k].rows)
        let order = x.count
        x.withMutablePointer { x in
            if let factor = lowRank[k] { return factor.solve(transpose, x, columns: 1) }
            diagonal[k].withPointer { BlockedCholesky.solve(order, $0, transpose, x) }
        }
    }

    private func subtractProduct(
        _ block: Matrix<Double>, _ transpose: Transposition, _ x: Matrix<Double>,
        from y: inout Matrix<Double>
    ) {
        let (rows, columns) = (block.rows, block.columns)
        y.withMutablePointer { y in
            x.withPointer { x in
                block.withPointer {
                    Double._gemv(transpose, rows, columns, -1, $0, max(1, rows), x, 1, y)
                }
            }
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
