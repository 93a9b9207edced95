internal import LinearAlgebra
package import Networks

/// The same proximal problem with the first layer's inputs written in an orthonormal basis of their
/// own span.
///
/// The gradient of the first layer is `1/B · E X̄ᵀ` with the batch's constant inputs `X̄`, so at every
/// stationary point `ΔW₀ = M Qᵀ` for the orthonormal basis `Q` of the columns of `X̄`. In the
/// coordinates `M` the network has `rank X̄ ≤ B` inputs instead of `d₀ + 1`, and objective, gradient
/// and distances are the same numbers. For 784-256-256-10 with mini-batch 64 this leaves 84,746 of
/// 269,322 weights, with mini-batch 1 a quarter.
///
/// The curvature in the directions that are left out is exactly `1/α₀`. `O(d₀B²)` to construct.
package struct WeightSpaceReduction {
    /// The reduced problem; its first layer has no bias (a bias is one more input before).
    package let problem: ProximalProblem
    /// Whether directions were left out.
    package let leavesDirectionsOut: Bool
    private let original: ProximalProblem
    /// `Q`, or `nil` where nothing was reduced.
    private let basis: Matrix<Double>?

    package init(_ original: ProximalProblem) {
        self.original = original
        let architecture = original.network.architecture
        guard !original.held.holdsPart(ofLayer: 0, in: architecture) else {
            // What is held of the first layer would be a part of its reduced weights.
            (problem, basis, leavesDirectionsOut) = (original, nil, false)
            return
        }
        let hasBias = architecture.biases[0]
        let inputs = hasBias ? original.batch.inputs.appendingRowOfOnes() : original.batch.inputs
        var basis = inputs.orthonormalBasis()
        // A network has at least one input, even if it is always zero.
        if basis.columns == 0 { basis = Matrix(rows: inputs.rows, columns: 1) { i, _ in i == 0 ? 1 : 0 } }
        if let reduced = try? Self.reduced(original, inputs: inputs, basis: basis) {
            problem = reduced
            self.basis = basis
            leavesDirectionsOut = basis.columns < inputs.rows
        } else {
            problem = original
            self.basis = nil
            leavesDirectionsOut = false
        }
    }

    /// An update of the reduced problem as one of the original.
    package func lift(_ update: Parameters<Double>) -> Parameters<Double> {
        guard let basis else { return update }
        var result = update
        var first = Matrix<Double>(rows: update.layers[0].rows, columns: basis.rows)
        first.assignProduct(update.layers[0], .none, basis, .transposed)
        result.layers[0] = first
        return result
    }

    /// The part of an update of the original problem that the reduced one can express.
    package func reduce(_ update: Parameters<Double>) -> Parameters<Double> {
        guard let basis else { return update }
        var result = update
        var first = Matrix<Double>(rows: update.layers[0].rows, columns: basis.columns)
        first.assignProduct(update.layers[0], basis)
        result.layers[0] = first
        return result
    }

    private static func reduced(
        _ original: ProximalProblem, inputs: Matrix<Double>, basis: Matrix<Double>
    ) throws -> ProximalProblem {
        let before = original.network.architecture
        let architecture = try Architecture(
            widths: [basis.columns] + before.widths.dropFirst(),
            hiddenActivations: before.hiddenActivations.elements,
            biases: [false] + before.biases.dropFirst())
        var parameters = original.network.parameters
        var first = Matrix<Double>(rows: before.widths[1], columns: basis.columns)
        first.assignProduct(original.network.parameters.layers[0], basis)
        parameters.layers[0] = first
        let coordinates = try Matrix.product(basis, .transposed, inputs)
        return try ProximalProblem(
            network: Network(architecture: architecture, parameters: parameters),
            batch: Batch(inputs: coordinates, targets: original.batch.targets),
            loss: original.loss, rates: original.rates, held: original.held)
    }
}
