public import LinearAlgebra

/// Bounds for inverses that were found in floating point.
extension BallMatrix {
    /// An enclosure of the inverses of all matrices of the ball that are symmetric; `nil` if one of them may be singular, or
    /// if the middle is not positive definite to working precision.
    ///
    /// With `R` near the inverse of the middle and `T = I − RX`, `‖T‖∞ ≤ t < 1`, every `X` of the ball is nonsingular and
    /// `X⁻¹ − R = (I − T)⁻¹TR`: in column `j` no entry is above `t/(1 − t)·max |R_{·j}|`. One number is divided.
    ///
    /// - Precondition: the matrix is square.
    public var inverseOfPositiveDefinite: BallMatrix? {
        if rows == 1 { return isFinite && self[0, 0].lower > 0 ? map { Interval(1) / $0 } : nil }
        guard isFinite, let factor = try? CholeskyFactorization(center),
            let inverse = try? factor.solve(.identity(rows)), inverse.isFinite()
        else { return nil }
        let deviation = Interval(Self.deviationFromIdentity(inverse, times: self))
        guard deviation.upper < 1 else { return nil }
        let share = deviation / (Interval(1) - deviation)
        let reach = (0..<columns).map { j in
            (share * Interval(inverse.column(j).reduce(0) { max($0, abs($1)) })).upper
        }
        return BallMatrix(center: inverse, radius: Matrix(rows: rows, columns: columns) { _, j in reach[j] })
    }

    /// An upper bound of `‖I − RX‖∞` for every `X` of the ball.
    ///
    /// With `C ± r` the ball, `|fl(RC) − RC| ≤ γₙ|R||C|` however BLAS adds, so row sums are at most those of
    /// `|I − fl(RC)|` and of `|R|(γₙ|C| + r)`. One product and a few passes; not sharper than rounding needs.
    ///
    /// - Precondition: both are square, of one order.
    public static func deviationFromIdentity(_ inverse: Matrix<Double>, times matrix: BallMatrix) -> Double {
        let n = matrix.rows
        precondition(inverse.rows == n && inverse.columns == n && matrix.columns == n)
        var product = inverse
        product.assignProduct(inverse, matrix.center)
        for i in 0..<n { product[i, i] -= 1 }
        let unit = 0x1p-53
        let gamma = Double(n + 2) * unit * 1.01
        let spread = Matrix(column: Swift.zip(matrix.center.rowSumsOfMagnitudes, matrix.radius.rowSumsOfMagnitudes).map { gamma * $0 + $1 })
        var size = inverse
        size.withMutablePointer { entries in
            for k in 0..<(n * n) { entries[k] = abs(entries[k]) }
        }
        var reach = spread
        reach.assignProduct(size, spread)
        // Sums of at most 3n + 4 rounded terms that are not negative, and products that underflow.
        let inflation = 1 + Double(3 * n + 8) * unit * 1.01
        let largest = Swift.zip(product.rowSumsOfMagnitudes, reach.elements).reduce(0.0) { largest, sums in
            let sum = (sums.0 + sums.1) * inflation + Double(n) * 0x1p-1000
            return sum.isNaN ? .infinity : max(largest, sum)
        }
        return largest.nextUp
    }

    /// An upper bound of `‖X‖∞`, the largest sum of magnitudes in a row, for every `X` of the ball.
    public var maximumRowSum: Double {
        let inflation = 1 + Double(2 * columns + 4) * 0x1p-53 * 1.01
        return Swift.zip(center.rowSumsOfMagnitudes, radius.rowSumsOfMagnitudes).reduce(0.0) { largest, sums in
            let sum = (sums.0 + sums.1) * inflation
            return sum.isNaN ? .infinity : max(largest, sum == 0 ? 0 : sum.nextUp)
        }
    }
}

extension Matrix<Double> {
    /// `Σⱼ |mᵢⱼ|` for each row, as floating point adds it.
    fileprivate var rowSumsOfMagnitudes: [Double] {
        var sums = [Double](repeating: 0, count: rows)
        withPointer { entries in
            for j in 0..<columns {
                for i in 0..<rows { sums[i] += abs(entries[i + j * rows]) }
            }
        }
        return sums
    }
}
