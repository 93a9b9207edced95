import Certificates
import ImplicitSGD
import Networks
import Testing

/// Certificates of problems with a learning rate for each layer.
@Suite struct LayerRatesTests {
    private static func problem(
        _ activation: Activation, seed: UInt64, batchSize: Int = 1
    ) throws -> ProximalProblem {
        try randomProblem(seed: seed, activation: activation, batchSize: batchSize)
            .with(rates: LearningRates(0.9, multiples: [0.05, 2, 0.3]))
    }

    /// Guards: a rate of another layer in the residual, at a kink, or in the curvature.
    @Test(arguments: Activation.allCases, [1, 2])
    func `exact updates are certified as strict minima`(activation: Activation, batchSize: Int) throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let problem = try Self.problem(activation, seed: seed, batchSize: batchSize)
            let solved = try ProximalSolver().solve(problem)
            let certificate = Certifier().certify(solved.update, for: problem)
            #expect(
                certificate.isExact,
                "seed \(seed), \(solved.outcome.name) by \(solved.method.name), \(solved.implicitResidual): \(solved.kinkedUnits)")
            let point = try #require(certificate.point)
            #expect(point.minimum.isStrict && point.kinkedUnits.count == solved.kinkedUnits.count)
            let residual = problem.implicitResidual(of: solved.update, kinkedUnits: point.kinkedUnits)
            #expect(point.residualBound >= residual * (1 - 1e-9) && point.residualBound < 1e-10)
        }
    }

    @Test func `the update of one learning rate is refused, and that of other layers' rates`() throws {
        let problem = try Self.problem(.tanh, seed: 5)
        for rates in [try LearningRates(0.9), try LearningRates(0.9, multiples: [0.3, 2, 0.05])] {
            let other = try ActivitySpaceSolver().solve(problem.with(rates: rates))
            #expect(Certifier().certify(other.update, for: problem).refusal?.name == "residual")
        }
    }

    /// With factors that are powers of two the rescaled network is the same arithmetic: so is its certificate.
    @Test(arguments: [Activation.relu, .leakyReLU])
    func `a certificate is that of the rescaled network`(activation: Activation) throws {
        let scales = [2, 0.25, 2]
        for seed in 11...16 as ClosedRange<UInt64> {
            let plain = try randomProblem(seed: seed, activation: activation, bias: false)
            let metric = try plain.with(rates: LearningRates(1, multiples: scales.map { 1 / ($0 * $0) }))
            let solved = try ProximalSolver().solve(metric).update
            var (weights, update) = (plain.network.parameters, solved)
            for n in scales.indices {
                weights.layers[n].scale(by: scales[n])
                update.layers[n].scale(by: scales[n])
            }
            let other = try ProximalProblem(
                network: Network(architecture: plain.network.architecture, parameters: weights),
                batch: plain.batch, loss: plain.loss, learningRate: 1)
            let (own, rescaled) = (
                Certifier().certify(solved, for: metric), Certifier().certify(update, for: other))
            #expect(own.isExact == rescaled.isExact && own.isExact, "seed \(seed): \(own.name), \(own.refusal?.name ?? "")")
            let (first, second) = try (#require(own.point), #require(rescaled.point))
            #expect(abs(first.implicitResidual - second.implicitResidual) <= 1e-6 * second.implicitResidual)
            #expect(abs(first.residualBound - second.residualBound) <= 0.1 * second.residualBound)
            #expect(first.kinkedUnits.map(\.unit) == second.kinkedUnits.map(\.unit))
            #expect(first.minimum.isStrict == second.minimum.isStrict)
        }
    }
}
