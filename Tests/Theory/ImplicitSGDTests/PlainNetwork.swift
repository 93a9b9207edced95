import ImplicitSGD
import LinearAlgebra
import Networks

/// A network, a batch and a loss in plain loops over nested arrays: the oracle of the solvers' tests. It shares no
/// code with the library but the formulas of theory, and is generic so that `Float80` can be its own reference.
struct PlainNetwork<Scalar: BinaryFloatingPoint & SendableMetatype> {
    let weights: [[[Scalar]]]
    let biases: [Bool]
    let activations: [Activation]
    let inputs: [[Scalar]]
    let targets: [[Scalar]]
    let learningRate: Scalar
    /// The slope of a unit (layer, unit, example) where the piece is not that of its sign.
    var slopes: [[Int]: Scalar] = [:]

    /// - Precondition: squared error, and activations that are piecewise linear.
    init(_ problem: ProximalProblem) {
        let architecture = problem.network.architecture
        weights = problem.network.parameters.layers.map(Self.nested)
        biases = architecture.biases
        activations = architecture.hiddenLayers.map(architecture.activation(ofLayer:))
        inputs = (0..<problem.batch.size).map { problem.batch.inputs.column($0).map { Scalar($0) } }
        targets = (0..<problem.batch.size).map { problem.batch.targets.column($0).map { Scalar($0) } }
        learningRate = Scalar(problem.learningRate)
    }

    private static func nested(_ matrix: Matrix<Double>) -> [[Scalar]] {
        (0..<matrix.rows).map { i in (0..<matrix.columns).map { Scalar(matrix[i, $0]) } }
    }

    /// `h₁ … h_N` of one example at `θ_b + update`; the weights are rounded to double as everywhere.
    func activities(_ update: Parameters<Double>, example: Int) -> [[Scalar]] {
        var rates = inputs[example]
        var result: [[Scalar]] = []
        for n in weights.indices {
            var activity: [Scalar] = []
            for i in weights[n].indices {
                var sum: Scalar = 0
                for j in weights[n][i].indices {
                    let weight = Scalar(Double(weights[n][i][j]) + update.layers[n][i, j])
                    sum += weight * (j < rates.count ? rates[j] : 1)
                }
                activity.append(sum)
            }
            result.append(activity)
            guard n < activations.count, let kink = activations[n].kink else { break }
            rates = activity.indices.map { i in
                let slope = slopes[[n + 1, i, example]]
                    ?? Scalar(activity[i] > 0 ? kink.rightSlope : kink.leftSlope)
                return slope * activity[i]
            }
        }
        return result
    }

    /// `P_α(θ_b + update)`, on the piece that `slopes` choose.
    func objective(_ update: Parameters<Double>) -> Scalar {
        var loss: Scalar = 0
        for example in inputs.indices {
            let output = activities(update, example: example)[weights.count - 1]
            for i in output.indices {
                loss += (output[i] - targets[example][i]) * (output[i] - targets[example][i]) / 2
            }
        }
        var square: Scalar = 0
        for layer in update.layers { for entry in layer.elements { square += Scalar(entry) * Scalar(entry) } }
        return loss / Scalar(inputs.count) + square / (2 * learningRate)
    }

    /// The Hessian of the piece by central differences of its values.
    func hessian(_ update: Parameters<Double>, step: Double = 1e-4) -> [[Double]] {
        let count = update.count
        func moved(_ i: Int, _ si: Double, _ j: Int, _ sj: Double) -> Double {
            var target = update
            target.shift(i, by: si)
            target.shift(j, by: sj)
            return Double(objective(target))
        }
        var result = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        for i in 0..<count {
            for j in 0...i {
                let sum = moved(i, step, j, step) - moved(i, step, j, -step)
                    - moved(i, -step, j, step) + moved(i, -step, j, -step)
                result[i][j] = sum / (4 * step * step)
                result[j][i] = result[i][j]
            }
        }
        return result
    }
}

extension Parameters<Double> {
    /// Adds to one entry, counted as in `flattened`.
    mutating func shift(_ index: Int, by change: Double) {
        var rest = index
        for n in layers.indices {
            if rest < layers[n].count {
                let rows = layers[n].rows
                layers[n][rest % rows, rest / rows] += change
                return
            }
            rest -= layers[n].count
        }
    }

    /// Parameters of this shape with the given entries.
    func replaced(_ entries: [Double]) -> Parameters<Double> {
        var result = 0 * self
        for (k, entry) in entries.enumerated() { result.shift(k, by: entry) }
        return result
    }
}

/// Eigenvalues and vectors of a symmetric matrix by Jacobi's rotations.
func jacobi(_ matrix: [[Double]]) -> [(value: Double, vector: [Double])] {
    let n = matrix.count
    var a = matrix
    var v = (0..<n).map { i in (0..<n).map { i == $0 ? 1.0 : 0.0 } }
    for _ in 0..<60 {
        for p in 0..<n {
            for q in 0..<p where abs(a[p][q]) > 1e-300 {
                let theta = (a[p][p] - a[q][q]) / (2 * a[p][q])
                let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                let c = 1 / (t * t + 1).squareRoot()
                let s = t * c
                for k in 0..<n { (a[k][p], a[k][q]) = (c * a[k][p] + s * a[k][q], c * a[k][q] - s * a[k][p]) }
                for k in 0..<n { (a[p][k], a[q][k]) = (c * a[p][k] + s * a[q][k], c * a[q][k] - s * a[p][k]) }
                for k in 0..<n { (v[k][p], v[k][q]) = (c * v[k][p] + s * v[k][q], c * v[k][q] - s * v[k][p]) }
            }
        }
    }
    return (0..<n).map { j in (a[j][j], (0..<n).map { v[$0][j] }) }.sorted { $0.value < $1.value }
}
