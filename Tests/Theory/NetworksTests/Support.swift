import LinearAlgebra
import Networks
import Randomness
import RealModule

/// The order at which a remainder vanishes: the slope of `log remainder` against `log step`, fitted
/// by least squares over the smallest steps whose remainder is still above `floor` (rounding).
///
/// `nil` if fewer than three remainders are above it: then the expansion is exact. A wrong
/// derivative leaves a remainder of its own order, far above the floor at the largest steps.
func remainderOrder(
    steps: [Double] = (3...13).map { Double.pow(2, -$0) }, floor: Double,
    _ remainder: (Double) -> Double
) -> Double? {
    let points = steps.map { ($0, abs(remainder($0))) }.filter { $0.1 > floor }
        .map { (x: Double.log($0.0), y: Double.log($0.1)) }.suffix(6)
    guard points.count >= 3 else { return nil }
    let n = Double(points.count)
    let meanX = points.reduce(0) { $0 + $1.x } / n
    let meanY = points.reduce(0) { $0 + $1.y } / n
    let covariance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
    return covariance / points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
}

/// Whether a remainder vanishes at least like `step^order`; the quarter is for higher-order terms.
func isOfOrder(_ order: Double, _ found: Double?) -> Bool {
    guard let found else { return true }
    return found >= order - 0.25
}

extension RandomGenerator {
    mutating func matrix(_ rows: Int, _ columns: Int, scale: Double = 1) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows, columns: columns)
        for j in 0..<columns { for i in 0..<rows { result[i, j] = scale * nextNormal() } }
        return result
    }

    /// Targets that suit the loss: any, probabilities, numbers in [0, 1].
    mutating func targets(for loss: Loss, _ rows: Int, _ columns: Int) -> Matrix<Double> {
        var result = matrix(rows, columns)
        for j in 0..<columns where loss != .squaredError {
            var sum = 0.0
            for i in 0..<rows {
                result[i, j] = nextUniform()
                sum += result[i, j]
            }
            for i in 0..<rows where loss == .softmaxCrossEntropy { result[i, j] /= sum }
        }
        return result
    }

    /// A direction of norm 1 in parameter space.
    mutating func direction(_ architecture: Architecture) -> Parameters<Double> {
        var result = Parameters<Double>(zerosFor: architecture)
        for n in result.layers.indices {
            result.layers[n] = matrix(result.layers[n].rows, result.layers[n].columns)
        }
        result.scale(by: 1 / result.norm)
        return result
    }
}

/// A network with a batch and a loss, drawn from a seed.
struct Example {
    let network: Network<Double>
    let batch: Batch<Double>
    let loss: Loss

    init(network: Network<Double>, batch: Batch<Double>, loss: Loss) {
        self.network = network
        self.batch = batch
        self.loss = loss
    }

    /// Layers alternate between bias and none.
    init(
        _ activation: Activation, _ loss: Loss, depth: Int, batch size: Int, seed: UInt64 = 1
    ) throws {
        let widths = [3, 4, 2, 5].prefix(depth) + [3]
        let architecture = try Architecture(
            widths: Array(widths),
            hiddenActivations: Array(repeating: activation, count: depth - 1),
            biases: (0..<depth).map { ($0 + depth + size) % 2 == 0 })
        var generator = RandomGenerator(seed: seed, stream: UInt64(10 * depth + size))
        // Weights of size one, so that curvature of the activations matters.
        var parameters = generator.direction(architecture)
        parameters.scale(by: Double(parameters.count).squareRoot() * 0.7)
        self.init(
            network: try Network(architecture: architecture, parameters: parameters),
            batch: try Batch(
                inputs: generator.matrix(3, size), targets: generator.targets(for: loss, 3, size)),
            loss: loss)
    }

    func linearization(_ step: Double, along direction: Parameters<Double>) -> Linearization<Double> {
        Linearization(
            network: network.updated(by: direction, scaledBy: step), batch: batch, loss: loss)
    }

    /// `direction`, shortened until no hidden unit changes its sign on the way: a piecewise linear
    /// network has Taylor expansions only between its kinks.
    func withinOnePiece(_ direction: Parameters<Double>) -> Parameters<Double> {
        guard network.architecture.hasKinks else { return direction }
        var result = direction
        let start = slopes(at: 0, result)
        while true {
            let same = (1...16).allSatisfy { slopes(at: Double($0) / 128, result) == start }
            if same { return result }
            result.scale(by: 0.5)
        }
    }

    private func slopes(at step: Double, _ direction: Parameters<Double>) -> PerLayer<Matrix<Double>> {
        linearization(step, along: direction).slopes
    }
}

/// `φ(h)` and derivatives of a single number.
func evaluate(_ activation: Activation, _ h: Double) -> (value: Double, slope: Double, curvature: Double) {
    let input = Matrix<Double>(column: [h])
    var (value, slope, curvature) = (input, input, input)
    activation.evaluate(input, into: &value)
    activation.slope(input, into: &slope)
    activation.curvature(input, into: &curvature)
    return (value[0, 0], slope[0, 0], curvature[0, 0])
}

func difference(_ activation: Activation, _ h: Double, _ u: Double) -> Double {
    var result = Matrix<Double>(rows: 1, columns: 1)
    activation.difference(base: Matrix(column: [h]), displacement: Matrix(column: [u]), into: &result)
    return result[0, 0]
}
