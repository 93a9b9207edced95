/// A dense matrix in column-major order, a value type.
///
/// A vector is a matrix of one column; a mini-batch keeps one example in each column. Storage is one
/// contiguous array, so the first `k` columns are a prefix of it: the weights of a layer without
/// their bias column need no copy.
@frozen
public struct Matrix<Scalar: BLASScalar>: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    @usableFromInline
    var storage: [Scalar]

    /// The elements, column after column: entry `(i, j)` is `elements[i + j * rows]`.
    @inlinable
    public var elements: [Scalar] { storage }

    /// A matrix with every entry equal to `value`. Negative dimensions count as zero.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public init(rows: Int, columns: Int, repeating value: Scalar = 0) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        storage = Array(repeating: value, count: self.rows * self.columns)
    }

    /// A matrix for results, with entries that mean nothing until they are written.
    package init(uninitializedRows rows: Int, columns: Int) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        let count = self.rows * self.columns
        storage = Array(unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
    }

    /// A matrix from its elements in column-major order.
    ///
    /// - Throws: `elementCount` if there are not exactly `rows × columns` of them.
    public init(rows: Int, columns: Int, elements: [Scalar]) throws(LinearAlgebraError) {
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard rows >= 0, columns >= 0, !overflow, elements.count == count else {
            throw .elementCount(rows: rows, columns: columns, found: elements.count)
        }
        self.rows = rows
        self.columns = columns
        storage = elements
    }

    /// A matrix with one column.
    public init(column: [Scalar]) {
        rows = column.count
        columns = 1
        storage = column
    }

    /// A matrix whose entry `(i, j)` is `entry(i, j)`.
    @inlinable
    public init(rows: Int, columns: Int, entry: (Int, Int) -> Scalar) {
        self.init(rows: rows, columns: columns)
        let (height, width) = (self.rows, self.columns)
        withMutablePointer { target in
            for j in 0..<width {
                for i in 0..<height { target[i + j * height] = entry(i, j) }
            }
        }
    }

    /// The identity of order `n`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public static func identity(_ n: Int) -> Matrix {
        Matrix(rows: n, columns: n) { i, j in i == j ? 1 : 0 }
    }

    /// The entry of row `i` and column `j`.
    @inlinable
    public subscript(i: Int, j: Int) -> Scalar {
        get { storage[i + j * rows] }
        set { storage[i + j * rows] = newValue }
    }

    /// The number of entries.
    @inlinable
    public var count: Int { storage.count }

    /// `rows×columns`, for messages.
    @inlinable
    public var shape: String { "\(rows)×\(columns)" }

    /// Column `j` as an array of `rows` elements.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public func column(_ j: Int) -> [Scalar] {
        Array(elements[(j * rows)..<((j + 1) * rows)])
    }

    /// The columns in `range`, in order.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public func columns(_ range: Range<Int>) -> Matrix {
        Matrix(
            elements: Array(elements[(range.lowerBound * rows)..<(range.upperBound * rows)]), rows: rows,
            columns: range.count)
    }

    /// The transpose, a copy.
    public var transposed: Matrix {
        @specialized(where Scalar == Double)
        @specialized(where Scalar == Float)
        get { Matrix(rows: columns, columns: rows) { i, j in self[j, i] } }
    }

    /// The same elements in the same order as a single column; no copy.
    public var asColumn: Matrix {
        Matrix(elements: elements, rows: count, columns: 1)
    }

    /// The same elements in the same column-major order in another shape; no copy.
    ///
    /// - Precondition: `rows × columns` is `count`.
    public func reshaped(rows: Int, columns: Int) -> Matrix {
        precondition(rows * columns == count, "\(shape) as \(rows)×\(columns)")
        return Matrix(elements: elements, rows: rows, columns: columns)
    }

    private init(elements: [Scalar], rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        storage = elements
    }

    /// The matrix with a row of ones below it: rates with the constant input of a bias.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public func appendingRowOfOnes() -> Matrix {
        var result = Matrix(uninitializedRows: rows + 1, columns: columns)
        let (height, width) = (rows, columns)
        result.withMutablePointer { target in
            withPointer { source in
                for j in 0..<width {
                    let column = target + j * (height + 1)
                    column.update(from: source + j * height, count: height)
                    column[height] = 1
                }
            }
        }
        return result
    }

    /// The matrix with the rows of `other` below its own.
    ///
    /// - Precondition: both have as many columns.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public func appendingRows(_ other: Matrix) -> Matrix {
        precondition(columns == other.columns, "\(shape) above \(other.shape)")
        return Matrix(rows: rows + other.rows, columns: columns) { i, j in
            i < rows ? self[i, j] : other[i - rows, j]
        }
    }

    /// Whether every entry is finite.
    ///
    /// The check sums `0·x`, which is 0 for finite and NaN for all other `x`, in four independent sums,
    /// so that additions need not wait for each other.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public func isFinite() -> Bool {
        withPointer { x in
            var (s0, s1, s2, s3): (Scalar, Scalar, Scalar, Scalar) = (0, 0, 0, 0)
            let whole = count & ~3
            for k in stride(from: 0, to: whole, by: 4) {
                s0 += 0 * x[k]
                s1 += 0 * x[k + 1]
                s2 += 0 * x[k + 2]
                s3 += 0 * x[k + 3]
            }
            for k in whole..<count { s0 += 0 * x[k] }
            return s0 + s1 + s2 + s3 == 0
        }
    }

    /// The same matrix in another precision, rounded to nearest; a copy-free no-op if it is the same.
    public func converted<Target: BLASScalar>(to _: Target.Type) -> Matrix<Target> {
        if let same = self as? Matrix<Target> { return same }
        var result = Matrix<Target>(rows: rows, columns: columns)
        result.round(from: self)
        return result
    }

    /// `self ← scale · source`, rounded to this precision.
    @specialized(where Scalar == Double, Source == Double)
    @specialized(where Scalar == Float, Source == Float)
    @specialized(where Scalar == Float, Source == Double)
    package mutating func assign<Source: BLASScalar>(rounding source: Matrix<Source>, scaledBy scale: Double) {
        precondition(count == source.count, "\(source.shape) to \(shape)")
        let n = count
        withMutablePointer { target in
            source.withPointer { origin in
                for i in 0..<n { target[i] = Scalar(scale * Double(origin[i])) }
            }
        }
    }

    @specialized(where Scalar == Double, Source == Float)
    @specialized(where Scalar == Float, Source == Double)
    private mutating func round<Source: BLASScalar>(from source: Matrix<Source>) {
        let n = count
        withMutablePointer { target in
            source.withPointer { origin in
                for i in 0..<n { target[i] = Scalar(origin[i]) }
            }
        }
    }

    /// Calls `body` with the elements in column-major order; the pointer must not escape.
    @inlinable
    public func withPointer<Result>(_ body: (UnsafePointer<Scalar>) -> Result) -> Result {
        storage.withUnsafeBufferPointer { buffer in
            body(buffer.baseAddress ?? Self.emptyAddress)
        }
    }

    /// Calls `body` with the elements for changing in place; the pointer must not escape.
    @inlinable
    public mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<Scalar>) -> Result
    ) -> Result {
        storage.withUnsafeMutableBufferPointer { buffer in
            body(buffer.baseAddress ?? UnsafeMutablePointer(mutating: Self.emptyAddress))
        }
    }

    /// Copies the entries of a matrix of the same shape, without allocation.
    @inlinable
    public mutating func copy(from other: Matrix) {
        precondition(rows == other.rows && columns == other.columns, "\(shape) from \(other.shape)")
        let n = count
        withMutablePointer { target in other.withPointer { target.update(from: $0, count: n) } }
    }

    /// An aligned address for matrices without elements, from which nothing is ever read.
    @usableFromInline
    static var emptyAddress: UnsafePointer<Scalar> {
        UnsafePointer(bitPattern: MemoryLayout<Scalar>.alignment).unsafelyUnwrapped
    }
}
