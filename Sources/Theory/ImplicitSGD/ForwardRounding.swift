package import LinearAlgebra
package import Networks

/// What rounding can do to the activities of a feedforward pass: a bound for every unit of every example.
///
/// A sum of `m` products in any order errs by at most `m·ε/2` of the sum of their sizes to first order, and what a
/// layer errs reaches the next through `|W|`, multiplied by the steepest slope of φ and with a few roundings of φ itself.
package struct ForwardRounding {
    /// For `n = 1…N`.
    package let bounds: PerLayer<Matrix<Double>>

    /// The steepest slope of any activation (GELU's is 1.129).
    private static let steepestSlope = 1.13
    /// Units in the last place that an activation may be wrong by.
    private static let activationError = 4.0

    package init(_ linearization: Linearization<Double>) {
        let architecture = linearization.network.architecture
        var bounds = linearization.activities
        var inherited = Matrix<Double>(rows: architecture.inputWidth, columns: linearization.batch.size)
        for n in 0..<architecture.depth {
            let weights = linearization.network.parameters.layers[n].sizes
            architecture.weightLayers[n].predict(
                linearization.rates[n].sizes, weights: weights, into: &bounds[n + 1])
            // ε for ε/2 pays for the higher orders.
            bounds[n + 1].scale(by: Double(weights.columns + 1) * Double.ulpOfOne)
            if n > 0 {
                bounds[n + 1].assignProduct(weights, inherited, width: architecture.widths[n], keep: 1)
            }
            if n + 1 < architecture.depth {
                inherited = Self.steepestSlope * bounds[n + 1]
                inherited.add(linearization.rates[n + 1].sizes, scaledBy: Self.activationError * Double.ulpOfOne)
            }
        }
        self.bounds = bounds
    }
}

extension Matrix<Double> {
    /// The absolute values.
    fileprivate var sizes: Matrix<Double> {
        Matrix(rows: rows, columns: columns) { i, j in abs(self[i, j]) }
    }
}
