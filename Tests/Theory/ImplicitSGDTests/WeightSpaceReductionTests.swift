import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

@Suite("Weight-space reduction")
struct WeightSpaceReductionTests {
    @Test("Objective and distances are the same numbers", arguments: [(9, 2), (2, 5), (4, 4)])
    func isometry(_ inputs: Int, _ examples: Int) throws {
        let problem = try randomProblem(
            seed: 23, widths: [inputs, 5, 3], activation: .relu, loss: .squaredError, batchSize: examples,
            learningRate: 0.6)
        let plain = PlainNetwork<Double>(problem)
        let reduction = WeightSpaceReduction(problem)
        #expect(reduction.leavesDirectionsOut == (examples < inputs + 1))
        for seed in 0..<5 {
            let small = randomDirection(
                for: reduction.problem.network.architecture, seed: UInt64(seed))
            let lifted = reduction.lift(small)
            #expect(abs(lifted.norm - small.norm) <= 1e-14)
            #expect((reduction.reduce(lifted) - small).norm <= 1e-14)
            let value = plain.objective(lifted)
            #expect(abs(reduction.problem.objective(after: small) - value) <= 1e-13 * value)
        }
        // Every gradient lies in the span: nothing of it is lost.
        let gradient = problem.linearization(after: Parameters(zerosFor: problem.network.architecture)).gradient()
        #expect((reduction.lift(reduction.reduce(gradient)) - gradient).norm <= 1e-14 * gradient.norm)
    }

    @Test("Zero inputs keep one")
    func zeroInputs() throws {
        let drawn = try randomProblem(seed: 29, widths: [3, 2, 1], loss: .squaredError, bias: false)
        let problem = try ProximalProblem(
            network: drawn.network,
            batch: Batch(inputs: Matrix<Double>(rows: 3, columns: 1), targets: drawn.batch.targets),
            loss: .squaredError, learningRate: 1)
        #expect(WeightSpaceReduction(problem).problem.network.architecture.inputWidth == 1)
    }
}
