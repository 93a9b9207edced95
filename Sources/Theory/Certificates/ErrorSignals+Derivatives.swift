internal import ImplicitSGD
package import Intervals
internal import LinearAlgebra
internal import Networks

/// First derivatives of ``ErrorSignals/deviation``, and the second derivatives of `P_α`, of order `B·Σdₙ`.
///
/// With `dA = φ′⊙dH` a change of the signals changes the pass by `dHₙ₊₁ = Wₙ⁺dAₙ + κₙΓₙdAₙᵀAₙ + dΓₙPₙ`. Call `Vₙ` the matrix
/// of its first two terms by `dHₙ`, φ′ included. What is sent back changes by `Vₙᵀ` of `dΓₙ` and by
/// `SₙdHₙ`, `Sₙ = diag(φ″⊙C) + κₙφ′(ΓₙᵀΓₙ)φ′` in each unit, so `Vₙ` serves both passes.
extension ErrorSignals {
    /// The first coordinate of `Γₙ`, and the order at the end.
    var offsets: [Int] {
        signals.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.rows * $1.columns) }
    }

    /// The Jacobian of ``deviation``.
    package var jacobian: BallMatrix {
        let (offsets, depth) = (offsets, architecture.depth)
        let propagators = architecture.hiddenLayers.map(propagator)
        let changes = changes(propagators, sources: metrics)
        var result = BlockMatrix(order: offsets[depth])
        for n in architecture.hiddenLayers {
            result.set(.product(bending(n), .none, changes[n - 1]), row: offsets[n - 1], column: 0)
            result.set(propagators[n - 1].transposed.negated, row: offsets[n - 1], column: offsets[n])
        }
        result.set(.product(lossCurvature, .none, changes[depth - 1]), row: offsets[depth - 1], column: 0)
        result.addIdentity()
        let heights = changes.enumerated().map { (offsets[$0.offset], $0.element) }
        for k in face.held {
            let n = offsets.lastIndex { $0 <= k } ?? 0
            result.setRow(k, to: heights[n].1, row: k - heights[n].0)
        }
        return result.matrix
    }

    /// A matrix that is positive definite only if `∇²P_α` is, along every change of the moving parameters that keeps held units
    /// on their kinks; `nil` where no bound of the `Pₙ` was found.
    ///
    /// Times `B`, `∇²P_α` is `Σ ‖Dₙ − κₙΓₙdAₙᵀ‖²/κₙ + dHᵀSdH`, with `S` minus the ``bending`` in hidden layers and `∇²ℓ` on top. The
    /// part of `Dₙ` that moves the pass gives `dH = L𝒫Λ` and costs `Λᵀ𝒫Λ`, so for every `Q` with `QQᵀ ⪰ 𝒫` it is enough that
    /// `I + (LQ)ᵀS(LQ)` is positive definite: with `z = 𝒫Λ`, `Λᵀ𝒫Λ ≥ zᵀ(QQᵀ)⁻¹z`. For held units a multiple of `dHⱼ²` is added,
    /// which changes nothing where they stay.
    var curvature: BallMatrix? {
        var roots: [BallMatrix] = []
        for metric in metrics {
            guard let root = Self.upperRoot(metric) else { return nil }
            roots.append(root)
        }
        let depth = architecture.depth
        let changes = changes(architecture.hiddenLayers.map(propagator), sources: roots)
        var result = BallMatrix(exactly: .identity(offsets[depth]))
        for n in 1...depth {
            var form = n < depth ? bending(n) : lossCurvature
            for k in face.held where n < depth && (offsets[n - 1]..<offsets[n]).contains(k) {
                let row = k - offsets[n - 1]
                let size = (0..<changes[n - 1].columns).reduce(0.0) { $0 + changes[n - 1].center[row, $1].magnitudeSquared }
                form[row, row] = form[row, row] + Interval(size > 0 ? min(Self.penalty / size, 1e300) : 0)
            }
            let square = BallMatrix.product(
                changes[n - 1], .transposed, .product(form, .none, changes[n - 1]))
            result = result + square.padded(to: offsets[depth])
        }
        return BallMatrix(rows: result.rows, columns: result.columns) { i, j in result[max(i, j), min(i, j)] }
    }

    /// How much more than the change itself a held unit's departure costs.
    private static let penalty = 1e6

    /// `dH₁ … dH_N` by all signals below, for `dHₙ₊₁ = VₙdHₙ + dΓₙ·source`.
    private func changes(_ propagators: [BallMatrix], sources: [BallMatrix]) -> [BallMatrix] {
        var result: [BallMatrix] = []
        for n in 0..<architecture.depth {
            let own = Self.kronecker(sources[n], width: signals[n].rows)
            result.append(n == 0 ? own : BallMatrix.product(propagators[n - 1], .none, result[n - 1]).appendingColumns(own))
        }
        return result
    }

    /// `Vₙ`: example `k` of layer `n + 1` by example `i` of layer `n`.
    private func propagator(_ n: Int) -> BallMatrix {
        let (width, above, examples) = (architecture.widths[n], signals[n].rows, problem.batch.size)
        let slopes = slope(n)
        let moves = !problem.held.holdsWeights(ofLayer: n)
        let step = Self.step(problem, n)
        let scaled = signals[n].map { step * $0 }
        return BallMatrix(rows: above * examples, columns: width * examples) { row, column in
            let (p, k, q, i) = (row % above, row / above, column % width, column / width)
            let own = i == k ? weights[n][p, q] : .zero
            return slopes[q, i] * (moves ? own + scaled[p, i] * rates[n][q, k] : own)
        }
    }

    /// `−Sₙ`, for ``deviation`` as for the second derivatives.
    private func bending(_ n: Int) -> BallMatrix {
        let (width, examples) = (architecture.widths[n], problem.batch.size)
        let (slopes, bends, back) = (slope(n), bend(n), feedback[n - 1])
        let step = problem.held.holdsWeights(ofLayer: n) ? Interval.zero : Self.step(problem, n)
        let products = BallMatrix.product(signals[n], .transposed, signals[n])
        var result = BallMatrix(exactly: Matrix(rows: width * examples, columns: width * examples))
        for j in 0..<width {
            for i in 0..<examples {
                for k in 0..<examples {
                    let turn = slopes[j, i] * slopes[j, k] * (step * products[k, i])
                    let all = i == k ? bends[j, k] * back[j, k] + turn : turn
                    result[k * width + j, i * width + j] = -all
                }
            }
        }
        return result
    }

    /// `∇²ℓ` of every example.
    private var lossCurvature: BallMatrix {
        let (width, examples, depth) = (architecture.outputWidth, problem.batch.size, architecture.depth)
        var result = BallMatrix(exactly: Matrix(rows: width * examples, columns: width * examples))
        for k in 0..<examples {
            let block = problem.loss.hessianEnclosure(activities[depth - 1], targets: problem.batch.targets, example: k)
            for q in 0..<width {
                for p in 0..<width { result[k * width + p, k * width + q] = block[p, q] }
            }
        }
        return result
    }

    /// `M ⊗ I`: example by example, unit by unit.
    private static func kronecker(_ matrix: BallMatrix, width: Int) -> BallMatrix {
        var result = BallMatrix(exactly: Matrix(rows: matrix.rows * width, columns: matrix.columns * width))
        for i in 0..<matrix.columns {
            for k in 0..<matrix.rows {
                for p in 0..<width { result[k * width + p, i * width + p] = matrix[k, i] }
            }
        }
        return result
    }

    /// A `q` with `qqᵀ − P` proved positive definite for every `P` of the ball; 0 for `P = 0`.
    private static func upperRoot(_ metric: BallMatrix) -> BallMatrix? {
        let order = metric.rows
        let largest = (0..<order).reduce(0.0) { max($0, metric.center[$1, $1]) }
        if metric.maximumRowSum == 0 { return metric }
        let spread = BallMatrix(center: Matrix(rows: order, columns: order), radius: metric.radius).maximumRowSum
        var raised = metric.center
        for i in 0..<order { raised[i, i] += 1e-10 * largest + 8 * spread }
        guard let factor = try? CholeskyFactorization(raised) else { return nil }
        let root = BallMatrix(exactly: Matrix(rows: order, columns: order) { i, j in i >= j ? factor.factor[i, j] : 0 })
        return (BallMatrix.product(root, .none, root, .transposed) - metric).isProvedPositiveDefinite ? root : nil
    }
}

