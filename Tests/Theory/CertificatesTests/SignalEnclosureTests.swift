import Certificates
import ImplicitSGD
import Intervals
import LinearAlgebra
import Networks
import Randomness
import Testing

/// Proofs over error signals: mini-batches, rates that depend on each other, a learning rate for each layer.
@Suite("Enclosures of mini-batches")
struct SignalEnclosureTests {
    /// Up to more examples than any layer is wide, so that all Gram matrices are singular. What is proved to be the exact update
    /// must hold what another solver, in weight space, finds to 1e-13.
    @Test(arguments: [Activation.tanh, .softplus, .gelu, .leakyReLU, .relu], [3, 6, 12])
    func `mini-batches are enclosed`(activation: Activation, batchSize: Int) throws {
        let problem = try randomProblem(seed: 3, widths: [8, 6, 4, 3], activation: activation, batchSize: batchSize, learningRate: 3)
        let update = try ProximalSolver().solve(problem).update
        let enclosure = try ActivityEnclosure(around: update, for: problem)
        #expect(enclosure.isProvedMinimum && enclosure.distance.upper < 1e-8)
        let reference = try WeightSpaceDenseSolver(options: SolverOptions(tolerance: 1e-13)).solve(problem, from: update).update
        expect(enclosure, holds: reference)
        let (loss, objective) = (problem.network.updated(by: reference), problem.objective(after: reference))
        let value = problem.loss.total(loss.logits(problem.batch.inputs), targets: problem.batch.targets) / Double(batchSize)
        #expect(abs(enclosure.loss.midpoint - value) <= enclosure.loss.radius + 1e-12)
        #expect(abs(enclosure.objective.midpoint - objective) <= enclosure.objective.radius + 1e-12)
    }

    @Test(arguments: [Activation.tanh, .leakyReLU], [1, 4])
    func `each layer may have its own learning rate`(activation: Activation, batchSize: Int) throws {
        let problem = try randomProblem(seed: 2, activation: activation, batchSize: batchSize)
            .with(rates: LearningRates(0.9, multiples: [0.05, 2, 0.3]))
        let update = try ProximalSolver().solve(problem).update
        let enclosure = try ActivityEnclosure(around: update, for: problem)
        #expect(enclosure.isProvedMinimum && enclosure.distance.upper < 1e-10)
        expect(enclosure, holds: try WeightSpaceDenseSolver(options: SolverOptions(tolerance: 1e-13)).solve(problem, from: update).update)
        #expect(abs(enclosure.objective.midpoint - problem.objective(after: update)) <= enclosure.objective.radius + 1e-12)
    }

    /// One example twice is one example: `K` is singular, and the exact update is known from the single one.
    @Test func `a repeated example changes nothing`() throws {
        let single = try randomProblem(seed: 4)
        func twice(_ matrix: Matrix<Double>) -> Matrix<Double> { Matrix(rows: matrix.rows, columns: 2) { i, _ in matrix[i, 0] } }
        let double = try ProximalProblem(
            network: single.network, batch: Batch(inputs: twice(single.batch.inputs), targets: twice(single.batch.targets)),
            loss: single.loss, learningRate: single.learningRate)
        let update = try ProximalSolver().solve(single).update
        let (one, two) = (try ActivityEnclosure(around: update, for: single), try ActivityEnclosure(around: update, for: double))
        #expect(two.isProvedMinimum && two.distance.upper < 1e-12)
        for (a, b) in zip(one.update, two.update) {
            for i in 0..<a.rows {
                for j in 0..<a.columns {
                    #expect(a[i, j].lower <= b[i, j].upper && b[i, j].lower <= a[i, j].upper)
                }
            }
        }
    }

    /// Zero inputs without biases leave nothing to move in the first layer, and its Gram matrix is 0.
    @Test func `zero inputs`() throws {
        let drawn = try randomProblem(seed: 4, bias: false)
        let problem = try ProximalProblem(
            network: drawn.network, batch: Batch(inputs: Matrix(rows: 5, columns: 1), targets: drawn.batch.targets),
            loss: drawn.loss, learningRate: 1)
        let enclosure = try ActivityEnclosure(around: problem.zeroUpdate, for: problem)
        #expect(enclosure.isProvedMinimum && enclosure.update.allSatisfy { Interval.norm(of: [$0]).upper < 1e-15 })
    }

