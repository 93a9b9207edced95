import Certificates
import ImplicitSGD
import Intervals
import LinearAlgebra
import Networks
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
    @Test(arguments: [0.5, 10]) func `a saddle of a mini-batch is never proved a minimum`(learningRate: Double) throws {
        let single = try tinyProblem(.tanh, first: [0, 0], second: [0, 0], learningRate: learningRate)
        let ones = Matrix<Double>(rows: 1, columns: 2, repeating: 1)
        let problem = try ProximalProblem(
            network: single.network, batch: Batch(inputs: ones, targets: ones), loss: single.loss, learningRate: learningRate)
        var update = problem.zeroUpdate
        update.layers[1][0, 1] = learningRate / (1 + learningRate)
        let enclosure = try ActivityEnclosure(around: update, for: problem)
        #expect(enclosure.isProvedMinimum == (learningRate == 0.5) && enclosure.distance.lower <= 1e-15)
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
