import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// One shape of case for the derivative tests.
struct EnergyCase: Sendable, CustomStringConvertible {
    let activation: Activation
    let loss: Loss
    let bias: Bool
    let batchSize: Int
    /// A hidden layer so wide and a next one so narrow that its block is stored as a diagonal and few columns.
    var isCompact = false
    /// Wide enough for rates to be independent over the batch when half of the units are off.
    var widths: [Int] { isCompact ? [5, 80, 4, 3] : batchSize == 1 ? [5, 6, 4, 3] : [8, 14, 12, 3] }

    var description: String { "\(activation) \(loss) bias \(bias) B=\(batchSize)\(isCompact ? " compact" : "")" }

    static let all: [EnergyCase] = Activation.allCases.flatMap { activation in
        Loss.allCases.flatMap { loss in
            [1, 3].map {
                EnergyCase(activation: activation, loss: loss, bias: $0 == 1, batchSize: $0)
            }
        }
    } + [
        EnergyCase(activation: .tanh, loss: .squaredError, bias: false, batchSize: 1),
        EnergyCase(activation: .gelu, loss: .softmaxCrossEntropy, bias: true, batchSize: 4),
        EnergyCase(activation: .tanh, loss: .softmaxCrossEntropy, bias: true, batchSize: 1, isCompact: true),
        EnergyCase(activation: .leakyReLU, loss: .squaredError, bias: false, batchSize: 1, isCompact: true),
    ]

    func problem(seed: UInt64) throws -> ProximalProblem {
        try randomProblem(
            seed: seed, widths: widths, activation: activation, loss: loss, bias: bias, batchSize: batchSize,
            learningRate: 0.7, weightScale: 1.5)
    }
}

@Suite("Activity energy")
struct ActivityEnergyTests {
    /// Theory T3, for every θ: P(θ) = E(h) + 1/(2α) Σ‖Wₙ − Wₙ(h)‖². Left and right share no code
    /// beyond the feedforward pass.
    @Test("P = E + distance to the least-norm weights, at random weights", arguments: EnergyCase.all)
    func identity(_ shape: EnergyCase) throws {
        let problem = try shape.problem(seed: 11)
        var energy = try ActivityEnergy(problem)
        let architecture = problem.network.architecture
        let displacement = 0.8 * randomDirection(for: architecture, seed: 12)
        let moved = problem.linearization(after: displacement)
        let displacements = PerLayer(architecture.layers) { moved.activities[$0] - energy.feedforward[$0] }
        let value = energy.evaluate(at: displacements) / problem.learningRate
        let rest = (displacement - energy.update()).norm
        let right = value + rest * rest / (2 * problem.learningRate)
        let left = problem.objective(after: displacement)
        #expect(abs(left - right) <= 1e-11 * left)
    }

    @Test("Energy and gradient against plain loops", arguments: EnergyCase.all)
    func plainLoops(_ shape: EnergyCase) throws {
        let problem = try shape.problem(seed: 15)
        var energy = try ActivityEnergy(problem)
        let naive = NaiveActivityEnergy(problem: problem)
        let point = randomBlocks(like: energy.feedforward, seed: 16, scale: 0.3)
        let activities = PerLayer(point.indices) { energy.feedforward[$0] + point[$0] }
        let value = energy.evaluate(at: point)
        #expect(abs(value - naive(activities)) <= 1e-11 * value)
        energy.differentiate()
        var gradient = point
        energy.gradient(slopes: KinkState(energy).slopes, into: &gradient)
        let largest = gradient.reduce(0) { max($0, $1.maximumMagnitude) }
        // The middle unit of each layer and the last example: central differences are good to about 1e-9.
        for n in activities.indices {
            let (i, j) = (activities[n].rows / 2, activities[n].columns - 1)
            let step = 1e-5
            // A difference across a kink is no derivative.
            if problem.network.architecture.activation(ofLayer: n).kink != nil,
                abs(activities[n][i, j]) <= 2 * step { continue }
            var (above, below) = (activities, activities)
            above[n][i, j] += step
            below[n][i, j] -= step
            let difference = (naive(above) - naive(below)) / (2 * step)
            #expect(abs(gradient[n][i, j] - difference) <= 1e-7 * (largest + value), "layer \(n)")
        }
    }

    @Test("The gradient: Taylor remainder of order 2", arguments: EnergyCase.all)
    func gradient(_ shape: EnergyCase) throws {
        var energy = try ActivityEnergy(try shape.problem(seed: 21))
        let point = randomBlocks(like: energy.feedforward, seed: 22, scale: 0.3)
        let direction = randomBlocks(like: energy.feedforward, seed: 23, scale: 1)
        let value = energy.evaluate(at: point)
        energy.differentiate()
        let kinks = KinkState(energy)
        var gradient = point
        energy.gradient(slopes: kinks.slopes, into: &gradient)
        let slope = zip(gradient, direction).reduce(0) { $0 + $1.0.dot($1.1) }
        let steps = (0..<6).map { 1e-3 / Double(1 << $0) }
        let remainders = steps.map { step in
            let trial = PerLayer(point.indices) { point[$0] + step * direction[$0] }
            return abs(energy.evaluate(at: trial) - value - step * slope)
        }
        #expect(abs(logLogSlope(steps, remainders) - 2) < 0.1, "remainders \(remainders)")
    }

