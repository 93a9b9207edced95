import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// Held, released and degenerate units against one-sided differences of the energy itself.
@Suite("Kink state")
struct KinkStateTests {
    @Test("One-sided differences of the energy decide the same", arguments: [Activation.relu, .leakyReLU])
    func oneSided(_ activation: Activation) throws {
        var counts = (held: 0, left: 0, right: 0, degenerate: 0)
        for seed in 0..<12 {
            let problem = try randomProblem(
                seed: UInt64(seed), widths: [4, 6, 5, 3], activation: activation, loss: .squaredError,
                learningRate: 2)
            var energy = try ActivityEnergy(problem)
            var point = randomBlocks(like: energy.feedforward, seed: UInt64(seed + 50), scale: 0.3)
            // Units 0 and 1 of each hidden layer exactly on their kink.
            for n in 1...2 { for i in 0..<2 { point[n][i, 0] = -energy.feedforward[n][i, 0] } }
            let value = energy.evaluate(at: point)
            energy.differentiate()
            let state = KinkState(energy)
            let degenerate = state.degenerateUnits(energy, tolerance: 1e-10)
            for n in 1...2 {
                for i in 0..<2 {
                    func rate(_ side: Double) -> Double {
                        var moved = point
                        moved[n][i, 0] += side * 1e-7
                        return (energy.evaluate(at: moved) - value) / 1e-7
                    }
                    let (up, down) = (rate(1), rate(-1))
                    if state.held[n].contains(i) {
                        counts.held += 1
                        #expect(up > -1e-5 && down > -1e-5)
                    } else {
                        let side = try #require(state.releasedSides[n][i])
                        if side > 0 { counts.right += 1 } else { counts.left += 1 }
                        #expect((side > 0 ? up : down) < 1e-5)
                    }
                    if let unit = degenerate.first(where: { $0.layer == n && $0.index == i }) {
                        counts.degenerate += 1
                        for side in unit.sides { #expect(abs(side > 0 ? up : down) < 1e-5) }
                    } else if state.held[n].contains(i) {
                        #expect(up > 1e-8 && down > 1e-8, "strictly opposed")
                    }
                }
            }
        }
        #expect(counts.held > 0 && counts.left > 0 && counts.right > 0, "\(counts)")
    }

    @Test("A unit without response and feedback is degenerate to both sides")
    func degenerate() throws {
        let architecture = try Architecture(widths: [1, 1, 1], activation: .relu)
        let problem = try ProximalProblem(
            network: Network(architecture: architecture, parameters: Parameters(zerosFor: architecture)),
            batch: Batch(inputs: Matrix<Double>(column: [1]), targets: Matrix<Double>(column: [1])),
            loss: .squaredError, learningRate: 10)
        var energy = try ActivityEnergy(problem)
        _ = energy.evaluate(at: energy.origin)
        energy.differentiate()
        let found = KinkState(energy).degenerateUnits(energy, tolerance: 1e-10)
        #expect(found.count == 1 && Set(found[0].sides) == [1, -1])
    }
}
