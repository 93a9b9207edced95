public import LinearAlgebra

extension BallMatrix {
    /// The product `op(A) op(B)`.
    ///
    /// The middles are multiplied in slices: `A = A₁ + A₂`, `B = B₁ + B₂` with so few bits in `A₁` and `B₁` that BLAS
    /// computes `A₁B₁` exactly, in whatever order it adds, and `A₁B₂ + A₂B` is so small that its rounding hardly
    /// counts (Ozaki et al. 2012). The radius is therefore little more than one rounding of the result, instead
    /// of one for each term. Added to it is what the radii of the factors make, `|A| rad B + rad A (|B| + rad B)`.
    ///
    /// Three products for the middle and up to two for the radius.
    ///
    /// - Precondition: inner dimensions agree.
    public static func product(
        _ a: BallMatrix, _ transposeA: Transposition, _ b: BallMatrix,
        _ transposeB: Transposition = .none
    ) -> BallMatrix {
        let inner = transposeA == .none ? a.columns : a.rows
        precondition(inner == (transposeB == .none ? b.rows : b.columns), "inner dimensions differ")
        var result = productOfCenters(a.center, transposeA, b.center, transposeB)
        let spread = spreadOfFactors(a, transposeA, b, transposeB)
        if let spread {
            result.radius = result.radius.combined(with: spread) { $0 + $1 == 0 ? 0 : ($0 + $1).nextUp }
        }
        result.radius = result.radius.combined(with: result.center) { radius, center in
            center.isFinite && !radius.isNaN ? radius : .infinity
        }
        result.center = result.center.combined(with: result.radius) { $1.isFinite ? $0 : 0 }
        return result
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

    /// `|A| rad B + rad A (|B| + rad B)`, or `nil` where both are exact.
    private static func spreadOfFactors(
        _ a: BallMatrix, _ transposeA: Transposition, _ b: BallMatrix, _ transposeB: Transposition
    ) -> Matrix<Double>? {
        let (spreadA, spreadB) = (a.radius.maximumMagnitude, b.radius.maximumMagnitude)
        guard spreadA > 0 || spreadB > 0 else { return nil }
        let inner = transposeA == .none ? a.columns : a.rows
        var sum = Matrix<Double>(
            rows: transposeA == .none ? a.rows : a.columns,
            columns: transposeB == .none ? b.columns : b.rows)
        var leastFactor = Double.infinity
        if spreadB > 0 {
            let size = a.center.magnitudes
            sum.assignProduct(size, transposeA, b.radius, transposeB)
            leastFactor = size.leastNonzero * b.radius.leastNonzero
        }
        if spreadA > 0 {
            let reach = b.center.combined(with: b.radius) {
                $0 == 0 && $1 == 0 ? 0 : (abs($0) + $1).nextUp
            }
            sum.assignProduct(a.radius, transposeA, reach, transposeB, keep: 1)
            leastFactor = min(leastFactor, a.radius.leastNonzero * reach.leastNonzero)
        }
        // Sums of at most 2k + 1 terms that are not negative.
        let inflation = 1 + Double(2 * inner + 4) * unitRoundoff * 1.01
        let underflow = leastFactor < 0x1p-1000 ? Double(2 * inner + 2) * .leastNonzeroMagnitude : 0
        return sum.combined(with: sum) { value, _ in
            value == 0 && underflow == 0 ? 0 : (value * inflation + underflow).nextUp
        }
    }

    /// The product of two matrices that are known exactly.
    private static func productOfCenters(
        _ a: Matrix<Double>, _ transposeA: Transposition, _ b: Matrix<Double>, _ transposeB: Transposition
    ) -> BallMatrix {
        let inner = transposeA == .none ? a.columns : a.rows
        var center = Matrix<Double>(
            rows: transposeA == .none ? a.rows : a.columns,
            columns: transposeB == .none ? b.columns : b.rows)
        // k products of 2β bits need 2β + log₂k ≤ 53.
        let bits = (53 - (inner <= 1 ? 0 : Int.bitWidth - (inner - 1).leadingZeroBitCount)) / 2
        guard let slicedA = SlicedMatrix(a, vectors: transposeA == .none ? .rows : .columns, bits: bits),
            let slicedB = SlicedMatrix(b, vectors: transposeB == .none ? .columns : .rows, bits: bits)
        else { return plainProduct(a, transposeA, b, transposeB) }
        var rest = center
        rest.assignProduct(slicedA.high, transposeA, slicedB.low, transposeB)
        rest.assignProduct(slicedA.low, transposeA, b, transposeB, keep: 1)
        center.assignProduct(slicedA.high, transposeA, slicedB.high, transposeB)
        center.add(rest)
        // γ₂ₖ(|A₁||B₂| + |A₂||B|) ≤ γ₂ₖ·k·2^(eA + eB − β) for entries below 2^eA in A's row and 2^eB in B's column.
        let gamma = Double(2 * inner + 2) * unitRoundoff * 1.01
        let share = gamma * Double(inner) * Double(sign: .plus, exponent: -bits, significand: 1)
        var radius = center
        let (rows, columns) = (center.rows, center.columns)
        radius.withMutablePointer { target in
            for j in 0..<columns {
                let scale = share * slicedB.bounds[j]
                for i in 0..<rows {
                    let error = scale * slicedA.bounds[i]
                    let index = i + j * rows
                    // A row or column of zeros gives an exact zero.
                    target[index] = error == 0 ? 0 : (unitRoundoff * abs(target[index]) + error).nextUp.nextUp
                }
            }
        }
        return BallMatrix(center: center, radius: radius)
    }

    /// The same for scales at which slices would overflow or underflow: the middle is one BLAS product, for which
    /// `|fl(AB) − AB| ≤ γₖ|A||B|`, `γₖ = ku/(1 − ku)`, plus `2⁻¹⁰⁷⁴` for each product that may underflow.
    private static func plainProduct(
        _ a: Matrix<Double>, _ transposeA: Transposition, _ b: Matrix<Double>, _ transposeB: Transposition
    ) -> BallMatrix {
        let inner = transposeA == .none ? a.columns : a.rows
        var center = Matrix<Double>(
            rows: transposeA == .none ? a.rows : a.columns,
            columns: transposeB == .none ? b.columns : b.rows)
        center.assignProduct(a, transposeA, b, transposeB)
        let gamma = (Double(inner) * unitRoundoff * 1.0001).nextUp
        var radius = center
        let (sizeA, sizeB) = (a.magnitudes, b.magnitudes)
        radius.assignProduct(sizeA, transposeA, sizeB, transposeB)
        let inflation = gamma * (1 + Double(inner + 4) * unitRoundoff * 1.01)
        let mayUnderflow = sizeA.leastNonzero * sizeB.leastNonzero < 0x1p-960
        let underflow = mayUnderflow ? Double(2 * inner + 2) * .leastNonzeroMagnitude : 0
        radius = radius.combined(with: radius) { value, _ in
            value == 0 && underflow == 0 ? 0 : (value * inflation + underflow).nextUp
        }
        return BallMatrix(center: center, radius: radius)
    }

    /// `u = 2⁻⁵³`.
    private static var unitRoundoff: Double { 0x1p-53 }
}

/// A matrix cut in two, `M = high + low` exactly: in each row, or in each column, `high` has a few leading bits.
private struct SlicedMatrix {
    enum Vectors { case rows, columns }

