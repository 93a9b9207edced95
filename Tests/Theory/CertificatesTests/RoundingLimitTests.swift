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

    @Test("Where rounding hides the residual a proved distance decides", arguments: [Activation.relu, .leakyReLU, .gelu], 0..<4)
    func distance(_ activation: Activation, _ seed: Int) throws {
        let problem = try pixels(activation, seed: seed)
        let solution = try ProximalSolver().certified(problem)
        #expect(solution.isExact && solution.isStrictMinimum, "\(solution.reason ?? "")")
        let point = try #require(solution.certificate.point)
        let proof = try #require(solution.certificate.enclosure)
        #expect(!point.isWithinTolerance && proof.isProvedMinimum && proof.distance.upper <= 1e-10)
        // Farther from the exact update than the tolerance, and hidden by rounding all the same: not exact.
        let coarse = Certifier(tolerance: 0.01 * proof.distance.upper).certify(solution.update, for: problem)
        #expect(coarse.refusal?.name == "hidden-by-rounding")
    }

    @Test("The tolerance and the learning rate that a refusal names are met", arguments: [Activation.relu, .leakyReLU], 0..<4)
    func advice(_ activation: Activation, _ seed: Int) throws {
        let problem = try pixels(activation, seed: seed)
        // To first order nothing is proved of the distance.
        let solution = try ProximalSolver().certified(problem, examination: .firstOrder)
        guard case .hiddenByRounding(let limit) = solution.certificate.refusal else {
            #expect(solution.isExact, "\(solution.reason ?? "")")
            return
        }
        #expect(limit.least <= limit.residual && limit.residual <= limit.bound)
        // The floor is an estimate by one random change of the weights.
        #expect(limit.residual <= 16 * limit.floor && limit.floor <= limit.bound, "\(limit)")
        for (factor, isMet) in [(1.01, true), (0.98, false)] {
            let certifier = Certifier(tolerance: factor * limit.reachableTolerance, examination: .firstOrder)
            #expect(certifier.certify(solution.update, for: problem).isExact == isMet)
        }
        let smaller = try problem.with(learningRate: problem.learningRate / limit.reachableFactor)
        #expect(try ProximalSolver().certified(smaller, examination: .firstOrder).isExact)
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
