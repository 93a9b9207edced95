public import LinearAlgebra

extension Interval {
    /// The Euclidean norm of all entries of some matrices together, without overflow of squares.
    ///
    /// Entries are divided by a power of two near the largest, which is exact but for what underflows:
    /// less than `2⁻¹⁰⁰⁰` for each square. A sum of `n` squares has a relative error below `(n + 1)u`.
    public static func norm(of matrices: [Matrix<Double>]) -> Interval {
        let largest = matrices.reduce(0.0) { max($0, $1.maximumMagnitude) }
        guard matrices.allSatisfy({ $0.isFinite() }) else { return Interval(lower: 0, upper: .infinity) }
        if largest == 0 { return zero }
        let scale = Double(sign: .plus, exponent: largest.exponent, significand: 1)
        var sum = 0.0
        var count = 0
        for matrix in matrices {
            matrix.withPointer { x in
                for k in 0..<matrix.count {
                    let scaled = x[k] / scale
                    sum += scaled * scaled
                }
            }
            count += matrix.count
        }
        let slack = Double(count + 4) * 0x1p-53 * 1.01
        let floor = Double(count) * 0x1p-1000
        let low = max(0, sum * (1 - slack) - floor).squareRoot().nextDown * scale
        let high = ((sum * (1 + slack) + floor).nextUp.squareRoot().nextUp * scale).nextUp
        return Interval(lower: max(0, low.nextDown), upper: high)
    }

    /// The Euclidean norm of all entries of some balls together.
    public static func norm(of balls: [BallMatrix]) -> Interval {
        let (middle, spread) = (norm(of: balls.map(\.center)), norm(of: balls.map(\.radius)).upper)
        return Interval(
            lower: max(0, (middle - Interval(spread)).lower), upper: (middle + Interval(spread)).upper)
    }
}
