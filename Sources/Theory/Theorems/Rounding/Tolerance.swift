public import LinearAlgebra
public import Networks
internal import RealModule

/// The unit roundoff of the double type, `2⁻⁵³`.
public let unitRoundoff = Double.ulpOfOne / 2

/// What rounding can have done to a feedforward pass, entry by entry: a running error analysis.
///
/// One layer computes `p = Wā` from rates that are off by `δa`. A sum of `k` products is off by at
/// most `γ = (k+2)u` times the sum of magnitudes (Higham, *Accuracy and Stability*, §3.1), so
///
/// `|δh| ≤ γ|W||ā| + |W||δa|`,  `|δa| ≤ Lφ|δh| + 8u(|a| + |h|)`
///
/// with `Lφ` the activation's Lipschitz constant and 8u for what the functions of the mathematics
/// library round. Nothing is estimated: the bound holds for every network, and grows with the product
/// of the layers' norms as the rounding itself can.
public struct FeedforwardRounding: Sendable {
    /// Bounds on the error of `h₁ … h_N`.
    public private(set) var activities = PerLayer<Matrix<Double>>(from: 1, [])
    /// Bounds on the error of `a₀ … a_{N−1}`.
    public private(set) var rates = PerLayer<Matrix<Double>>(from: 0, [])

    /// - Parameter relativeWeightError: how far weights are off, relative to themselves: one rounding
    ///   for weights that were computed as a sum `θ_b + Δ`.
    /// - Parameter network: the network whose feedforward pass is bounded.
    /// - Parameter inputs: `d₀ × B`, taken as exact.
    public init(
        _ network: Network<Double>, _ inputs: Matrix<Double>, relativeWeightError: Double = 0
    ) {
        let architecture = network.architecture
        var rates = inputs
        var rateErrors = Matrix<Double>(rows: inputs.rows, columns: inputs.columns)
        for n in 0..<architecture.depth {
            self.rates.append(rateErrors)
            let weights = network.parameters.layers[n]
            let layer = architecture.weightLayers[n]
            let gamma = Double(weights.columns + 2) * unitRoundoff + relativeWeightError
            let magnitudes = weights.mapped(abs)
            var activity = Matrix<Double>(rows: weights.rows, columns: inputs.columns)
            network.predict(layer: n, rates: rates, into: &activity)
            var sizes = activity
            layer.predict(rates.mapped(abs), weights: magnitudes, into: &sizes)
            var errors = sizes
            layer.propagate(rateErrors, weights: magnitudes, scale: 1, keep: gamma, into: &errors)
            activities.append(errors)
            guard n + 1 < architecture.depth else { break }
            let activation = architecture.activation(ofLayer: n + 1)
            rates = activity
            activation.evaluate(activity, into: &rates)
            rateErrors = errors
            rateErrors.scale(by: activation.lipschitzConstant)
            rateErrors.add(rates.mapped(abs), scaledBy: 8 * unitRoundoff)
            rateErrors.add(activity.mapped(abs), scaledBy: 8 * unitRoundoff)
        }
    }

    /// A bound on the error of the mean loss at these logits.
    ///
    /// All losses have curvature at most 1, so `|δℓ| ≤ |∇ℓ|·|δh| + ½‖δh‖²`, and their sums of
    /// non-negative terms round by at most `(d+16)u` relative to the sum of magnitudes.
    public func meanLossError(
        _ loss: Loss, logits: Matrix<Double>, targets: Matrix<Double>
    ) -> Double {
        guard let errors = activities.last else { return 0 }
        var gradient = logits
        loss.gradient(logits, targets: targets, into: &gradient)
        let first = gradient.mapped(abs).dot(errors)
        let value = loss.total(logits, targets: targets)
        let rounding = Double(logits.rows + logits.columns + 16) * unitRoundoff * value
        return (first + errors.squaredNorm / 2 + rounding) / Double(logits.columns)
    }
}

extension Matrix<Double> {
    /// The matrix of `transform` of every entry.
    func mapped(_ transform: (Double) -> Double) -> Matrix {
        Matrix(rows: rows, columns: columns) { i, j in transform(self[i, j]) }
    }
}

/// `|found − expected| / tolerance`, 0 for two equal numbers: a margin. Not a number if either is not.
public func margin(_ found: Double, _ expected: Double, tolerance: Double) -> Double {
    found == expected ? 0 : abs(found - expected) / tolerance
}
