package import LinearAlgebra
package import Networks

/// The inverse of a positive definite model of `∇²P`, by way of function space.
///
/// With rows `R` for every output of every example (the Jacobian times a square root of `∇²ℓ/B`) and
/// for kinks, the Gauss–Newton matrix is `M = D⁻¹ + RᵀE⁻¹R`, where `D` has the learning
/// rate `αₙ` for each weight of layer `n` and the compliance `E` is 1 for outputs. By Woodbury's identity
///
/// `z = M⁻¹r`:  `(E + RDRᵀ) y = RDr`,  `z = D(r − Rᵀy)`,
///
/// in which `E = 0` is no special case: it makes `Rz = 0`, a constraint. `RDRᵀ` is the tangent kernel,
/// assembled from activity Gram matrices and backpropagated rows, without the Jacobian:
/// entry `(p, q)` is `Σₙ αₙ(āₙ,ᵢ·āₙ,ⱼ)(Jₙ₊₁,ₚ·Jₙ₊₁,q)` for rows `p`, `q` of examples `i`, `j`.
///
/// With `K` rows, construction takes `O(K²Σdₙ + K³/3)` operations, an application `O(K²)` and two
/// passes through the network.
package struct WeightSpaceKernel: FunctionSpaceKernel {
    /// A row for the activity of a hidden unit, multiplied by `scale`.
    package typealias Row = KernelRow

    /// The rows of hidden units, from the last layer to the first.
    package private(set) var rows: [Row]
    /// `Sᵢ/√B` with `SᵢSᵢᵀ = ∇²ℓᵢ`; empty if the kernel has no output rows.
    private let outputRoots: [Matrix<Double>]
    private let factor: Factor
    private let outputCount: Int
    /// The model as it was: `R` must stay the one that was factorized, or `M` is not definite.
    private var model: WeightSpaceModel
    private var right: Matrix<Double>
    private var seeds: PerLayer<Matrix<Double>>
    /// The diagonal of `D`.
    private let learningRates: LearningRates
    /// `Dr`, where its layers have different rates.
    private var scaledResidual: Parameters<Double>

    /// `E + RDRᵀ`, factorized.
    private enum Factor {
        case double(CholeskyFactorization)
        case single(SinglePrecisionCholesky)

        func solveInPlace(_ right: inout Matrix<Double>) {
            switch self {
            case .double(let factor): factor.solveInPlace(&right)
            case .single(let factor): factor.solveInPlace(&right)
            }
        }
    }

    /// From this many rows a preconditioner is factorized in single precision: the factor in double precision no longer
    /// fits a cache of 2 MiB, and two triangular solves for each product wait for memory.
    static let singlePrecisionOrder = 512
    /// How large the trace, a bound on `‖E + RDRᵀ‖`, may be in units of single precision's `1/ε`. With `‖E′‖ ≤ 1/10` for
    /// the error of the factorization `E + RDRᵀ + E′`, and `E = I`, the preconditioner `D − DRᵀ(I + RDRᵀ + E′)⁻¹RD` is
    /// positive definite, as conjugate gradients need.
    private static let singlePrecisionTrace = 0.1

    private static func factorize(_ core: Matrix<Double>, rigid: Bool) -> Factor? {
        let count = core.rows
        let trace = (0..<count).reduce(0) { $0 + core[$1, $1] }
        if !rigid && count >= singlePrecisionOrder && trace * Double(Float.ulpOfOne) <= singlePrecisionTrace,
            let factor = SinglePrecisionCholesky(core) {
            return .single(factor)
        }
        return (try? CholeskyFactorization(core)).map(Factor.double)
    }

    /// Above this many rows the kernel's factorization costs more than it saves.
    static let rowLimit = 8000
    /// What stands for a compliance of zero: rows may be linearly dependent (duplicated examples).
    private static let rigidity = 1e-10

    /// The kernel of a differentiated model; `nil` if it is too large or not positive definite.
    ///
    /// - Parameters:
    ///   - rows: hidden units, from the last layer to the first.
    ///   - rigid: the rows are constraints; their scales are replaced by `1/√(α‖row‖²)`.
    ///   - withOutputs: whether the outputs are part of it.
    ///   - learningRates: other rates than the problem's.
    package init?(
        _ model: WeightSpaceModel, rows: [Row], rigid: Bool, withOutputs: Bool,
        learningRates: LearningRates? = nil
    ) {
        let learningRates = learningRates ?? model.learningRates
        self.learningRates = learningRates
        let outputWidth = model.architecture.outputWidth
        outputRoots = withOutputs ? model.problem.loss.curvatureRoots(model.activities[model.depth]) : []
        outputCount = withOutputs ? outputWidth * model.examples : 0
        self.rows = rows
        let count = outputCount + rows.count
        guard count > 0, count <= Self.rowLimit else { return nil }
        var core = Self.gram(model, rows: rows, outputRoots: outputRoots, learningRates)
        if rigid {
            for k in rows.indices {
                let size = core[outputCount + k, outputCount + k]
                self.rows[k].scale = size > 0 ? 1 / (learningRates.common * size).squareRoot() : 1
            }
            let scales = Array(repeating: 1, count: outputCount) + self.rows.map(\.scale)
            core.withMutablePointer { g in
                for q in 0..<count {
                    for p in q..<count { g[p + q * count] *= scales[p] * scales[q] }
                }
            }
        }
        core.scale(by: learningRates.common)
        for p in 0..<count { core[p, p] += rigid && p >= outputCount ? Self.rigidity : 1 }
        guard let factor = Self.factorize(core, rigid: rigid) else { return nil }
        self.factor = factor
        self.model = model
        right = Matrix(rows: count, columns: 1)
        seeds = model.activities
        scaledResidual = learningRates.isUniform ? Parameters(layers: []) : model.update
    }

    /// What construction costs, in Hessian-vector products with the application that goes with each.
    package var costInProducts: Int {
        let count = Double(right.rows)
        let units = Double(model.architecture.activityCount)
        let product = 20 * Double(model.update.count * model.examples)
        return Int(count * count * (units + count / 3) / product)
    }

    /// `z ← M⁻¹ r`; returns `y`, of which the entries of rigid rows are multipliers.
    ///
    /// - Parameter displacements: what `Rz` is to be on rigid rows, for hidden units in units of
    ///   activity; zero if `nil`.
    @discardableResult
    package mutating func apply(
        to residual: Parameters<Double>,
        displacements: [Double]?, into result: inout Parameters<Double>
    ) -> Matrix<Double> {
        if learningRates.isUniform {
            model.linearize(along: residual)
            gather()
            right.scale(by: learningRates.common)
        } else {
            for n in residual.layers.indices {
                scaledResidual.layers[n].assign(residual.layers[n], scaledBy: learningRates[n])
            }
            model.linearize(along: scaledResidual)
            gather()
        }
        if let displacements {
            for (k, row) in rows.enumerated() {
                right[outputCount + k, 0] -= row.scale * displacements[k]
            }
        }
        factor.solveInPlace(&right)
        scatter()
        model.pullBack(seeds, into: &result)
        for n in result.layers.indices {
            result.layers[n].scale(by: -learningRates[n])
            result.layers[n].add(residual.layers[n], scaledBy: learningRates[n])
        }
        return right
    }

    package init?(_ model: WeightSpaceModel, rows: [Row], rigid: Bool) {
        self.init(model, rows: rows, rigid: rigid, withOutputs: true)
    }

    /// `right ← R v` from the tangents along `v`.
    private mutating func gather() {
        let width = model.architecture.outputWidth
        let outputs = model.activityTangents[model.depth]
        right.withMutablePointer { target in
            outputs.withPointer { h in
                for (example, root) in outputRoots.enumerated() {
                    root.withPointer {
                        Double._gemv(
                            .transposed, width, width, 1, $0, width, h + example * width, 0,
                            target + example * width)
                    }
                }
            }
            for (k, row) in rows.enumerated() {
                target[outputCount + k] =
                    row.scale * model.activityTangents[row.layer].elements[row.index]
            }
        }
    }

    /// `seeds ← y` spread over the activities, so that pulling them back gives `Rᵀy`.
    private mutating func scatter() {
        let width = model.architecture.outputWidth
        for n in seeds.indices { seeds[n].scale(by: 0) }
        seeds[model.depth].withMutablePointer { target in
            right.withPointer { y in
                for (example, root) in outputRoots.enumerated() {
                    root.withPointer {
                        Double._gemv(
                            .none, width, width, 1, $0, width, y + example * width, 0,
                            target + example * width)
                    }
                }
            }
        }
        for (k, row) in rows.enumerated() {
            seeds[row.layer].withMutablePointer {
                $0[row.index] += row.scale * right.elements[outputCount + k]
            }
        }
    }

    /// `RDRᵀ/α`, the lower triangle.
    private static func gram(
        _ model: WeightSpaceModel, rows: [Row], outputRoots: [Matrix<Double>], _ learningRates: LearningRates
    ) -> Matrix<Double> {
        let architecture = model.architecture
        let outputWidth = architecture.outputWidth
        let outputCount = outputRoots.count * outputWidth
        let count = outputCount + rows.count
        let examples = (0..<outputCount).map { $0 / outputWidth }
            + rows.map { $0.index / architecture.widths[$0.layer] }
        var result = Matrix<Double>(rows: count, columns: count)
        var signals = Matrix<Double>(rows: outputWidth, columns: outputCount)
        for (example, root) in outputRoots.enumerated() {
            for k in 0..<outputWidth {
                for i in 0..<outputWidth { signals[i, example * outputWidth + k] = root[i, k] }
            }
        }
        for n in stride(from: model.depth - 1, through: 0, by: -1) {
            if n + 1 < model.depth { signals = pulledBack(signals, through: n + 1, model, examples: examples) }
            var products = Matrix<Double>(rows: signals.columns, columns: signals.columns)
            products.assignSymmetricProduct(signals, .transposed)
            var rates = Matrix<Double>(rows: model.examples, columns: model.examples)
            let multiple = learningRates.multiple(ofLayer: n)
            let held = model.problem.held
            if !held.holdsWeights(ofLayer: n) {
                rates.assignProduct(model.rates[n], .transposed, model.rates[n], scale: multiple)
            }
            let bias = architecture.biases[n] && !held.holdsBias(ofLayer: n) ? multiple : 0
            add(products, weightedBy: rates, bias: bias, examples: examples, to: &result)
            guard n + 1 < model.depth else { continue }
            let units = rows.filter { $0.layer == n + 1 }
            signals = appending(units, to: signals, height: architecture.widths[n + 1])
            add(units, signals: signals, weightedBy: rates, bias: bias, examples: examples, to: &result)
        }
        return result
    }

    /// `φ′ₙ ⊙ Wₙᵀ J`, each column with the slopes of its own example.
    private static func pulledBack(
        _ signals: Matrix<Double>, through n: Int, _ model: WeightSpaceModel, examples: [Int]
    ) -> Matrix<Double> {
        let width = model.architecture.widths[n]
        var result = Matrix<Double>(rows: width, columns: signals.columns)
        result.assignProduct(model.weights.layers[n], .transposed, signals, width: width)
        result.withMutablePointer { target in
            model.slopes[n].withPointer { slopes in
                for column in 0..<signals.columns {
                    let (output, slope) = (target + column * width, slopes + examples[column] * width)
                    for i in 0..<width { output[i] *= slope[i] }
                }
            }
        }
        return result
    }

    private static func appending(
        _ rows: [Row], to signals: Matrix<Double>, height: Int
    ) -> Matrix<Double> {
        let before = signals.columns
        var result = Matrix<Double>(rows: height, columns: before + rows.count)
        result.withMutablePointer { target in
            signals.withPointer { target.update(from: $0, count: height * before) }
            for (k, row) in rows.enumerated() {
                target[(before + k) * height + row.index % height] = row.scale
            }
        }
        return result
    }

    private static func add(
        _ products: Matrix<Double>, weightedBy rates: Matrix<Double>, bias: Double,
        examples: [Int], to result: inout Matrix<Double>
    ) {
        let (count, order) = (products.columns, result.rows)
        result.withMutablePointer { target in
            products.withPointer { product in
                rates.withPointer { rate in
                    for q in 0..<count {
                        let weights = rate + examples[q] * rates.rows
                        for p in q..<count {
                            target[p + q * order] +=
                                (weights[examples[p]] + bias) * product[p + q * count]
                        }
                    }
                }
            }
        }
    }

    /// The entries of units of the layer itself, the last columns of `signals`: each has its scale at its own unit and
    /// nothing elsewhere, so a product with it is one entry of the other column.
    private static func add(
        _ units: [Row], signals: Matrix<Double>, weightedBy rates: Matrix<Double>, bias: Double,
        examples: [Int], to result: inout Matrix<Double>
    ) {
        let (height, order, before) = (signals.rows, result.rows, signals.columns - units.count)
        let places = units.map { $0.index % height }
        result.withMutablePointer { target in
            signals.withPointer { signal in
                rates.withPointer { rate in
                    for q in 0..<signals.columns {
                        let (weights, column) = (rate + examples[q] * rates.rows, signal + q * height)
                        for p in max(q, before)..<signals.columns {
                            let product = units[p - before].scale * column[places[p - before]]
                            target[p + q * order] += (weights[examples[p]] + bias) * product
                        }
                    }
                }
            }
        }
    }
}
