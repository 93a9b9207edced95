package import LinearAlgebra

/// Element-wise and column-wise kernels of inference, in place.
extension Matrix {
    /// `self ← a − b`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func assignDifference(_ a: Matrix, _ b: Matrix) {
        assignSum(a, b, scaledBy: -1)
    }

    func squaredColumnNorm(_ column: Int) -> Scalar {
        withPointer { Scalar._dot(rows, $0 + column * rows, $0 + column * rows) }
    }

    /// `norms[j] ← ‖column j‖² + constant`, in place.
    func assignSquaredColumnNorms(plus constant: Scalar, to norms: inout [Scalar]) {
        for j in 0..<columns { norms[j] = squaredColumnNorm(j) + constant }
    }

    /// Column `column` of `self` += `scale` × the same column of `other`.
    mutating func addColumn(_ column: Int, of other: Matrix, scaledBy scale: Scalar) {
        let height = rows
        withMutablePointer { target in
            other.withPointer { Scalar._axpy(height, scale, $0 + column * height, target + column * height) }
        }
    }

    /// Multiplies column `j` by `factor(j)`.
    package mutating func scaleColumns(by factor: (Int) -> Scalar) {
        let (height, width) = (rows, columns)
        withMutablePointer { x in
            for j in 0..<width { Scalar._scal(height, factor(j), x + j * height) }
        }
    }

    /// The squared norm of every column, plus `constant`.
    package func squaredColumnNorms(plus constant: Scalar) -> [Scalar] {
        withPointer { x in
            (0..<columns).map { Scalar._dot(rows, x + $0 * rows, x + $0 * rows) + constant }
        }
    }
}