    var high: Matrix<Double>
    var low: Matrix<Double>
    /// A power of two for each vector that no entry of it exceeds; 0 where all are 0.
    var bounds: [Double]

    /// `nil` where an entry is not finite or a vector's scale is outside of `2^±300`, so that products of slices stay
    /// clear of overflow and underflow.
    ///
    /// `(x + σ) − σ` with `σ = 1.5·2^(e − β + 52)` rounds `|x| ≤ 2ᵉ` to a multiple of `2^(e − β)`.
    init?(_ matrix: Matrix<Double>, vectors: Vectors, bits: Int) {
        let (rows, columns) = (matrix.rows, matrix.columns)
        var largest = Array(repeating: 0.0, count: vectors == .rows ? rows : columns)
        matrix.withPointer { x in
            for j in 0..<columns {
                for i in 0..<rows {
                    let k = vectors == .rows ? i : j
                    largest[k] = max(largest[k], abs(x[i + j * rows]))
                }
            }
        }
        guard largest.allSatisfy({ $0 == 0 || ($0 > 0x1p-300 && $0 < 0x1p300) }), matrix.isFinite()
        else { return nil }
        bounds = largest.map { value in
            if value == 0 { return 0 }
            let power = Double(sign: .plus, exponent: value.exponent, significand: 1)
            return power == value ? value : 2 * power
        }
        let shifts = bounds.map { 1.5 * $0 * Double(sign: .plus, exponent: 52 - bits, significand: 1) }
        high = matrix
        low = matrix
        high.withMutablePointer { top in
            low.withMutablePointer { rest in
                for j in 0..<columns {
                    for i in 0..<rows {
                        let index = i + j * rows
                        let shift = shifts[vectors == .rows ? i : j]
                        let part = (top[index] + shift) - shift
                        rest[index] = top[index] - part
                        top[index] = part
                    }
                }
            }
        }
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
