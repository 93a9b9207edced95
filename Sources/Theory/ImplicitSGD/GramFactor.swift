package import LinearAlgebra
package import Networks

/// The Gram matrix `K = ĀᵀĀ` of a layer's rates over a mini-batch, with its inverse; `K = mĀᵀĀ` for a layer whose
/// learning rate is `mα`, and `K = m(ĀᵀĀ + εI)` where the energy has slack (T18).
///
/// `Ā` are the layer's `regressors`, one column for each position of each example. For mini-batch 1 of a dense layer `K`
/// is the number `s = ‖ā‖²`. Products with the inverse go through the QR
/// decomposition of the rates; the inverse itself is formed because the Hessian needs its entries.
/// Rates whose reciprocal condition is below `minimumReciprocalCondition` are refused.
package struct GramFactor {
    package private(set) var matrix: Matrix<Double>
    package private(set) var inverse: Matrix<Double>
    /// `G = mAK⁻¹`, which does not depend on `m`, without the bias row, `d × B`; not for layers with more than one
    /// position.
    package private(set) var weightedRates: Matrix<Double>
    /// Only for more than one example.
    private var factor: ColumnGramFactorization?
    /// `m`.
    package let multiple: Double
    /// `ε`.
    package let slack: Double
    /// Whether a bias's 1 is among the regressors; not if the bias is held.
    private let countsBias: Bool

    /// The bound on the reciprocal condition of the rates. Below it, `K` has lost half of its digits
    /// and `K⁻¹` almost all.
    package static let minimumReciprocalCondition = 1e-6

    /// - Parameter slack: `ε`.
    /// - Parameter holdsBias: whether the layer's bias does not move: then `K` is `AᵀA`.
    /// - Parameter order: the number of columns.
    /// - Parameter multiple: `m`.
    package init(order: Int, multiple: Double = 1, slack: Double = 0, holdsBias: Bool = false) {
        self.multiple = multiple
        self.slack = slack
        countsBias = !holdsBias
        matrix = Matrix(rows: order, columns: order)
        inverse = matrix
        weightedRates = Matrix(rows: 0, columns: order)
    }

    /// Forms and inverts `K` for these rates; false if it is singular to working precision.
    package mutating func factorize(_ rates: Matrix<Double>, of layer: any Layer) -> Bool {
        let order = rates.columns * layer.positions
        if matrix.rows != order {
            self = GramFactor(order: order, multiple: multiple, slack: slack, holdsBias: !countsBias)
        }
        if weightedRates.rows != rates.rows {
            weightedRates = Matrix(rows: rates.rows, columns: rates.columns)
        }
        if order == 1 {
            let squaredNorm = rates.squaredNorm + (layer.hasBias && countsBias ? 1 : 0) + slack
            let scaled = multiple * squaredNorm
            // The Hessian divides by its square.
            guard scaled.isFinite, (1 / (scaled * scaled)).isFinite, (1 / (squaredNorm * squaredNorm)).isFinite
            else { return false }
            matrix[0, 0] = scaled
            inverse[0, 0] = 1 / scaled
            weightedRates.copy(from: rates)
            weightedRates.scale(by: 1 / squaredNorm)
            return true
        }
        var extended = countsBias ? layer.regressors(rates) : rates
        // A slack of a prediction is a weight of its own, whose input is √ε for one column and 0 for the others.
        if slack > 0 { extended = extended.appendingRows(slack.squareRoot() * .identity(order)) }
        guard let decomposed = try? ColumnGramFactorization(extended),
            decomposed.reciprocalCondition > Self.minimumReciprocalCondition
        else { return false }
        factor = decomposed
        matrix.assignProduct(extended, .transposed, extended)
        inverse = .identity(order)
        decomposed.solveFromRightInPlace(&inverse)
        if multiple != 1 {
            matrix.scale(by: multiple)
            inverse.scale(by: 1 / multiple)
        }
        if layer.positions == 1 {
            weightedRates.copy(from: rates)
            decomposed.solveFromRightInPlace(&weightedRates)
        }
        return true
    }

    /// `result ← E K⁻¹`, so that `m` times what `pullBackToWeights` makes of it is the least-norm update.
    package func applyInverse(fromRightTo errors: Matrix<Double>, into result: inout Matrix<Double>) {
        if matrix.rows == 1 {
            result.assign(errors, scaledBy: inverse[0, 0])
        } else {
            let order = matrix.rows
            if errors.columns == order {
                result.copy(from: errors)
                factor?.solveFromRightInPlace(&result)
                if multiple != 1 { result.scale(by: 1 / multiple) }
                return
            }
            // An example's positions are one below another: apart, there are as many columns as K has.
            var columns = errors.reshaped(rows: errors.count / order, columns: order)
            factor?.solveFromRightInPlace(&columns)
            if multiple != 1 { columns.scale(by: 1 / multiple) }
            result = columns.reshaped(rows: errors.rows, columns: errors.columns)
        }
    }

    /// `tr Q K Qᵀ = m‖QĀᵀ‖²`.
    package func quadraticForm(_ q: Matrix<Double>) -> Double {
        if matrix.rows == 1 { return matrix[0, 0] * q.squaredNorm }
        var product = q
        product.assignProduct(q, matrix)
        return max(0, product.dot(q))
    }
}
