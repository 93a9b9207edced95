internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import RealModule

/// A network at a mini-batch, from the definitions in plain loops: the independent counterpart of
/// `Linearization` and `Loss`, with which it shares no arithmetic.
///
/// Textbook formulas, so losses near zero lose relative digits; `lossError` says how many.
struct ReferencePass {
    /// `h₁ … h_N`.
    private(set) var activities: PerLayer<Matrix<Double>>
    /// `ā₀ … ā_{N−1}` at index `n`, the 1 of a bias as last row.
    private(set) var extendedRates: [Matrix<Double>] = []
    /// `L`, the mean loss.
    private(set) var meanLoss = 0.0
    /// What rounding can have done to `meanLoss`, given the activities.
    private(set) var lossError = 0.0

    /// `h_N`.
    var logits: Matrix<Double> { activities[activities.endIndex - 1] }

    /// - Parameter weights: `W₀ … W_{N−1}`, which stand in for those of the problem's network.
    init(_ problem: ProximalProblem, weights: Parameters<Double>) {
        let architecture = problem.network.architecture
        activities = PerLayer(from: 1, [])
        var rates = problem.batch.inputs
        for n in 0..<architecture.depth {
            let hasBias = architecture.biases[n]
            let extended = rates.extended(hasBias)
            extendedRates.append(extended)
            let activity = weights.layers[n].times(extended)
            activities.append(activity)
            let activation = architecture.activation(ofLayer: n + 1)
            rates = activity.mapped { activation.textbook($0) }
        }
        let targets = problem.batch.targets
        for j in 0..<logits.columns {
            let (value, error) = problem.loss.textbook(logits.column(j), targets.column(j))
            meanLoss += value / Double(logits.columns)
            lossError += error / Double(logits.columns)
        }
    }
}

extension NetworkCase {
    /// `āₙ` of given activities `h₁ … h_N`, the 1 of a bias as last row.
    func extendedRates(_ activities: PerLayer<Matrix<Double>>, below n: Int) -> Matrix<Double> {
        guard n > 0 else { return problem.batch.inputs.extended(architecture.biases[0]) }
        var rates = activities[n]
        architecture.activation(ofLayer: n).evaluate(activities[n], into: &rates)
        return rates.extended(architecture.biases[n])
    }
}

extension Matrix<Double> {
    /// The rates `ā` of a layer: `self` with a row of ones below if there is a bias.
    func extended(_ hasBias: Bool) -> Matrix {
        hasBias ? Matrix(rows: rows + 1, columns: columns) { $0 < rows ? self[$0, $1] : 1 } : self
    }

    /// The product by its definition.
    func times(_ other: Matrix) -> Matrix {
        let (left, right) = (elements, other.elements)
        var result = Matrix(rows: rows, columns: other.columns)
        for j in 0..<other.columns {
            for i in 0..<rows {
                var sum = 0.0
                for k in 0..<columns { sum += left[i + k * rows] * right[k + j * other.rows] }
                result[i, j] = sum
            }
        }
        return result
    }
}

extension Activation {
    private static func sign(_ h: Double) -> Double { h < 0 ? -1 : 1 }

    /// φ(h) as a textbook writes it, apart from avoiding overflow.
    fileprivate func textbook(_ h: Double) -> Double {
        switch self {
        case .identity: h
        case .relu: Swift.max(h, 0)
        case .leakyReLU: h > 0 ? h : Self.leak * h
        case .tanh:
            // (e²ʰ − 1)/(e²ʰ + 1) by the same for the negative half, which cannot overflow.
            -Self.sign(h) * Double.expMinusOne(-2 * abs(h)) / (2 + Double.expMinusOne(-2 * abs(h)))
        case .sigmoid: 1 / (1 + Double.exp(-h))
        case .softplus: h > 30 ? h : Double.log(1 + Double.exp(h))
        case .gelu: h / 2 * (1 + Double.erf(h / 2.0.squareRoot()))
        }
    }
}

extension Loss {
    /// `ℓ(h, y)` as a textbook writes it, and a bound on its rounding: `(d+8)u` of the magnitudes that
    /// are added.
    fileprivate func textbook(_ h: [Double], _ y: [Double]) -> (value: Double, error: Double) {
        var (value, size) = (0.0, 0.0)
        switch self {
        case .squaredError:
            for i in h.indices { value += (h[i] - y[i]) * (h[i] - y[i]) / 2 }
            size = value
        case .softmaxCrossEntropy:
            let top = h.max() ?? 0
            let logSum = top + Double.log(h.reduce(0) { $0 + Double.exp($1 - top) })
            for i in h.indices {
                value += y[i] * (logSum - h[i])
                size += y[i] * (abs(logSum) + abs(h[i]) + abs(top) + 1)
            }
        case .sigmoidCrossEntropy:
            for i in h.indices {
                value += Swift.max(h[i], 0) + Double.log(1 + Double.exp(-abs(h[i]))) - y[i] * h[i]
                size += 2 * abs(h[i]) + 1
            }
        }
        return (value, Double(h.count + 8) * unitRoundoff * size)
    }
}