    /// Two copies of the 1-1-1 network's example: the saddle of `ActivityEnclosureTests`, with its closed form.
    @Test(arguments: [0.5, 2.3, 2.6, 10]) func `a saddle of a mini-batch is never proved a minimum`(learningRate: Double) throws {
        let single = try tinyProblem(.tanh, first: [0, 0], second: [0, 0], learningRate: learningRate)
        let ones = Matrix<Double>(rows: 1, columns: 2, repeating: 1)
        let problem = try ProximalProblem(
            network: single.network, batch: Batch(inputs: ones, targets: ones), loss: single.loss, learningRate: learningRate)
        var update = problem.zeroUpdate
        update.layers[1][0, 1] = learningRate / (1 + learningRate)
        let enclosure = try ActivityEnclosure(around: update, for: problem)
        #expect(enclosure.isProvedMinimum == (learningRate < 2.4) && enclosure.distance.lower <= 1e-15)
    }

    /// 1-1-1 leaky ReLU with its unit on the kink, as in `ActivityEnclosureTests`, for the same example twice: only the sum of
    /// the two slopes there is known.
    @Test func `kinks that are left only together are not decided`() throws {
        let single = try tinyProblem(.leakyReLU, first: [0.5, 0], second: [-1, 0], learningRate: 1)
        let ones = Matrix<Double>(rows: 1, columns: 2, repeating: 1)
        let problem = try ProximalProblem(
            network: single.network, batch: Batch(inputs: ones, targets: ones), loss: single.loss, learningRate: 1)
        var update = problem.zeroUpdate
        update.layers[0] = Matrix(column: [-0.25, -0.25]).transposed
        update.layers[1][0, 1] = 0.5
        #expect(throws: NotEnclosed.self) { try ActivityEnclosure(around: update, for: problem) }
    }

    /// The derivatives at a point are the difference quotients there, with units held and layers that are held or have their own
    /// learning rates.
    @Test(arguments: [Activation.tanh, .softplus, .gelu, .leakyReLU], [0, 1, 2])
    func `the Jacobian is the difference quotient`(activation: Activation, variant: Int) throws {
        let drawn = try randomProblem(seed: 8, widths: [3, 3, 2, 2], activation: activation, batchSize: 3)
        let problem = switch variant {
        case 0: drawn
        case 1: try drawn.with(rates: LearningRates(0.7, multiples: [0.5, 2, 0.25]))
        default:
            try ProximalProblem(
                network: drawn.network, batch: drawn.batch, loss: drawn.loss, learningRate: 0.7,
                held: HeldParameters([.weight(ofLayer: 1), .bias(ofLayer: 2)]))
        }
        let units = activation == .leakyReLU ? [(layer: 1, unit: 1, example: 2)] : []
        var generator = RandomGenerator(seed: 5)
        let middle = [3, 2, 2].map { width in Matrix<Double>(rows: width, columns: 3) { _, _ in 0.3 * generator.nextNormal() } }
        func deviation(_ layers: [Matrix<Double>]) -> [Double] {
            ErrorSignals(problem, holding: units, layers.map(BallMatrix.init(exactly:))).deviation.map(\.midpoint)
        }
        let jacobian = ErrorSignals(problem, holding: units, middle.map(BallMatrix.init(exactly:))).jacobian
        var column = 0
        for n in middle.indices {
            for example in 0..<3 {
                for unit in 0..<middle[n].rows {
                    var (ahead, behind) = (middle, middle)
                    ahead[n][unit, example] += 1e-5
                    behind[n][unit, example] -= 1e-5
                    for (row, (a, b)) in zip(deviation(ahead), deviation(behind)).enumerated() {
                        #expect(abs((a - b) / 2e-5 - jacobian.center[row, column]) < 1e-7, "\(row), \(column)")
                        #expect(jacobian.radius[row, column] < 1e-12)
                    }
                    column += 1
                }
            }
        }
    }

    private func expect(_ enclosure: ActivityEnclosure, holds reference: Parameters<Double>) {
        let slack = 1e-11 * reference.norm
        for (layer, found) in zip(enclosure.update, reference.layers) {
            for i in 0..<found.rows {
                for j in 0..<found.columns {
                    let entry = layer[i, j]
                    #expect(entry.lower - slack <= found[i, j] && found[i, j] <= entry.upper + slack)
                }
            }
        }
    }
}
