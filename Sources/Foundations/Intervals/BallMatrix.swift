public import LinearAlgebra

/// A matrix of intervals, each as a middle and a radius: all matrices `X` with
/// `|X − center| ≤ radius`, entry by entry.
///
/// Radii are not negative; an infinite or undefined middle has an infinite radius.
public struct BallMatrix: Sendable {
    public internal(set) var center: Matrix<Double>
    public internal(set) var radius: Matrix<Double>

    /// A matrix that is known exactly.
    public init(exactly center: Matrix<Double>) {
        self.init(center: center, radius: Matrix(rows: center.rows, columns: center.columns))
    }

    /// - Precondition: both have the same shape.
    public init(center: Matrix<Double>, radius: Matrix<Double>) {
        precondition(center.rows == radius.rows && center.columns == radius.columns)
        self.center = center
        self.radius = radius
    }

    public init(rows: Int, columns: Int, entry: (Int, Int) -> Interval) {
        self.init(exactly: Matrix(rows: rows, columns: columns))
        for j in 0..<columns {
            for i in 0..<rows { self[i, j] = entry(i, j) }
        }
    }

    public var rows: Int { center.rows }
    public var columns: Int { center.columns }

    public subscript(i: Int, j: Int) -> Interval {
        get { Interval(center: center[i, j], radius: radius[i, j]) }
        set {
            let isKnown = newValue.isFinite
            center[i, j] = isKnown ? newValue.midpoint : 0
            radius[i, j] = isKnown ? newValue.radius : .infinity
        }
    }

    /// Whether every entry is bounded.
    public var isFinite: Bool { center.isFinite() && radius.isFinite() }

    /// `f` of every entry.
    public func map(_ function: (Interval) -> Interval) -> BallMatrix {
        BallMatrix(rows: rows, columns: columns) { i, j in function(self[i, j]) }
    }

    /// `f` of every pair of entries.
    public func zip(with other: BallMatrix, _ function: (Interval, Interval) -> Interval) -> BallMatrix {
        precondition(rows == other.rows && columns == other.columns)
        return BallMatrix(rows: rows, columns: columns) { i, j in function(self[i, j], other[i, j]) }
    }

    public static func + (left: BallMatrix, right: BallMatrix) -> BallMatrix {
        left.zip(with: right, +)
    }

    public static func - (left: BallMatrix, right: BallMatrix) -> BallMatrix {
        left.zip(with: right, -)
    }

    /// The first `count` columns.
    public func leadingColumns(_ count: Int) -> BallMatrix {
        count == columns
            ? self : BallMatrix(center: center.columns(0..<count), radius: radius.columns(0..<count))
    }

    public var transposed: BallMatrix {
        BallMatrix(center: center.transposed, radius: radius.transposed)
    }
}
