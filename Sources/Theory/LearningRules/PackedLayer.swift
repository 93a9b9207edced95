package import LinearAlgebra

/// The weights `W` of a hidden layer, packed for many inference steps with a single example: each step reads them once
/// for both products, `Wᵀe` of the errors above and `Wa` of the rates that follow from it.
package struct PackedLayer<Scalar: BLASScalar>: Sendable {
    /// `W`, or `Wᵀ` where `W` is so flat that its columns would hardly fill a vector, and so small that it stays in the
    /// first-level cache anyway.
    private var matrix: TwoProductMatrix<Scalar>
    private let isTransposed: Bool
    /// Numbers of all columns, and room for those that are read.
    private let all: [Int32]
    private var listed: [Int32]
    private var listedForSum: [Int32]
    /// The bias, or nothing.
    private var bias: [Scalar]

    /// Moves a range of units, given feedback and rates of all.
    package typealias Change = (Range<Int>, UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>) -> Void

    /// Half of a first-level cache of 48 KiB.
    private static var firstLevelBytes: Int { 24 * 1024 }

    /// Room for weights of this shape, and a bias for each row if there is one.
    package init(rows: Int, columns: Int, hasBias: Bool) {
        isTransposed = rows < columns && rows * columns * MemoryLayout<Scalar>.stride <= Self.firstLevelBytes
        matrix = isTransposed
            ? TwoProductMatrix(rows: columns, columns: rows) : TwoProductMatrix(rows: rows, columns: columns)
        all = Array(0..<Int32(clamping: matrix.columns))
        listed = Array(repeating: 0, count: isTransposed ? 0 : columns + Self.slack)
        listedForSum = listed
        bias = Array(repeating: 0, count: hasBias ? rows : 0)
    }

    /// What `_listNonzero` asks for.
    private static var slack: Int { 16 }

    /// Takes the weights, whose last column is the bias if there is one.
    package mutating func assign(_ weights: Matrix<Scalar>) {
        if isTransposed { matrix.assignTranspose(of: weights) } else { matrix.assign(weights) }
        let (height, inputs) = (weights.rows, isTransposed ? matrix.rows : matrix.columns)
        if !bias.isEmpty { weights.withPointer { for i in 0..<height { bias[i] = $0[i + inputs * height] } } }
    }

    /// One inference step around the layer: `feedback ← Wᵀe`, then `change`, then `prediction ← Wa + b`.
    ///
    /// With `W` as it is, columns are taken in blocks that stay in the cache between the products. Where the slope of
    /// a unit is zero, as for half of all units with ReLU, its feedback is not computed but 0, and where its rate is
    /// zero its column adds nothing: those columns are not read. That changes no result, because everything is read
    /// where a product could be no finite number.
    ///
    /// - Parameter errors: `e`, those of the layer above.
    /// - Parameter slopes: `φ′` of the units that feedback goes to, by which it will be multiplied.
    /// - Parameter feedback: one number for each column of `W`.
    /// - Parameter rates: `a`; `change` writes them.
    /// - Parameter prediction: one number for each row of `W`.
    /// - Parameter change: the step of some units, from their feedback.
    @inline(__always)
    package mutating func step(
        errors: Matrix<Scalar>, slopes: UnsafePointer<Scalar>, feedback: inout Matrix<Scalar>,
        rates: inout Matrix<Scalar>, prediction: inout Matrix<Scalar>, change: Change
    ) {
        if isTransposed {
            stepByRows(errors: errors, feedback: &feedback, rates: &rates, prediction: &prediction, change: change)
        } else {
            stepByColumns(
                errors: errors, slopes: slopes, feedback: &feedback, rates: &rates, prediction: &prediction,
                change: change)
        }
        let height = bias.count
        prediction.withMutablePointer { p in
            bias.withUnsafeBufferPointer { b in for i in 0..<height { p[i] += b[i] } }
        }
    }

    @inline(__always)
    private mutating func stepByRows(
        errors: Matrix<Scalar>, feedback: inout Matrix<Scalar>, rates: inout Matrix<Scalar>,
        prediction: inout Matrix<Scalar>, change: Change
    ) {
        let (units, count) = (matrix.rows, matrix.columns)
        all.withUnsafeBufferPointer { list in
            guard let list = list.baseAddress else { return }
            matrix.clearSum()
            errors.withPointer { matrix.add(list, count: count, times: $0) }
            matrix.takeSum(into: &feedback)
            feedback.withMutablePointer { f in rates.withMutablePointer { change(0..<units, f, $0) } }
            matrix.setLeft(rates)
            prediction.withMutablePointer { matrix.dot(list, count: count, into: $0) }
        }
    }

    @inline(__always)
    private mutating func stepByColumns(
        errors: Matrix<Scalar>, slopes: UnsafePointer<Scalar>, feedback: inout Matrix<Scalar>,
        rates: inout Matrix<Scalar>, prediction: inout Matrix<Scalar>, change: Change
    ) {
        let readsAll = !matrix.isBounded(with: errors)
        matrix.setLeft(errors)
        matrix.clearSum()
        listed.withUnsafeMutableBufferPointer { forDots in
            listedForSum.withUnsafeMutableBufferPointer { forSum in
                guard let forDots = forDots.baseAddress, let forSum = forSum.baseAddress else { return }
                feedback.withMutablePointer { f in
                    rates.withMutablePointer { a in
                        Self.stepBlocks(
                            through: &matrix, readsAll: readsAll, forDots, forSum, slopes: slopes, feedback: f,
                            rates: a, change: change)
                    }
                }
            }
        }
        matrix.takeSum(into: &prediction)
    }

    /// The blocks: so many columns whose feedback is needed as the cache holds, with those between them.
    @inline(__always)
    private static func stepBlocks(
        through matrix: inout TwoProductMatrix<Scalar>, readsAll: Bool, _ forDots: UnsafeMutablePointer<Int32>,
        _ forSum: UnsafeMutablePointer<Int32>, slopes: UnsafePointer<Scalar>, feedback: UnsafeMutablePointer<Scalar>,
        rates: UnsafeMutablePointer<Scalar>, change: Change
    ) {
        let (width, atOnce) = (matrix.columns, matrix.columnsAtOnce)
        func list(
            _ numbers: UnsafePointer<Scalar>, _ first: Int, _ end: Int, in room: UnsafeMutablePointer<Int32>
        ) -> Int {
            guard readsAll else { return Scalar._listNonzero(numbers, first, end, room) }
            for j in first..<end { room[j - first] = Int32(truncatingIfNeeded: j) }
            return end - first
        }
        feedback.update(repeating: 0, count: width)
        let needed = list(slopes, 0, width, in: forDots)
        var (first, taken) = (0, 0)
        while first < width {
            let count = min(atOnce, needed - taken)
            let end = taken + count < needed ? Int(forDots[taken + count]) : width
            matrix.dot(forDots + taken, count: count, into: feedback)
            change(first..<end, feedback, rates)
            matrix.add(forSum, count: list(rates, first, end, in: forSum), times: rates)
            (first, taken) = (end, taken + count)
        }
    }
}
