import LearningRules
import LinearAlgebra
import Networks

/// An independent, slow form of inference for mini-batch 1: plain arrays and loops, written from the
/// formulas of `docs/theory.md` §4 and T8. Tests compare the library with it.
struct NaiveInference {
    var weights: [[[Double]]]
    let hasBias: [Bool]
    let activation: Activation
    let loss: Loss
    let target: [Double]
    let learningRate: Double
    var hidden: [[Double]]
    let input: [Double]

    init(_ problem: LearningProblem<Double>) {
        let architecture = problem.network.architecture
        weights = problem.network.parameters.layers.map { layer in
            (0..<layer.rows).map { i in (0..<layer.columns).map { layer[i, $0] } }
        }
        hasBias = architecture.biases
        activation = architecture.activation(ofLayer: 1)
        loss = problem.loss
        target = problem.batch.targets.elements
        learningRate = problem.learningRate
        input = problem.batch.inputs.elements
        hidden = []
        for n in 0..<(architecture.depth - 1) {
            hidden.append(predict(n, from: n == 0 ? input : rate(hidden[n - 1])))
        }
    }

    func rate(_ h: [Double]) -> [Double] {
        var a = Matrix<Double>(rows: h.count, columns: 1)
        activation.evaluate(Matrix(column: h), into: &a)
        return a.elements
    }

    func slope(_ h: [Double]) -> [Double] {
        var d = Matrix<Double>(rows: h.count, columns: 1)
        activation.slope(Matrix(column: h), into: &d)
        return d.elements
    }

    func predict(_ n: Int, from a: [Double]) -> [Double] {
        let extended = hasBias[n] ? a + [1] : a
        return weights[n].map { row in zip(row, extended).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    func rates(_ n: Int) -> [Double] { n == 0 ? input : rate(hidden[n - 1]) }

    func squaredNorm(_ n: Int) -> Double {
        rates(n).reduce(hasBias[n] ? 1 : 0) { $0 + $1 * $1 }
    }

    /// `e₁ … e_N`, the last by `output`, which is given the prediction and `αs_{N−1}`.
    func errors(_ output: (_ p: [Double], _ c: Double) -> [Double]) -> [[Double]] {
        var result: [[Double]] = []
        for n in hidden.indices {
            result.append(zip(hidden[n], predict(n, from: rates(n))).map { $0 - $1 })
        }
        let last = hidden.count
        result.append(output(predict(last, from: rates(last)), learningRate * squaredNorm(last)))
        return result
    }

    func lossGradient(_ p: [Double]) -> [Double] {
        var g = Matrix<Double>(rows: p.count, columns: 1)
        loss.gradient(Matrix(column: p), targets: Matrix(column: target), into: &g)
        return g.elements
    }

    mutating func step(
        size: Double, leak: Double, normalized: Bool, updatedFeedback: Bool,
        output: (_ p: [Double], _ c: Double) -> [Double]
    ) {
        let e = errors(output)
        var next = hidden
        for n in hidden.indices {
            let d = slope(hidden[n])
            let a = rates(n + 1)
            let (before, after) = (squaredNorm(n), squaredNorm(n + 1))
            let square = e[n + 1].reduce(0) { $0 + $1 * $1 }
            for i in hidden[n].indices {
                var feedback = 0.0
                for k in e[n + 1].indices { feedback += weights[n + 1][k][i] * e[n + 1][k] }
                if updatedFeedback { feedback += a[i] * square / after }
                if normalized { feedback *= before / after }
                next[n][i] += size * (d[i] * feedback - leak * e[n][i])
            }
        }
        hidden = next
    }

    /// `scale(n) · e āᵀ`.
    func update(_ e: [[Double]], scale: (Int) -> Double) -> Parameters<Double> {
        Parameters(
            layers: e.indices.map { n in
                let a = hasBias[n] ? rates(n) + [1] : rates(n)
                return Matrix(rows: e[n].count, columns: a.count) { i, j in
                    scale(n) * e[n][i] * a[j]
                }
            })
    }
}
