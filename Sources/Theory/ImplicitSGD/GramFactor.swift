package import LinearAlgebra
package import Networks

/// The Gram matrix `K = ĀᵀĀ` of a layer's rates over a mini-batch, with its inverse.
///
/// `Ā` are the layer's `regressors`, one column for each position of each example. For mini-batch 1 of a dense layer `K`
/// is the number `s = ‖ā‖²`. Products with the inverse go through the QR
/// decomposition of the rates; the inverse itself is formed because the Hessian needs its entries.
/// Rates whose reciprocal condition is below `minimumReciprocalCondition` are refused.
package struct GramFactor {
    package private(set) var matrix: Matrix<Double>
    package private(set) var inverse: Matrix<Double>
    /// `G = AK⁻¹`, without the bias row, `d × B`; not for layers with more than one position.
    package private(set) var weightedRates: Matrix<Double>
    /// Only for more than one example.
    private var factor: ColumnGramFactorization?

    /// The bound on the reciprocal condition of the rates. Below it, `K` has lost half of its digits
    /// and `K⁻¹` almost all.
    package static let minimumReciprocalCondition = 1e-6

    package init(order: Int) {
        matrix = Matrix(rows: order, columns: order)
        inverse = matrix
        weightedRates = Matrix(rows: 0, columns: order)
    }

    /// Forms and inverts `K` for these rates; false if it is singular to working precision.
    package mutating func factorize(_ rates: Matrix<Double>, of layer: any Layer) -> Bool {
        let order = rates.columns * layer.positions
        if matrix.rows != order { self = GramFactor(order: order) }
        if weightedRates.rows != rates.rows {
            weightedRates = Matrix(rows: rates.rows, columns: rates.columns)
        }
        if order == 1 {
            let squaredNorm = rates.squaredNorm + (layer.hasBias ? 1 : 0)
            // The Hessian divides by its square.
            guard squaredNorm.isFinite, (1 / (squaredNorm * squaredNorm)).isFinite else {
                return false
            }
            matrix[0, 0] = squaredNorm
            inverse[0, 0] = 1 / squaredNorm
            weightedRates.copy(from: rates)
            weightedRates.scale(by: 1 / squaredNorm)
            return true
        }
        let extended = layer.regressors(rates)
        guard let decomposed = try? ColumnGramFactorization(extended),
            decomposed.reciprocalCondition > Self.minimumReciprocalCondition
        else { return false }
        factor = decomposed
        matrix.assignProduct(extended, .transposed, extended)
        inverse = .identity(order)
        decomposed.solveFromRightInPlace(&inverse)
        if layer.positions == 1 {
            weightedRates.copy(from: rates)
            decomposed.solveFromRightInPlace(&weightedRates)
        }
        return true
    }

    /// `result ← E K⁻¹`, so that `pullBackToWeights` makes the least-norm update of it.
    package func applyInverse(fromRightTo errors: Matrix<Double>, into result: inout Matrix<Double>) {
        if matrix.rows == 1 {
            result.assign(errors, scaledBy: inverse[0, 0])
        } else {
            let order = matrix.rows
            if errors.columns == order {
                result.copy(from: errors)
                factor?.solveFromRightInPlace(&result)
                return
            }
            // An example's positions are one below another: apart, there are as many columns as K has.
            var columns = errors.reshaped(rows: errors.count / order, columns: order)
            factor?.solveFromRightInPlace(&columns)
            result = columns.reshaped(rows: errors.rows, columns: errors.columns)
        }
    }

    /// `tr Q K Qᵀ = ‖QĀᵀ‖²`.
    package func quadraticForm(_ q: Matrix<Double>) -> Double {
        if matrix.rows == 1 { return matrix[0, 0] * q.squaredNorm }
        var product = q
        product.assignProduct(q, matrix)
        return max(0, product.dot(q))
    }
}
