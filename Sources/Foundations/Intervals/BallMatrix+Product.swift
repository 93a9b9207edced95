public import LinearAlgebra

extension BallMatrix {
    /// The product `op(A) op(B)`.
    ///
    /// The middle is a BLAS product, for which `|fl(AB) − AB| ≤ γₖ|A||B|`, `γₖ = ku/(1 − ku)`, `u = 2⁻⁵³`,
    /// holds in every order of summation, with fused operations or without; where products may
    /// underflow, `k·2⁻¹⁰⁷³` is added. So the radius is
    /// `|A|(γₖ|B| + rad B) + rad A (|B| + rad B)`, computed by BLAS as well and enlarged by its own rounding.
    ///
    /// Two to three times the cost of the product.
    ///
    /// - Precondition: inner dimensions agree.
    public static func product(
        _ a: BallMatrix, _ transposeA: Transposition, _ b: BallMatrix,
        _ transposeB: Transposition = .none
    ) -> BallMatrix {
        let inner = transposeA == .none ? a.columns : a.rows
        let rows = transposeA == .none ? a.rows : a.columns
        let columns = transposeB == .none ? b.columns : b.rows
        precondition(inner == (transposeB == .none ? b.rows : b.columns), "inner dimensions differ")
        var center = Matrix<Double>(rows: rows, columns: columns)
        center.assignProduct(a.center, transposeA, b.center, transposeB)
        let gamma = (Double(inner) * 0x1p-53 * 1.0001).nextUp
        let sizeA = a.center.magnitudes
        let spreadB = b.center.combined(with: b.radius) {
            // An exact zero adds nothing.
            ($0 == 0 ? 0 : (gamma * abs($0)).nextUp) + $1
        }
        var radius = Matrix<Double>(rows: rows, columns: columns)
        radius.assignProduct(sizeA, transposeA, spreadB, transposeB)
        if a.radius.maximumMagnitude > 0 {
            let reachB = b.center.combined(with: b.radius) { abs($0) + $1 }
            radius.assignProduct(a.radius, transposeA, reachB, transposeB, keep: 1)
        }
        // Sums of 2k + 3 non-negative terms, each with at most three roundings before.
        let inflation = 1 + Double(2 * inner + 12) * 0x1p-53 * 1.01
        let mayUnderflow =
            sizeA.leastNonzero * spreadB.leastNonzero < 0x1p-960
            || a.radius.leastNonzero * spreadB.leastNonzero < 0x1p-960
            || sizeA.leastNonzero * b.center.magnitudes.leastNonzero < 0x1p-960
        let underflow = mayUnderflow ? Double(4 * inner + 8) * 0x1p-1073 : 0
        radius = radius.combined(with: center) { value, middle in
            guard middle.isFinite else { return .infinity }
            let bound = value == 0 && underflow == 0 ? 0 : (value * inflation + underflow).nextUp
            return bound.isNaN ? .infinity : bound
        }
        center = center.combined(with: radius) { $1.isFinite ? $0 : 0 }
        return BallMatrix(center: center, radius: radius)
    }

    /// Weights times rates, `Wā`, where the last column of `W` meets the appended 1 of a bias.
    public static func prediction(_ weights: BallMatrix, _ rates: BallMatrix, hasBias: Bool) -> BallMatrix {
        product(weights, .none, hasBias ? rates.appendingRowOfOnes() : rates)
    }

    /// The matrix with a row of ones below it.
    public func appendingRowOfOnes() -> BallMatrix {
        BallMatrix(
            center: center.appendingRowOfOnes(),
            radius: Matrix(rows: rows + 1, columns: columns) { i, j in i < rows ? radius[i, j] : 0 })
    }
}

extension Matrix<Double> {
    fileprivate var magnitudes: Matrix {
        combined(with: self) { value, _ in abs(value) }
    }

    /// `f` of every pair of entries of two matrices of one shape.
    fileprivate func combined(with other: Matrix, _ function: (Double, Double) -> Double) -> Matrix {
        precondition(rows == other.rows && columns == other.columns)
        var result = self
        let n = count
        result.withMutablePointer { target in
            other.withPointer { second in
                for k in 0..<n { target[k] = function(target[k], second[k]) }
            }
        }
        return result
    }

    /// The smallest absolute value that is not 0; infinite if there is none.
    fileprivate var leastNonzero: Double {
        elements.reduce(.infinity) { $1 == 0 ? $0 : Swift.min($0, abs($1)) }
    }
}
