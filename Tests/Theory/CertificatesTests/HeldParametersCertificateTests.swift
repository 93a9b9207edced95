import Certificates
import ImplicitSGD
import Intervals
import LinearAlgebra
import Networks
import Testing

/// Certificates of problems in which some parameters are constants.
@Suite struct HeldParametersCertificateTests {
    private static func problem(
        _ held: HeldParameters, _ activation: Activation, seed: UInt64, batchSize: Int = 1
    ) throws -> ProximalProblem {
        let plain = try randomProblem(seed: seed, activation: activation, batchSize: batchSize)
        return try ProximalProblem(
            network: plain.network, batch: plain.batch, loss: plain.loss, learningRate: 0.9, held: held)
    }

    @Test(arguments: Activation.allCases, [1, 2])
    func `with held biases exact updates are certified and enclosed`(activation: Activation, batchSize: Int) throws {
        var enclosed = 0
        for seed in 1...4 as ClosedRange<UInt64> {
            let problem = try Self.problem(HeldParameters([.biases]), activation, seed: seed, batchSize: batchSize)
            let solved = try ProximalSolver().certified(problem, examination: .enclosure)
            #expect(solved.isStrictMinimum, "seed \(seed): \(solved.reason ?? "\(String(describing: solved.certificate.point))")")
            // Without the 1 the rates of two examples can depend on each other so nearly that nothing is proved.
            guard let enclosure = solved.certificate.enclosure else { continue }
            enclosed += 1
            #expect(batchSize > 1 || enclosure.isProvedMinimum)
            let reference = try WeightSpaceDenseSolver(options: SolverOptions(tolerance: 1e-13)).solve(
                problem, from: solved.update).update
            for n in 0..<3 {
                let width = problem.network.architecture.widths[n]
                for i in 0..<enclosure.update[n].rows {
                    #expect(enclosure.update[n][i, width] == .zero)
                    for j in 0..<width {
                        let (entry, found) = (enclosure.update[n][i, j], reference.layers[n][i, j])
                        let slack = 1e-11 * reference.norm
                        #expect(entry.lower - slack <= found && found <= entry.upper + slack)
                    }
                }
            }
        }
        #expect(enclosed >= (batchSize == 1 ? 3 : 1), "\(enclosed)")
    }

    @Test(arguments: [HeldParameters([.layer(1)]), HeldParameters([.weight(ofLayer: 0)]), HeldParameters([.weights])], [1, 2])
    func `with held weights exact updates are enclosed as minima`(
        held: HeldParameters, batchSize: Int
    ) throws {
        for activation in [Activation.tanh, .gelu, .identity] {
            let problem = try Self.problem(held, activation, seed: 7, batchSize: batchSize)
            let solved = try ProximalSolver().certified(problem, examination: .enclosure)
            #expect(solved.isStrictMinimum, "\(activation): \(solved.reason ?? "")")
            let enclosure = try #require(solved.certificate.enclosure, "\(String(describing: solved.certificate.point))")
            #expect(enclosure.isProvedMinimum && enclosure.distance.upper < 1e-10)
            for (n, layer) in enclosure.update.enumerated() {
                let moving = held.movingColumns(ofLayer: n, in: problem.network.architecture)
                for j in 0..<layer.columns where !moving.contains(j) {
                    #expect((0..<layer.rows).allSatisfy { layer[$0, j] == .zero })
                }
            }
        }
    }

    @Test func `the update of all parameters is refused, and that of a held problem where all move`() throws {
        let held = try Self.problem(HeldParameters([.biases]), .tanh, seed: 5)
        let free = try Self.problem(.none, .tanh, seed: 5)
        let (own, other) = (try ProximalSolver().solve(held).update, try ProximalSolver().solve(free).update)
        #expect(Certifier().certify(other, for: held).refusal?.name == "residual")
        #expect(Certifier().certify(own, for: free).refusal?.name == "residual")
        // What moves may be right and something held still have moved.
        var moved = own
        moved.layers[1][0, 6] += 1e-6
        #expect(Certifier().certify(moved, for: held).refusal?.name == "residual")
    }
}
