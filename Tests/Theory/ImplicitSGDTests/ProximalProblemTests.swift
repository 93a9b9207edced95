import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

@Suite("Proximal problem")
struct ProximalProblemTests {
    @Test(
        "α must be positive and finite",
        arguments: [0, -1, .infinity, .nan, -.infinity] as [Double])
    func learningRate(_ value: Double) throws {
        let problem = try randomProblem(seed: 1)
        #expect {
            try problem.with(learningRate: value)
        } throws: { error in
            guard case ProblemError.learningRate = error else { return false }
            return true
        }
    }

    @Test("A batch that does not fit is refused with the two widths")
    func widths() throws {
        let problem = try randomProblem(seed: 1)
        let batch = try Batch<Double>(
            inputs: Matrix(rows: 4, columns: 1), targets: Matrix(column: [1, 0, 0]))
        let expected = ProblemError.network(
            .shapeMismatch(what: "width of the inputs", expected: 5, found: 4))
        #expect(throws: expected) {
            try ProximalProblem(
                network: problem.network, batch: batch, loss: .squaredError, learningRate: 1)
        }
    }

    @Test("Targets that are no probabilities are refused")
    func targets() throws {
        let problem = try randomProblem(seed: 1)
        let batch = try Batch<Double>(
            inputs: problem.batch.inputs, targets: Matrix(column: [1, 1, 0]))
        #expect(throws: ProblemError.self) {
            try ProximalProblem(
                network: problem.network, batch: batch, loss: .softmaxCrossEntropy,
                learningRate: 1)
        }
    }

    @Test("P at the start is the loss, and its gradient there is the loss's")
    func start() throws {
        let problem = try randomProblem(seed: 2, batchSize: 3)
        let zero = Parameters<Double>(zerosFor: problem.network.architecture)
        #expect(problem.objective(after: zero) == problem.lossBefore)
        let direction = randomDirection(for: problem.network.architecture, seed: 3)
        let slope = problem.linearization(after: zero).gradient().dot(direction)
        let steps = (0..<6).map { 1e-3 / Double(1 << $0) }
        let remainders = steps.map {
            abs(problem.objective(after: $0 * direction) - problem.lossBefore - $0 * slope)
        }
        #expect(abs(logLogSlope(steps, remainders) - 2) < 0.1)
    }

    @Test("The residual of no step is infinite unless the gradient is zero")
    func residualOfNothing() throws {
        let problem = try randomProblem(seed: 4)
        let zero = Parameters<Double>(zerosFor: problem.network.architecture)
        #expect(problem.implicitResidual(of: zero) == .infinity)
    }
}
