import Certificates
import ImplicitSGD
import Networks
import Testing

/// Mini-batches with kinks, from `θ_b` by two descents that share no step: over activities with an active set, and over
/// weights with smoothed kinks. `Benchmarks/agreement.py` compares two programs on more and larger cases.
@Suite struct KinkedMiniBatchTests {
    @Test(arguments: [Activation.relu, .leakyReLU], [0.1, 1, 10])
    func `two descents end at the same point or at two certified ones`(activation: Activation, learningRate: Double) throws {
        var (same, cases) = (0, 0)
        for seed in 1...12 as ClosedRange<UInt64> {
            let problem = try randomProblem(
                seed: seed, widths: [9, 12, 8, 3], activation: activation, batchSize: 4, learningRate: learningRate)
            guard let activities = try? ActivitySpaceSolver().certified(problem), activities.isExact else { continue }
            let weights = try WeightSpaceMatrixFreeSolver().certified(problem)
            #expect(weights.isExact, "seed \(seed): \(weights.reason ?? "")")
            cases += 1
            let distance = (weights.update - activities.update).norm / activities.update.norm
            if distance <= 1e-7 {
                same += 1
                #expect(abs(weights.solve.objective - activities.solve.objective) <= 1e-12 * activities.solve.objective)
            } else {
                // Another stationary point, from which the other solver does not go up. It may go down: where units sit on
                // their kinks it does not know their slopes, and its first step may carry it across.
                #expect(weights.solve.objective < problem.lossBefore)
                let back = try ActivitySpaceSolver().solve(problem, from: weights.update)
                #expect(back.objective <= (1 + 1e-12) * weights.solve.objective, "seed \(seed)")
            }
        }
        #expect(cases >= 10)
        // At larger learning rates most of these problems have several minima.
        #expect(learningRate > 1 || 2 * same >= cases, "only \(same) of \(cases)")
    }
}
