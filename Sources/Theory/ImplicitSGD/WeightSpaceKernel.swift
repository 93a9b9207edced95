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
package struct WeightSpaceKernel<Scalar: BLASScalar>: FunctionSpaceKernel {
    /// A row for the activity of a hidden unit, multiplied by `scale`.
    package typealias Row = KernelRow

    /// The rows of hidden units, from the last layer to the first.
    package private(set) var rows: [Row]
    /// `Sᵢ/√B` with `SᵢSᵢᵀ = ∇²ℓᵢ`; empty if the kernel has no output rows.
    private let outputRoots: [Matrix<Scalar>]
    private let factor: Factor
    private let outputCount: Int
    /// The point as it was: `R` must stay the one that was factorized, or `M` is not definite.
    private var point: WeightSpacePoint<Scalar>
    private var right: Matrix<Scalar>
    private var seeds: PerLayer<Matrix<Scalar>>
    /// The diagonal of `D`.
    private let learningRates: LearningRates
    /// `Dr`, where its layers have different rates.
    private var scaledResidual: Parameters<Scalar>

    /// `E + RDRᵀ`, factorized.
    private enum Factor {
        case double(CholeskyFactorization)
        case single(SinglePrecisionCholesky)

        func solveInPlace<S: BLASScalar>(_ right: inout Matrix<S>) {
            switch self {
            case .double(let factor):
                var column = right.converted(to: Double.self)
                factor.solveInPlace(&column)
                right = column.converted(to: S.self)
            case .single(let factor):
                factor.solveInPlace(&right)
            }
        }
    }

    /// From this many rows a preconditioner is factorized in single precision: the factor in double precision no longer
    /// fits a cache of 2 MiB, and two triangular solves for each product wait for memory.
    static var singlePrecisionOrder: Int { 512 }
    /// How large a bound on `‖E + RDRᵀ‖` may be in units of single precision's `1/ε`. With `‖E′‖ ≤ 1/10` for
    /// the error of the factorization `E + RDRᵀ + E′`, and `E = I`, the preconditioner `D − DRᵀ(I + RDRᵀ + E′)⁻¹RD` is
    /// positive definite, as conjugate gradients need.
    private static var singlePrecisionNorm: Double { 0.1 }

    private static func factorize(_ core: Matrix<Scalar>, rigid: Bool) -> Factor? {
        let isWanted = Scalar.self == Float.self || core.rows >= singlePrecisionOrder
        if !rigid && isWanted && core.symmetricNormBound() * Double(Float.ulpOfOne) <= singlePrecisionNorm,
            let factor = SinglePrecisionCholesky(core) {
            return .single(factor)
        }
        guard Scalar.self == Double.self else { return nil }
        return (try? CholeskyFactorization(core.converted(to: Double.self))).map(Factor.double)
    }

    /// Above this many rows the kernel's factorization costs more than it saves.
    static var rowLimit: Int { 8000 }
    /// What stands for a compliance of zero: rows may be linearly dependent (duplicated examples).
    private static var rigidity: Scalar { 1e-10 }

    /// The kernel at a point; `nil` if it is too large, or not positive definite as far as `Scalar` can tell.
    ///
    /// - Parameters:
    ///   - rows: hidden units, from the last layer to the first.
    ///   - rigid: the rows are constraints; their scales are replaced by `1/√(α‖row‖²)`.
    ///   - withOutputs: whether the outputs are part of it.
    ///   - learningRates: other rates than the problem's.
    package init?(
        _ point: WeightSpacePoint<Scalar>, rows: [Row], rigid: Bool, withOutputs: Bool,
        learningRates: LearningRates? = nil
    ) {
        let learningRates = learningRates ?? point.learningRates
        self.learningRates = learningRates
        let logits = point.pass.logits
        outputRoots = withOutputs
            ? point.problem.loss.curvatureRoots(logits.converted(to: Double.self)).map { $0.converted(to: Scalar.self) } : []
        outputCount = withOutputs ? logits.count : 0
        self.rows = rows
        let count = outputCount + rows.count
        guard count > 0, count <= Self.rowLimit else { return nil }
        var core = Self.gram(point, rows: rows, outputRoots: outputRoots, learningRates)
        if rigid {
            for k in rows.indices {
                let size = Double(core[outputCount + k, outputCount + k])
                self.rows[k].scale = size > 0 ? 1 / (learningRates.common * size).squareRoot() : 1
            }
            let scales = Array(repeating: 1, count: outputCount) + self.rows.map { Scalar($0.scale) }
            core.withMutablePointer { g in
                for q in 0..<count {
                    for p in q..<count { g[p + q * count] *= scales[p] * scales[q] }
                }
            }
        }
        core.scale(by: Scalar(learningRates.common))
        for p in 0..<count { core[p, p] += rigid && p >= outputCount ? Self.rigidity : 1 }
        guard let factor = Self.factorize(core, rigid: rigid) else { return nil }
        self.factor = factor
        self.point = point
        right = Matrix(rows: count, columns: 1)
        seeds = point.pass.activities
        scaledResidual = learningRates.isUniform ? Parameters(layers: []) : point.pass.weights
    }

    /// What construction costs, in Hessian-vector products with the application that goes with each.
    package var costInProducts: Int {
        let count = Double(right.rows)
        let units = Double(point.architecture.activityCount)
        let product = 20 * Double(point.pass.weights.count * point.pass.logits.columns)
        return Int(count * count * (units + count / 3) / product)
    }

    /// `z ← M⁻¹ r`; returns `y`, of which the entries of rigid rows are multipliers.
    ///
    /// - Parameter displacements: what `Rz` is to be on rigid rows, for hidden units in units of
    ///   activity; zero if `nil`.
    @discardableResult
    package mutating func apply(
        to residual: Parameters<Scalar>,
        displacements: [Double]?, into result: inout Parameters<Scalar>
    ) -> Matrix<Scalar> {
        if learningRates.isUniform {
            point.linearize(along: residual)
            gather()
            right.scale(by: Scalar(learningRates.common))
        } else {
            for n in residual.layers.indices {
                scaledResidual.layers[n].assign(residual.layers[n], scaledBy: Scalar(learningRates[n]))
            }
            point.linearize(along: scaledResidual)
            gather()
        }
        if let displacements {
            for (k, row) in rows.enumerated() {
                right[outputCount + k, 0] -= Scalar(row.scale * displacements[k])
            }
        }
        factor.solveInPlace(&right)
        scatter()
        point.pullBack(seeds, into: &result)
        for n in result.layers.indices {
            result.layers[n].scale(by: Scalar(-learningRates[n]))
            result.layers[n].add(residual.layers[n], scaledBy: Scalar(learningRates[n]))
        }
        return right
    }

    package init?(_ point: WeightSpacePoint<Scalar>, rows: [Row], rigid: Bool) {
        self.init(point, rows: rows, rigid: rigid, withOutputs: true)
    }

    /// `right ← R v` from the tangents along `v`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    private mutating func gather() {
        let width = point.architecture.outputWidth
        let outputs = point.activityTangents[point.architecture.depth]
        right.withMutablePointer { target in
            outputs.withPointer { h in
                for (example, root) in outputRoots.enumerated() {
                    root.withPointer {
                        Scalar._gemv(
                            .transposed, width, width, 1, $0, width, h + example * width, 0,
                            target + example * width)
                    }
                }
            }
            for (k, row) in rows.enumerated() {
                target[outputCount + k] =
                    Scalar(row.scale) * point.activityTangents[row.layer].elements[row.index]
            }
        }
    }

    /// `seeds ← y` spread over the activities, so that pulling them back gives `Rᵀy`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    private mutating func scatter() {
        let width = point.architecture.outputWidth
        for n in seeds.indices { seeds[n].scale(by: 0) }
        seeds[point.architecture.depth].withMutablePointer { target in
            right.withPointer { y in
                for (example, root) in outputRoots.enumerated() {
                    root.withPointer {
                        Scalar._gemv(
                            .none, width, width, 1, $0, width, y + example * width, 0,
                            target + example * width)
                    }
                }
            }
        }
        for (k, row) in rows.enumerated() {
            seeds[row.layer].withMutablePointer {
                $0[row.index] += Scalar(row.scale) * right.elements[outputCount + k]
            }
        }
    }
}

extension Matrix {
    /// A bound on the norm of a positive definite matrix, of which the lower triangle is read: the smaller one of its trace and
    /// its largest sum of magnitudes along a row.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    fileprivate func symmetricNormBound() -> Double {
        var sums = [Double](repeating: 0, count: rows)
        var trace = 0.0
        withPointer { entry in
            for j in 0..<rows {
                trace += Double(entry[j + j * rows])
                sums[j] += Double(entry[j + j * rows].magnitude)
                for i in j + 1..<max(j + 1, rows) {
                    let size = Double(entry[i + j * rows].magnitude)
                    sums[i] += size
                    sums[j] += size
                }
            }
        }
        return min(trace, sums.max() ?? 0)
    }
}