/// A square matrix that is filled block by block.
private struct BlockMatrix {
    private var center: Matrix<Double>
    private var radius: Matrix<Double>

    init(order: Int) {
        center = Matrix(rows: order, columns: order)
        radius = center
    }

    var matrix: BallMatrix { BallMatrix(center: center, radius: radius) }

    mutating func set(_ block: BallMatrix, row: Int, column: Int) {
        for j in 0..<block.columns {
            for i in 0..<block.rows {
                center[row + i, column + j] = block.center[i, j]
                radius[row + i, column + j] = block.radius[i, j]
            }
        }
    }

    mutating func addIdentity() {
        for i in 0..<center.rows {
            let sum = Interval(center: center[i, i], radius: radius[i, i]) + Interval(1)
            (center[i, i], radius[i, i]) = (sum.midpoint, sum.radius)
        }
    }

    /// Row `k` becomes a row of a matrix of fewer columns, and 0 beyond them.
    mutating func setRow(_ k: Int, to block: BallMatrix, row: Int) {
        for j in 0..<center.columns {
            center[k, j] = j < block.columns ? block.center[row, j] : 0
            radius[k, j] = j < block.columns ? block.radius[row, j] : 0
        }
    }
}

extension BallMatrix {
    fileprivate var negated: BallMatrix { BallMatrix(center: -1 * center, radius: radius) }

    /// Both side by side.
    fileprivate func appendingColumns(_ other: BallMatrix) -> BallMatrix {
        func joined(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
            Matrix(rows: rows, columns: columns + other.columns) { i, j in j < columns ? a[i, j] : b[i, j - columns] }
        }
        return BallMatrix(center: joined(center, other.center), radius: joined(radius, other.radius))
    }

    /// The matrix in the corner of a larger one of zeros.
    fileprivate func padded(to order: Int) -> BallMatrix {
        func wide(_ a: Matrix<Double>) -> Matrix<Double> {
            Matrix(rows: order, columns: order) { i, j in i < rows && j < columns ? a[i, j] : 0 }
        }
        return BallMatrix(center: wide(center), radius: wide(radius))
    }
}

extension Double {
    fileprivate var magnitudeSquared: Double { self * self }
}