    @Test("The Hessian: Taylor remainder of the gradient of order 2", arguments: EnergyCase.all)
    func hessian(_ shape: EnergyCase) throws {
        var energy = try ActivityEnergy(try shape.problem(seed: 31))
        let point = randomBlocks(like: energy.feedforward, seed: 32, scale: 0.3)
        let direction = randomBlocks(like: energy.feedforward, seed: 33, scale: 1)
        func gradient(at trial: PerLayer<Matrix<Double>>) -> PerLayer<Matrix<Double>> {
            _ = energy.evaluate(at: trial)
            energy.differentiate()
            var result = trial
            energy.gradient(slopes: KinkState(energy).slopes, into: &result)
            return result
        }
        let steps = (0..<6).map { 1e-3 / Double(1 << $0) }
        let displaced = steps.map { step in
            gradient(at: PerLayer(point.indices) { point[$0] + step * direction[$0] })
        }
        let base = gradient(at: point)
        let kinks = KinkState(energy)
        var curvatures = kinks.slopes
        for n in curvatures.indices {
            energy.architecture.activation(ofLayer: n).curvature(
                energy.activities[n], into: &curvatures[n])
        }
        var workspace = energy.makeWorkspace()
        var hessian = BlockTridiagonalMatrix(orders: energy.blockOrders)
        energy.assembleHessian(
            slopes: kinks.freeSlopes, curvatures: curvatures, workspace: &workspace, into: &hessian)
        let image = hessian.times(direction.map(\.asColumn))
        let remainders = zip(steps, displaced).map { step, moved in
            zip(zip(moved, base), image).reduce(0.0) { sum, blocks in
                let ((there, here), linear) = blocks
                let remainder = there.asColumn - here.asColumn - step * linear
                return sum + remainder.squaredNorm
            }.squareRoot()
        }
        #expect(abs(logLogSlope(steps, remainders) - 2) < 0.1, "remainders \(remainders)")
    }

    /// A block of order 64 and more before a narrow layer is kept as a diagonal and few columns, and the factor takes
    /// the block below from those columns; products take it from the matrix. Both must be one Hessian.
    @Test("The factor of the Hessian solves its products, compact blocks included", arguments: [[5, 72, 6, 3], [5, 12, 6, 3]])
    func newtonSystem(_ widths: [Int]) throws {
        let problem = try randomProblem(
            seed: 51, widths: widths, activation: .tanh, loss: .squaredError, learningRate: 0.5)
        var energy = try ActivityEnergy(problem)
        _ = energy.evaluate(at: randomBlocks(like: energy.feedforward, seed: 52, scale: 0.3))
        energy.differentiate()
        let kinks = KinkState(energy)
        var curvatures = kinks.slopes
        for n in curvatures.indices {
            energy.architecture.activation(ofLayer: n).curvature(energy.activities[n], into: &curvatures[n])
        }
        var workspace = energy.makeWorkspace()
        var hessian = BlockTridiagonalMatrix(orders: energy.blockOrders)
        energy.assembleHessian(
            slopes: kinks.freeSlopes, curvatures: curvatures, workspace: &workspace, into: &hessian)
        // Far enough to be positive definite.
        energy.addMetric(scaledBy: 20, to: &hessian)
        let right = randomBlocks(like: energy.feedforward, seed: 53, scale: 1).elements.map(\.asColumn)
        let product = hessian.times(right)
        var solution = product
        var factor = BlockTridiagonalCholesky(orders: energy.blockOrders)
        try factor.factorize(taking: &hessian)
        factor.solveVectorInPlace(&solution)
        for (found, expected) in zip(solution, right) {
            #expect((found - expected).norm <= 1e-10 * expected.norm)
        }
    }

    @Test("The residual from activities is the residual from the definition", arguments: EnergyCase.all)
    func residual(_ shape: EnergyCase) throws {
        let problem = try shape.problem(seed: 41)
        var energy = try ActivityEnergy(problem)
        _ = energy.evaluate(at: randomBlocks(like: energy.feedforward, seed: 42, scale: 0.2))
        energy.differentiate()
        let slopes = KinkState(energy).slopes
        var gradient = energy.origin
        energy.gradient(slopes: slopes, into: &gradient)
        let direct = problem.implicitResidual(of: energy.update())
        let recursive = energy.residual(gradient: gradient, slopes: slopes)
        #expect(abs(direct - recursive) <= 1e-9 * direct)
    }

    @Test("A tiny displacement keeps its digits")
    func tinyDisplacements() throws {
        let problem = try randomProblem(seed: 51, activation: .sigmoid, learningRate: 1e-14)
        let report = try ActivitySpaceSolver().solve(problem)
        let explicit = -problem.learningRate * problem.linearization(
            after: Parameters(zerosFor: problem.network.architecture)).gradient()
        // To first order the implicit step is the explicit one (T6): relative difference O(α).
        #expect((report.update - explicit).norm <= 1e-11 * explicit.norm)
    }

    @Test("Linearly dependent rates are refused")
    func singularGram() throws {
        let problem = try randomProblem(seed: 61, widths: [2, 3, 2], bias: false, batchSize: 5)
        #expect(throws: SolveError.singularGram(layer: 0)) { _ = try ActivityEnergy(problem) }
    }
}
