package import ImplicitSGD
package import LinearAlgebra
package import Networks

/// The inverse of a positive definite model of `∇²P` of a graph, by way of function space: `WeightSpaceKernel` for graphs.
///
/// With rows `R` for the outputs (the Jacobian times a square root of `∇²ℓ/B`) and for units on kinks, and the compliance
/// `E`, 1 for outputs and nearly 0 for constraints, Woodbury's identity gives `z = M⁻¹r` for `M = 1/α + RᵀE⁻¹R`:
/// `(E + αRRᵀ)y = αRr`, `z = α(r − Rᵀy)`. A product with `R` is a tangent pass, one with `Rᵀ` a backward pass, and `RRᵀ` is
/// assembled layer by layer (`GraphGram`). Where there are too many outputs they are left out: `M` is then the constraints
/// and `1/α`.
package struct GraphKernel: FunctionSpaceKernel {
    package private(set) var rows: [KernelRow]
    private let roots: [Matrix<Double>]
    private var factor: CholeskyFactorization?
    /// The objective as it was: `R` must stay the one that was factorized.
    private var model: GraphObjective
    private let learningRate: Double

    /// A factorization of more takes longer than the products that it saves, `K³/3` operations.
    private static let rowLimit = 4000
    private static let outputLimit = 2000
    /// What stands for a compliance of zero, from the stiffest: rows may be linearly dependent, and rounding then says which
    /// of these still leaves a positive definite matrix. Patches that overlap have rows whose products have eigenvalues of
    /// 1e-9 beside 1, and along these a softer constraint holds next to nothing.
    private static let rigidities = [1e-13, 1e-12, 1e-11, 1e-10]

    package init?(_ model: GraphObjective, rows: [KernelRow], rigid: Bool) {
        self.model = model
        self.rows = rows
        learningRate = model.learningRates.common
        let depth = model.problem.network.architecture.depth
        let logits = model.activities[depth]
        roots = logits.count <= Self.outputLimit ? model.problem.loss.curvatureRoots(logits) : []
        let outputCount = roots.reduce(0) { $0 + $1.columns }
        let count = outputCount + rows.count
        guard count > 0, count <= Self.rowLimit else { return nil }
        let outputs = roots.enumerated().flatMap { example, root in
            (0..<root.columns).map { j in
                GraphRow(example: example, node: depth, units: Array(0..<root.rows), weights: root.column(j))
            }
        }
        let gram = GraphGram.matrix(of: outputs + model.graphRows(rows), at: model.pass)
        var core = gram.matrix
        costInProducts = Int((gram.multiplications + Double(count * count) * Double(count) / 6) / model.multiplications)
        if rigid {
            let scales = (0..<count).map { p in
                let size = core[p, p]
                return p < outputCount ? 1 : size > 0 ? 1 / (learningRate * size).squareRoot() : 1
            }
            for p in 0..<count { for q in 0..<count { core[p, q] *= scales[p] * scales[q] } }
            for k in rows.indices { self.rows[k].scale *= scales[outputCount + k] }
        }
        core.scale(by: learningRate)
        for p in 0..<outputCount { core[p, p] += 1 }
        for compliance in rigid ? Self.rigidities : [1] {
            var compliant = core
            for p in outputCount..<count { compliant[p, p] += compliance }
            guard let factor = try? CholeskyFactorization(compliant) else { continue }
            self.factor = factor
            return
        }
        return nil
    }

    private var outputCount: Int { roots.reduce(0) { $0 + $1.columns } }

    package let costInProducts: Int

    /// `y` has an entry for every output, zero where they are left out, and one for every row.
    @discardableResult
    package mutating func apply(
        to residual: Parameters<Double>, displacements: [Double]?, into result: inout Parameters<Double>
    ) -> Matrix<Double> {
        model.linearize(along: residual)
        var right = gathered()
        right.scale(by: learningRate)
        if let displacements {
            for (k, row) in rows.enumerated() { right[outputCount + k, 0] -= row.scale * displacements[k] }
        }
        factor?.solveInPlace(&right)
        result = transposed(right)
        result.scale(by: -learningRate)
        result.add(residual, scaledBy: learningRate)
        let missing = model.outputRows - outputCount
        return missing == 0 ? right : Matrix(column: Array(repeating: 0, count: missing) + right.elements)
    }

    /// `R v` from the tangents along `v`.
    private func gathered() -> Matrix<Double> {
        var result: [Double] = []
        let outputs = model.activityTangents[model.problem.network.architecture.depth]
        for (example, root) in roots.enumerated() {
            let tangent = outputs.column(example)
            for j in 0..<root.columns { result.append((0..<root.rows).reduce(0) { $0 + root[$1, j] * tangent[$1] }) }
        }
        for row in rows { result.append(row.scale * model.activityTangents[row.layer].elements[row.index]) }
        return Matrix(column: result)
    }

    /// `Rᵀ y`.
    private func transposed(_ y: Matrix<Double>) -> Parameters<Double> {
        var seeds = model.activities.mapValues { Matrix<Double>(rows: $0.rows, columns: $0.columns) }
        let depth = model.problem.network.architecture.depth
        var first = 0
        for (example, root) in roots.enumerated() {
            for i in 0..<root.rows {
                seeds[depth][i, example] = (0..<root.columns).reduce(0) { $0 + root[i, $1] * y[first + $1, 0] }
            }
            first += root.columns
        }
        for (k, row) in rows.enumerated() {
            seeds[row.layer].withMutablePointer { $0[row.index] += row.scale * y.elements[outputCount + k] }
        }
        return model.pullBack(seeds)
    }
}
