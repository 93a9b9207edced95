internal import ImplicitSGD
package import Intervals
internal import LinearAlgebra
internal import Networks

/// `∂²(αE)/∂h²` of order `B·Σdₙ`, wherever `h` is in the box.
///
/// With `F = dH_{n+1} − Wₙ⁺dAₙ`, `dG = FK⁻¹ − G dAᵀM` and, with `Π = MĀᵀ` between rates without the bias, layer `n` gives
///
/// `d²f = tr FK⁻¹Fᵀ − 2⟨G, FMᵀdA⟩ − ⟨G, G dAᵀ(I − Π)dA⟩ − ⟨C, φ″⊙dH²⟩`.
///
/// At a stationary point this is the form of ``ActivityCurvature``, which takes `G = −κδ` from it.
extension EnergyEnclosure {
    package var hessian: BallMatrix {
        var result = BlockHessian(widths: Array(problem.network.architecture.widths.dropFirst()), examples: problem.batch.size)
        for n in responses.indices {
            addMetric(n, to: &result)
            if n > 0 { addLayer(n, to: &result) }
        }
        addLoss(to: &result)
        return result.symmetric
    }

    /// `tr dH_{n+1}K⁻¹dH_{n+1}ᵀ`.
    private func addMetric(_ n: Int, to result: inout BlockHessian) {
        for i in 0..<problem.batch.size {
            for k in 0...i {
                let entry = inverses[n][i, k]
                for p in 0..<activities[n].rows { result.add(entry, (n + 1, i, p), (n + 1, k, p)) }
            }
        }
    }

    /// All else that layer `n`'s weights give.
    private func addLayer(_ n: Int, to result: inout BlockHessian) {
        let architecture = problem.network.architecture
        let (response, inverse, rate) = (responses[n].rowsOfIntervals, inverses[n].rowsOfIntervals, rates[n])
        let weights = BallMatrix(exactly: problem.network.parameters.layers[n].columns(0..<rate.rows))
            + .product(responses[n], .none, rate, .transposed)
        let updated = weights.rowsOfIntervals
        let square = BallMatrix.product(weights, .transposed, weights).rowsOfIntervals
        let moments = BallMatrix.product(rate, .none, inverses[n])
        let moment = moments.rowsOfIntervals
        let projection = BallMatrix.product(moments, .none, rate, .transposed).rowsOfIntervals
        let products = BallMatrix.product(responses[n], .transposed, responses[n]).rowsOfIntervals
        let back = feedback[n - 1].rowsOfIntervals
        let slopes = slope(n).rowsOfIntervals
        let activation = architecture.activation(ofLayer: n)
        for k in 0..<problem.batch.size {
            for i in 0..<problem.batch.size {
                for q in 0..<rate.rows {
                    let (s, m) = (slopes[q][k], moment[q][i])
                    for p in 0..<response.count {
                        result.add(
                            -(s * (inverse[i][k] * updated[p][q] + response[p][k] * m)), (n + 1, i, p), (n, k, q))
                    }
                }
            }
            for i in k..<problem.batch.size {
                for q in 0..<rate.rows {
                    for p in (i == k ? q : 0)..<rate.rows {
                        let distance = p == q ? Interval(1) - projection[p][q] : -projection[p][q]
                        let entry = inverse[i][k] * square[p][q] + back[p][k] * moment[q][i]
                            + back[q][i] * moment[p][k] - products[i][k] * distance
                        result.add(slopes[p][i] * slopes[q][k] * entry, (n, i, p), (n, k, q))
                    }
                }
            }
            for p in 0..<rate.rows {
                let bend = activation.curvatureEnclosure(activities[n - 1][p, k])
                result.add(-(bend * back[p][k]), (n, k, p), (n, k, p))
            }
        }
    }

    /// `κ∇²ℓ`.
    private func addLoss(to result: inout BlockHessian) {
        let depth = problem.network.architecture.depth
        for i in 0..<problem.batch.size {
            let curvature = problem.loss.hessianEnclosure(
                activities[depth - 1], targets: problem.batch.targets, example: i)
            for q in 0..<curvature.rows {
                for p in q..<curvature.rows {
                    result.add(step * curvature[p, q], (depth, i, p), (depth, i, q))
                }
            }
        }
    }
}

/// The lower triangle of a Hessian over activities, with the place of each unit.
private struct BlockHessian {
    typealias Place = (layer: Int, example: Int, unit: Int)

    private let widths: [Int]
    private let offsets: [Int]
    private let order: Int
    private var lower: [Double]
    private var upper: [Double]

    init(widths: [Int], examples: Int) {
        self.widths = widths
        offsets = widths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1 * examples) }
        order = offsets[offsets.count - 1]
        lower = Array(repeating: 0, count: order * order)
        upper = lower
    }

    private func index(_ place: Place) -> Int {
        offsets[place.layer - 1] + place.example * widths[place.layer - 1] + place.unit
    }

    mutating func add(_ value: Interval, _ row: Place, _ column: Place) {
        let k = index(row) + index(column) * order
        let sum = Interval(lower: lower[k], upper: upper[k]) + value
        (lower[k], upper[k]) = (sum.lower, sum.upper)
    }

    /// Both triangles.
    var symmetric: BallMatrix {
        BallMatrix(rows: order, columns: order) { i, j in
            let k = max(i, j) + min(i, j) * order
            return Interval(lower: lower[k], upper: upper[k])
        }
    }
}

extension BallMatrix {
    /// Entries for loops that read each many times.
    fileprivate var rowsOfIntervals: [[Interval]] {
        (0..<rows).map { i in (0..<columns).map { j in self[i, j] } }
    }
}
