package import LinearAlgebra

/// A fully connected layer: `p = W ā`, where `ā` is the rates with a constant 1 below them if there is a bias.
package struct DenseLayer: Layer {
    package let inputWidth: Int
    package let weightRows: Int
    package let hasBias: Bool

    package init(inputWidth: Int, outputWidth: Int, hasBias: Bool) {
        self.inputWidth = inputWidth
        weightRows = outputWidth
        self.hasBias = hasBias
    }

    package var positions: Int { 1 }
    package var weightColumns: Int { inputWidth + (hasBias ? 1 : 0) }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func predict<S: BLASScalar>(
        _ rates: Matrix<S>, weights: Matrix<S>, into prediction: inout Matrix<S>
    ) {
        if hasBias { prediction.assignColumns(of: weights, column: inputWidth) }
        prediction.assignProduct(weights, rates, width: inputWidth, keep: hasBias ? 1 : 0)
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func propagate<S: BLASScalar>(
        _ change: Matrix<S>, weights: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        result.assignProduct(weights, change, width: inputWidth, scale: scale, keep: keep)
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, weights: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        result.assignProduct(weights, .transposed, errors, width: inputWidth, keep: keep)
    }

    // Here `c(a)` is 0, so the prediction is linear in the weights itself.

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func predictChange<S: BLASScalar>(
        _ rates: Matrix<S>, along direction: Matrix<S>, into result: inout Matrix<S>
    ) {
        predict(rates, weights: direction, into: &result)
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, along direction: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        pullBackToRates(errors, weights: direction, keep: keep, into: &result)
    }

    /// `result ← scale · E Āᵀ + keep · result`, its bias column `scale · E 1`.
    @specialized(where S == Double)
    @specialized(where S == Float)
    package func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, _ rates: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        let (height, examples) = (weightRows, errors.columns)
        precondition(errors.rows == height && result.rows == height && result.columns == weightColumns)
        result.assignOuterProduct(errors, rates, scale: scale, keep: keep)
        guard hasBias else { return }
        result.withMutablePointer { target in
            errors.withPointer { e in
                let bias = target + inputWidth * height
                if keep == 0 {
                    bias.update(repeating: 0, count: height)
                } else if keep != 1 {
                    S._scal(height, keep, bias)
                }
                for i in 0..<examples { S._axpy(height, scale, e + i * height, bias) }
            }
        }
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, along change: Matrix<S>, scale: S, into result: inout Matrix<S>
    ) {
        result.assignOuterProduct(errors, change, scale: scale, keep: 1)
    }

    package func regressors<S: BLASScalar>(_ rates: Matrix<S>) -> Matrix<S> {
        hasBias ? rates.appendingRowOfOnes() : rates
    }
}

extension Matrix {
    /// Every column of `self` ← column `column` of `other`.
    package mutating func assignColumns(of other: Matrix, column: Int) {
        let (height, width) = (rows, columns)
        withMutablePointer { target in
            other.withPointer { source in
                for j in 0..<width {
                    (target + j * height).update(from: source + column * height, count: height)
                }
            }
        }
    }

    /// Column `column` of `self` ← 0.
    package mutating func clearColumn(_ column: Int) {
        let height = rows
        withMutablePointer { ($0 + column * height).update(repeating: 0, count: height) }
    }

    /// Leading columns of `self` ← `scale · E Aᵀ + keep ·` themselves, as many as `A` has rows.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func assignOuterProduct(
        _ errors: Matrix, _ rates: Matrix, scale: Scalar, keep: Scalar
    ) {
        let (height, width, examples) = (rows, rates.rows, errors.columns)
        precondition(height == errors.rows && width <= columns && examples == rates.columns)
        withMutablePointer { target in
            errors.withPointer { e in
                rates.withPointer { a in
                    if examples == 1 && keep == 0 {
                        // Written once, instead of cleared, read and written.
                        for j in 0..<width {
                            let factor = scale * a[j]
                            let column = target + j * height
                            for i in 0..<height { column[i] = factor * e[i] }
                        }
                    } else if examples == 1 && keep == 1 {
                        Self.addOuterProduct(e, a, scale: scale, height: height, width: width, to: target)
                    } else {
                        Scalar._gemm(
                            .none, .transposed, height, width, examples, scale, e, height, a,
                            Swift.max(1, width), keep, target, height)
                    }
                }
            }
        }
    }

    /// `target ← target + scale · e aᵀ`, in the columns where `a` is not zero if many are: pixels and rates of ReLU.
    /// Only errors that are not finite would change the others.
    @inline(__always)
    private static func addOuterProduct(
        _ e: UnsafePointer<Scalar>, _ a: UnsafePointer<Scalar>, scale: Scalar, height: Int, width: Int,
        to target: UnsafeMutablePointer<Scalar>
    ) {
        var zeros = 0
        for j in 0..<width { zeros += a[j] == 0 ? 1 : 0 }
        guard 4 * zeros > width && Scalar._dot(height, e, e).isFinite else {
            return Scalar._ger(height, width, scale, e, a, target, height)
        }
        for j in 0..<width where a[j] != 0 {
            let factor = scale * a[j]
            let column = target + j * height
            for i in 0..<height { column[i] += factor * e[i] }
        }
    }
}
