internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// `∇²P_α` at a stationary point, reduced to changes `ẋ` of the activities: a quadratic form `q` of order
/// `B·Σdₙ` that is positive definite exactly where `∇²P_α` is.
///
/// `P_α` to second order along `D` is `‖D‖²/α + 1/B Σᵢ [ẋ_Nᵀ∇²ℓẋ_N + 2Σ δₙ₊₁ᵀDₙȧₙ + Σ (φ″ₙ⊙cₙ)·ẋₙ²]` with
/// `ȧₙ = φ′ₙ⊙ẋₙ`. A `ẋ` fixes `DₙĀₙ = Fₙ₊₁`, `Fₙ₊₁ = Ẋₙ₊₁ − WₙȦₙ`. The least over such `D` is, times `α`,
/// with `κ = α/B`, `Kₙ = mₙĀₙᵀĀₙ` for the learning rate `mₙα` of layer `n`, `P = Kₙ⁻¹`, `Π = mₙAₙPAₙᵀ`:
///
/// `Σ tr FPFᵀ + 2Σᵢₖ (κδᵢ·fₖ)(mAPₖ·ȧᵢ) − Σᵢₖ m(κδᵢ·κδₖ) ȧᵢᵀ(I − Π)ȧₖ + κΣᵢ [ẋ_Nᵀ∇²ℓẋ_N + (φ″⊙c)·ẋ²]`.
///
/// Units held on their kink are coordinates that stay 0, and are left out.
struct ActivityCurvature {
    let problem: ProximalProblem
    let pass: CertifyingPass
    let weights: [Matrix<Double>]
    /// `Kₙ⁻¹`; without the bias's 1 where the bias is held.
    private let inverses: [Matrix<Double>]
    /// The first coordinate of layer `n` at index `n − 1`, and the order at the end.
    private let offsets: [Int]

    var order: Int { offsets[offsets.count - 1] }

    /// The largest order that is factorized.
    static let orderLimit = 3000

    /// `nil` where a Gram matrix is singular to working precision, weights are held, or the order is too large.
    init?(_ problem: ProximalProblem, _ pass: CertifyingPass, weights: [Matrix<Double>]) {
        self.problem = problem
        self.pass = pass
        self.weights = weights
        let examples = problem.batch.size
        let offsets = problem.network.architecture.widths.dropFirst().reduce(into: [0]) {
            $0.append($0[$0.count - 1] + $1 * examples)
        }
        self.offsets = offsets
        guard offsets[offsets.count - 1] <= Self.orderLimit else { return nil }
        var inverses: [Matrix<Double>] = []
        for n in 0..<problem.network.architecture.depth {
            let rates = problem.regressors(ofLayer: n, pass.rates[n].center).rows
            guard !problem.held.holdsWeights(ofLayer: n), rates.rows >= examples,
                let gram = try? Matrix.product(rates, .transposed, rates),
                let factor = try? CholeskyFactorization(gram),
                factor.reciprocalConditionEstimate() > 1e-12,
                var inverse = try? factor.solve(.identity(examples)), inverse.isFinite()
            else { return nil }
            if !problem.rates.isUniform { inverse.scale(by: 1 / problem.rates.multiple(ofLayer: n)) }
            inverses.append(inverse)
        }
        self.inverses = inverses
    }

    /// The coordinate of a unit.
    func coordinate(layer n: Int, unit: Int, example: Int) -> Int {
        offsets[n - 1] + example * problem.network.architecture.widths[n] + unit
    }

    /// A vector of coordinates by layers, `n = 1…N` at index `n − 1`.
    func blocks(_ vector: [Double]) -> [Matrix<Double>] {
        let examples = problem.batch.size
        return problem.network.architecture.widths.dropFirst().enumerated().map { n, width in
            Matrix(rows: width, columns: examples) { i, j in vector[offsets[n] + j * width + i] }
        }
    }

    /// `αq` for the given slopes at hidden units, the lower triangle.
    func matrix(slopes: [Matrix<Double>]) -> Matrix<Double> {
        var result = Matrix<Double>(rows: order, columns: order)
        for n in problem.network.architecture.widths.indices.dropLast() {
            addMetric(layer: n, to: &result)
            if n > 0 { addLayer(n, slopes[n - 1], to: &result) }
        }
        addLoss(to: &result)
        return result
    }

    private var examples: Int { problem.batch.size }
    private var step: Double { problem.learningRate / Double(examples) }

    /// `Ẋₙ₊₁PẊₙ₊₁ᵀ`.
    private func addMetric(layer n: Int, to result: inout Matrix<Double>) {
        let width = problem.network.architecture.widths[n + 1]
        for i in 0..<examples {
            for k in 0...i {
                for p in 0..<width {
                    result[offsets[n] + i * width + p, offsets[n] + k * width + p] += inverses[n][i, k]
                }
            }
        }
    }

    /// Everything else that layer `n`'s weights give, in the changes of layers `n` and `n + 1`.
    private func addLayer(_ n: Int, _ slope: Matrix<Double>, to result: inout Matrix<Double>) {
        let widths = problem.network.architecture.widths
        let (width, next) = (widths[n], widths[n + 1])
        let (own, above) = (offsets[n - 1], offsets[n])
        let w = weights[n].columns(0..<width)
        let inverse = inverses[n]
        let rates = pass.rates[n].center
        let delta = step * pass.errors[n].center
        let feedback = step * pass.feedback[n - 1].center
        var square = Matrix<Double>(rows: width, columns: width)
        square.assignProduct(w, .transposed, w)
        let multiple = problem.rates.multiple(ofLayer: n)
        var dual = rates  // mAPₖ
        dual.assignProduct(rates, inverse, scale: multiple)
        var projection = square
        projection.assignProduct(dual, .none, rates, .transposed)
        var products = Matrix<Double>(rows: examples, columns: examples)
        products.assignProduct(delta, .transposed, delta, scale: multiple)
        let activation = problem.network.architecture.activation(ofLayer: n)
        var curvature = rates
        activation.curvature(pass.activities[n - 1].center, into: &curvature)
        for i in 0..<examples {
            for k in 0..<examples {
                // Layer n + 1 of example i with layer n of example k.
                for q in 0..<width {
                    let s = slope[q, k]
                    let column = own + k * width + q
                    for p in 0..<next {
                        result[above + i * next + p, column] +=
                            s * (delta[p, k] * dual[q, i] - inverse[i, k] * w[p, q])
                    }
                }
                if k > i { continue }
                for q in 0..<width {
                    let column = own + k * width + q
                    for p in (i == k ? q : 0)..<width {
                        let quadratic = inverse[i, k] * square[p, q]
                            - feedback[p, k] * dual[q, i] - feedback[q, i] * dual[p, k]
                            - products[i, k] * ((p == q ? 1 : 0) - projection[p, q])
                        result[own + i * width + p, column] += slope[p, i] * slope[q, k] * quadratic
                    }
                }
            }
            for p in 0..<width {
                let diagonal = own + i * width + p
                result[diagonal, diagonal] += curvature[p, i] * feedback[p, i]
            }
        }
    }

    private func addLoss(to result: inout Matrix<Double>) {
        let depth = problem.network.architecture.depth
        let width = problem.network.architecture.outputWidth
        for i in 0..<examples {
            let hessian = problem.loss.hessian(
                pass.activities[depth - 1].center, targets: problem.batch.targets, example: i)
            let start = offsets[depth - 1] + i * width
            for q in 0..<width {
                for p in q..<width { result[start + p, start + q] += step * hessian[p, q] }
            }
        }
    }
}
