import Certificates
import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// What a refusal says about rounding is true, and what double precision can reach is reached.
@Suite("Rounding limits of certificates")
struct RoundingLimitTests {
    /// Raw pixels and α = 100: `αρ` is some 10⁹, so that the last digit of a weight is worth 10⁻⁷ of the update.
    private func pixels(_ activation: Activation, seed: Int) throws -> ProximalProblem {
        let drawn = try randomProblem(
            seed: UInt64(seed), widths: [196, 16, 10], activation: activation, loss: .squaredError, learningRate: 100)
        let inputs = Matrix<Double>(rows: 196, columns: 1) { i, _ in
            (i * 37 + seed * 11) % 3 == 0 ? Double((i * 91 + seed * 53) % 256) : 0
        }
        return try ProximalProblem(
            network: drawn.network, batch: Batch(inputs: inputs, targets: drawn.batch.targets), loss: .squaredError,
            learningRate: 100)
    }

    @Test("The tolerance and the learning rate that a refusal names are met", arguments: [Activation.relu, .leakyReLU], 0..<4)
    func advice(_ activation: Activation, _ seed: Int) throws {
        let problem = try pixels(activation, seed: seed)
        let solution = try ProximalSolver().certified(problem)
        guard case .hiddenByRounding(let limit) = solution.certificate.refusal else {
            #expect(solution.isExact, "\(solution.reason ?? "")")
            return
        }
        #expect(limit.least <= limit.residual && limit.residual <= limit.bound)
        // The floor is an estimate by one random change of the weights.
        #expect(limit.residual <= 16 * limit.floor && limit.floor <= limit.bound, "\(limit)")
        #expect(Certifier(tolerance: 1.01 * limit.reachableTolerance).certify(solution.update, for: problem).isExact)
        #expect(!Certifier(tolerance: 0.98 * limit.reachableTolerance).certify(solution.update, for: problem).isExact)
        let smaller = try problem.with(learningRate: problem.learningRate / limit.reachableFactor)
        #expect(try ProximalSolver().certified(smaller).isExact)
    }

    @Test("α beyond reach: no tolerance is named", arguments: [1e150, 1e250])
    func noTolerance(_ learningRate: Double) throws {
        let problem = try randomProblem(
            seed: 5, widths: [4, 6, 3], activation: .relu, loss: .squaredError, learningRate: learningRate)
        let solution = try ProximalSolver().certified(problem)
        let reason = try #require(solution.reason)
        #expect(reason.contains("no useful tolerance is met"), "\(reason)")
    }

    @Test(
        "A loss that vanishes at infinity is solved at every α", arguments: [Activation.tanh, .softplus], [1e20, 1e100, 1e300])
    func vanishingLoss(_ activation: Activation, _ learningRate: Double) throws {
        let problem = try randomProblem(seed: 5, widths: [4, 6, 3], activation: activation, learningRate: learningRate)
        let solution = try ProximalSolver().certified(problem)
        #expect(solution.isExact, "\(solution.reason ?? "")")
    }
}
