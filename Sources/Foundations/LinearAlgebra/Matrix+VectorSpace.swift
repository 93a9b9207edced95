/// Matrices of one shape as a Euclidean space with the Frobenius inner product. Reductions are BLAS
/// calls; nothing here allocates except where a new matrix is returned.
extension Matrix {
    /// `self ← self + scale · other`.
    @inlinable
    public mutating func add(_ other: Matrix, scaledBy scale: Scalar = 1) {
        precondition(rows == other.rows && columns == other.columns, "\(shape) + \(other.shape)")
        let n = count
        withMutablePointer { y in other.withPointer { x in Scalar._axpy(n, scale, x, y) } }
    }

    /// `self ← first + scale · second` in one pass.
    @inlinable
    public mutating func assignSum(_ first: Matrix, _ second: Matrix, scaledBy scale: Scalar = 1) {
        precondition(
            count == first.count && count == second.count,
            "\(first.shape) + \(second.shape) into \(shape)")
        let n = count
        withMutablePointer { target in
            first.withPointer { x in
                second.withPointer { y in
                    for k in 0..<n { target[k] = x[k] + scale * y[k] }
                }
            }
        }
    }

    /// `self ← scale · other` in one pass.
    @inlinable
    public mutating func assign(_ other: Matrix, scaledBy scale: Scalar) {
        precondition(count == other.count, "\(other.shape) into \(shape)")
        let n = count
        withMutablePointer { target in
            other.withPointer { x in
                for k in 0..<n { target[k] = scale * x[k] }
            }
        }
    }

    /// `self ← scale · self`. A scale of 0 clears the matrix, NaN and infinities included.
    @inlinable
    public mutating func scale(by scale: Scalar) {
        let n = count
        withMutablePointer { x in
            if scale == 0 { x.update(repeating: 0, count: n) } else { Scalar._scal(n, scale, x) }
        }
    }

    /// The inner product `tr(Aᵀ B)`.
    @inlinable
    public func dot(_ other: Matrix) -> Scalar {
        precondition(rows == other.rows && columns == other.columns, "\(shape) · \(other.shape)")
        return withPointer { x in other.withPointer { y in Scalar._dot(count, x, y) } }
    }

    /// The Frobenius norm, without overflow or underflow of the squares.
    @inlinable
    public var norm: Scalar {
        withPointer { x in Scalar._nrm2(count, x) }
    }

    /// The squared Frobenius norm.
    @inlinable
    public var squaredNorm: Scalar {
        dot(self)
    }

    /// The largest absolute value, 0 for an empty matrix.
    @inlinable
    public var maximumMagnitude: Scalar {
        elements.reduce(0) { Swift.max($0, $1.magnitude) }
    }

    public static func + (left: Matrix, right: Matrix) -> Matrix {
        var result = left
        result.add(right)
        return result
    }

    public static func - (left: Matrix, right: Matrix) -> Matrix {
        var result = left
        result.add(right, scaledBy: -1)
        return result
    }

    public static func * (scale: Scalar, matrix: Matrix) -> Matrix {
        var result = matrix
        result.scale(by: scale)
        return result
    }
}
