import ImplicitSGD
import LinearAlgebra
import Networks

/// `αE(h)` of T2 and T3 from the definition, in plain loops: shares no code with `ActivityEnergy`.
///
/// The prediction errors are `h − Wā` and not formed from displacements, and `K⁻¹` comes from elimination.
struct NaiveActivityEnergy {
    let problem: ProximalProblem

    func callAsFunction(_ activities: PerLayer<Matrix<Double>>) -> Double {
        let architecture = problem.network.architecture
        let examples = problem.batch.size
        var rates = problem.batch.inputs
        var energy = 0.0
        for (n, weights) in problem.network.parameters.layers.enumerated() {
            let extended = Matrix<Double>(rows: weights.columns, columns: examples) { i, j in
                i < rates.rows ? rates[i, j] : 1
            }
            let activity = activities[n + 1]
            let error = activity - naiveProduct(weights, extended)
            let inverse = naiveInverse(naiveProduct(extended.transposed, extended))
            let weighted = naiveProduct(error, inverse)
            for j in 0..<examples { for i in 0..<error.rows { energy += weighted[i, j] * error[i, j] / 2 } }
            rates = Matrix(rows: activity.rows, columns: examples) { i, j in
                var value = Matrix<Double>(rows: 1, columns: 1)
                architecture.activation(ofLayer: n + 1).evaluate(Matrix(column: [activity[i, j]]), into: &value)
                return value[0, 0]
            }
        }
        let loss = problem.loss.total(activities[architecture.depth], targets: problem.batch.targets)
        return energy + problem.learningRate / Double(examples) * loss
    }
}

/// Gauss and Jordan's elimination with row exchanges.
func naiveInverse(_ matrix: Matrix<Double>) -> Matrix<Double> {
    let order = matrix.rows
    var rows = (0..<order).map { i in
        (0..<order).map { matrix[i, $0] } + (0..<order).map { $0 == i ? 1.0 : 0 }
    }
    for k in 0..<order {
        let pivot = (k..<order).max { abs(rows[$0][k]) < abs(rows[$1][k]) } ?? k
        rows.swapAt(k, pivot)
        let scale = rows[k][k]
        rows[k] = rows[k].map { $0 / scale }
        for i in 0..<order where i != k {
            let factor = rows[i][k]
            for j in rows[i].indices { rows[i][j] -= factor * rows[k][j] }
        }
    }
    return Matrix(rows: order, columns: order) { rows[$0][order + $1] }
}

func naiveProduct(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
    Matrix(rows: a.rows, columns: b.columns) { i, j in
        (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
    }
}
