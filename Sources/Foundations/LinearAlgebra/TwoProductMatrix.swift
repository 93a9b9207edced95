/// A matrix `W` in a layout that serves its two products with vectors, `Wᵀe` and `Wa`, column by column: what a step
/// of inference needs, which takes the first, changes `a`, and takes the second while the columns are still in the
/// first-level cache. So weights are read once a step.
///
/// Columns begin cache lines and are filled up to whole ones with zeros: BLAS takes half as long again from other
/// addresses, and no product needs code for what is left over. With the columns it keeps room for one vector that meets
/// them in `Wᵀe` (`left`) and one for the sum `Wa`. A copy that moves elsewhere is right but slow until assigned again.
package struct TwoProductMatrix<Scalar: BLASScalar>: Sendable {
    package let rows: Int
    package let columns: Int
    /// Numbers from one column to the next.
    private let stride: Int
    /// The columns, `left` and the sum, from `offset` on.
    private var storage: [Scalar]
    private var offset = 0
    /// `‖W‖²`. If it is finite so are all entries; see `isBounded(with:)`.
    package private(set) var squaredNorm: Scalar = 0

    /// A matrix of zeros.
    package init(rows: Int, columns: Int) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        let line = BLASLibrary.cacheLine / MemoryLayout<Scalar>.stride
        stride = (self.rows + line - 1) / line * line
        storage = Array(repeating: 0, count: stride * (self.columns + 2) + line)
    }

    /// How many columns fill about two thirds of a first-level cache of 48 KiB, and all of one of 32 KiB.
    package var columnsAtOnce: Int { max(4, 32768 / max(1, stride * MemoryLayout<Scalar>.stride)) }

    /// `self ← other`; further columns of `other` are left out.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func assign(_ other: Matrix<Scalar>) {
        precondition(rows == other.rows && columns <= other.columns, "\(rows)×\(columns) from \(other.shape)")
        let height = rows
        other.withPointer { source in
            fill { column, j in column.update(from: source + j * height, count: height) }
        }
    }

    /// `self ← otherᵀ`; further columns of `other` are left out.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func assignTranspose(of other: Matrix<Scalar>) {
        precondition(columns == other.rows && rows <= other.columns, "\(rows)×\(columns) from \(other.shape)ᵀ")
        let (height, width) = (rows, columns)
        other.withPointer { source in
            fill { column, j in for i in 0..<height { column[i] = source[j + i * width] } }
        }
    }

    /// Writes all columns, on cache lines wherever the array is now, and measures them block by block while they are
    /// in the first-level cache.
    @inline(__always)
    private mutating func fill(_ write: (_ column: UnsafeMutablePointer<Scalar>, _ number: Int) -> Void) {
        let (columns, stride, atOnce) = (columns, stride, columnsAtOnce)
        align()
        squaredNorm = withStorage { target in
            var sum: Scalar = 0
            for first in Swift.stride(from: 0, to: columns, by: atOnce) {
                let block = first..<min(columns, first + atOnce)
                for j in block { write(target + j * stride, j) }
                let start = target + first * stride
                sum += Scalar._dot(block.count * stride, start, start)
            }
            return sum
        }
    }

    /// Puts the beginning on a cache line, with zeros behind every column.
    private mutating func align() {
        let count = stride * (columns + 2)
        offset = storage.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            let excess = Int(bitPattern: base) % BLASLibrary.cacheLine
            let shift = (BLASLibrary.cacheLine - excess) % BLASLibrary.cacheLine / MemoryLayout<Scalar>.stride
            if shift != offset { (base + shift).update(repeating: 0, count: count) }
            return shift
        }
    }

    private mutating func withStorage<Result>(_ body: (UnsafeMutablePointer<Scalar>) -> Result) -> Result {
        let offset = offset
        return storage.withUnsafeMutableBufferPointer { buffer in
            body((buffer.baseAddress ?? UnsafeMutablePointer(mutating: Matrix<Scalar>.emptyAddress)) + offset)
        }
    }

    /// Whether no product of a column with `vector`, and no zero times an entry, is anything but a number.
    ///
    /// By Cauchy and Schwarz: it is enough that `‖W‖²‖e‖²` is finite.
    package func isBounded(with vector: Matrix<Scalar>) -> Bool { (squaredNorm * vector.squaredNorm).isFinite }

    /// `left ← vector`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func setLeft(_ vector: Matrix<Scalar>) {
        precondition(vector.count == rows, "\(vector.shape) for \(rows) rows")
        let (start, height) = (stride * columns, rows)
        withStorage { target in vector.withPointer { (target + start).update(from: $0, count: height) } }
    }

    /// The sum ← 0.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func clearSum() {
        let (start, stride) = (stride * (columns + 1), stride)
        withStorage { ($0 + start).update(repeating: 0, count: stride) }
    }

    /// `vector ← ` the sum.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func takeSum(into vector: inout Matrix<Scalar>) {
        precondition(vector.count == rows, "\(vector.shape) for \(rows) rows")
        let (start, height) = (stride * (columns + 1), rows)
        withStorage { storage in vector.withMutablePointer { $0.update(from: storage + start, count: height) } }
    }

    /// `dots[j] ← column j times left`, for the listed columns; their numbers are below `columns`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func dot(
        _ listed: UnsafePointer<Int32>, count: Int, into dots: UnsafeMutablePointer<Scalar>
    ) {
        let (stride, left) = (stride, stride * columns)
        withStorage { Scalar._columnDots($0, stride, listed, count, $0 + left, dots) }
    }

    /// The sum ← the sum `+ Σ factors[j] · column j`, over the listed columns.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func add(
        _ listed: UnsafePointer<Int32>, count: Int, times factors: UnsafePointer<Scalar>
    ) {
        let (stride, sum) = (stride, stride * (columns + 1))
        withStorage { Scalar._addColumns($0, stride, listed, count, factors, $0 + sum) }
    }
}
