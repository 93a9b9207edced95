internal import LinearAlgebra
internal import Networks

/// The same proximal problem with the first layer's inputs written in an orthonormal basis of their
/// own span.
///
/// The gradient of the first layer is `1/B · E X̄ᵀ` with the batch's constant inputs `X̄`, so at every
/// stationary point `ΔW₀ = M Qᵀ` for the orthonormal basis `Q` of the columns of `X̄`. In the
/// coordinates `M` the network has `rank X̄ ≤ B` inputs instead of `d₀ + 1`, and objective, gradient
/// and distances are the same numbers. For 784-256-256-10 with mini-batch 64 this leaves 84,746 of
/// 269,322 weights, with mini-batch 1 a quarter.
///
/// The curvature in the directions that are left out is exactly `1/α`. `O(d₀B²)` to construct.
struct WeightSpaceReduction {
    /// The reduced problem; its first layer has no bias (a bias is one more input before).
    let problem: ProximalProblem
    /// Whether directions were left out.
    let leavesDirectionsOut: Bool
    private let original: ProximalProblem
    /// `Q`, or `nil` where nothing was reduced.
    private let basis: Matrix<Double>?

    /// A column whose part outside the span of its predecessors is smaller than this, relative to
    /// its norm, adds nothing that double precision can use.
    private static let dependence = 1e-13

    init(_ original: ProximalProblem) {
        self.original = original
        let architecture = original.network.architecture
        let hasBias = architecture.biases[0]
        let inputs = Self.withConstant(original.batch.inputs, hasBias: hasBias)
        let basis = Self.orthonormalBasis(of: inputs)
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
    func lift(_ update: Parameters<Double>) -> Parameters<Double> {
        guard let basis else { return update }
        var result = update
        var first = Matrix<Double>(rows: update.layers[0].rows, columns: basis.rows)
        first.assignProduct(update.layers[0], .none, basis, .transposed)
        result.layers[0] = first
        return result
    }

    /// The part of an update of the original problem that the reduced one can express.
    func reduce(_ update: Parameters<Double>) -> Parameters<Double> {
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
            loss: original.loss, learningRate: original.learningRate)
    }

    private static func withConstant(_ inputs: Matrix<Double>, hasBias: Bool) -> Matrix<Double> {
        guard hasBias else { return inputs }
        let height = inputs.rows
        var result = Matrix<Double>(rows: height + 1, columns: inputs.columns, repeating: 1)
        result.withMutablePointer { target in
            inputs.withPointer { source in
                for j in 0..<inputs.columns {
                    (target + j * (height + 1)).update(from: source + j * height, count: height)
                }
            }
        }
        return result
    }

    /// Gram–Schmidt, each column orthogonalised twice; at least one column, even for zero inputs.
    private static func orthonormalBasis(of inputs: Matrix<Double>) -> Matrix<Double> {
        let height = inputs.rows
        var basis = Matrix<Double>(rows: height, columns: min(height, inputs.columns))
        var coefficients = Matrix<Double>(rows: basis.columns, columns: 1)
        var rank = 0
        for j in 0..<inputs.columns where rank < height {
            var column = Matrix(column: inputs.column(j))
            let size = column.norm
            for _ in 0..<2 where rank > 0 {
                basis.withPointer { q in
                    coefficients.withMutablePointer { c in
                        column.withMutablePointer { x in
                            Double._gemv(.transposed, height, rank, 1, q, height, x, 0, c)
                            Double._gemv(.none, height, rank, -1, q, height, c, 1, x)
                        }
                    }
                }
            }
            let remainder = column.norm
            guard remainder > dependence * size else { continue }
            column.scale(by: 1 / remainder)
            let start = rank * height
            basis.withMutablePointer { target in
                column.withPointer { (target + start).update(from: $0, count: height) }
            }
            rank += 1
        }
        if rank == 0 {
            basis[0, 0] = 1
            rank = 1
        }
        return basis.columns(0..<rank)
    }
}
