import Certificates
import Comparison
import ImplicitSGD
import Intervals
import LearningRules
import LinearAlgebra
import Networks
import Randomness
import Testing

/// Distances with proved bounds.
@Suite struct ProvedComparisonTests {
    private static func problem(_ activation: Activation, batchSize: Int) throws -> ProximalProblem {
        var generator = RandomGenerator(seed: 4)
        let architecture = try Architecture(widths: [4, 6, 5, 3], activation: activation)
        let network = Network<Double>(architecture: architecture, using: &generator)
        let inputs = Matrix<Double>(rows: 4, columns: batchSize) { _, _ in generator.nextNormal() }
        let targets = Matrix<Double>(rows: 3, columns: batchSize) { i, k in i == k % 3 ? 1 : 0 }
        return try ProximalProblem(
            network: network, batch: Batch(inputs: inputs, targets: targets), loss: .softmaxCrossEntropy,
            learningRate: 2)
    }

    private func measures(_ comparison: ProvedComparison) -> [Interval] {
        [comparison.relativeDistance, comparison.cosine, comparison.normRatio, comparison.proximalGap]
    }

    /// The computed measures are within their rounding of the proved ones.
    @Test(arguments: [(Activation.tanh, 1), (.gelu, 3), (.leakyReLU, 2)])
    func `computed measures agree with proved ones`(activation: Activation, batchSize: Int) throws {
        let problem = try Self.problem(activation, batchSize: batchSize)
        let exact = try ProximalSolver().certified(problem, examination: .enclosure)
        let enclosure = try #require(exact.certificate.enclosure, "\(String(describing: exact.certificate.point?.notEnclosed))")
        #expect(enclosure.distance.upper < 1e-8)
        let step = try Backpropagation().step(LearningProblem(problem)).update
        let proved = ProvedComparison(of: step, to: enclosure, in: problem)
        let computed = UpdateComparison(of: step, to: exact, in: problem)
        let values = [
            computed.whole.relativeDistance, computed.whole.cosine, computed.whole.normRatio, computed.proximalGap,
        ]
        for (value, bounds) in zip(values, measures(proved)) {
            let rounding = 1e-7 * max(1, abs(value))
            #expect(bounds.lower <= value + rounding && bounds.upper >= value - rounding)
            #expect(bounds.upper - bounds.lower < 1e-7 * max(1, abs(value)))
        }
    }

    /// Around an update that is a millionth off, without a Newton step, the enclosure is that wide; bounds from it must
    /// hold those from a sharp one.
    @Test func `a coarse enclosure gives coarse bounds that are true`() throws {
        let problem = try Self.problem(.tanh, batchSize: 1)
        let exact = try ProximalSolver().certified(problem, examination: .enclosure)
        let sharp = try #require(exact.certificate.enclosure)
        var moved = exact.update
        moved.layers[2][0, 5] += 1e-6
        let coarse = try ActivityEnclosure(around: moved, for: problem, newtonSteps: 0)
        #expect(coarse.radius > 1e-7)
        let step = try Backpropagation().step(LearningProblem(problem)).update
        let (wide, narrow) = (
            measures(ProvedComparison(of: step, to: coarse, in: problem)),
            measures(ProvedComparison(of: step, to: sharp, in: problem))
        )
        for (outer, inner) in zip(wide, narrow) {
            #expect(outer.lower <= inner.lower && inner.upper <= outer.upper)
            #expect(outer.upper - outer.lower > 1e-8)
        }
        // At a right angle to the sharp enclosure's middle, and so not to that of the coarse one, whose norm says nothing of it.
        let exactBias = (sharp.update[2].center[0, 5], sharp.update[2].center[1, 5])
        var turned = Parameters<Double>(zerosFor: problem.network.architecture)
        (turned.layers[2][0, 5], turned.layers[2][1, 5]) = (exactBias.1, -exactBias.0)
        let angles = (
            ProvedComparison(of: turned, to: coarse, in: problem).cosine,
            ProvedComparison(of: turned, to: sharp, in: problem).cosine
        )
        #expect(angles.0.lower <= angles.1.lower && angles.1.upper <= angles.0.upper && angles.1.contains(0))
    }

    @Test func `not moving has cosine, ratio and distance that say so`() throws {
        let problem = try Self.problem(.tanh, batchSize: 1)
        let exact = try ProximalSolver().certified(problem, examination: .enclosure)
        let enclosure = try #require(exact.certificate.enclosure)
        let zero = Parameters<Double>(zerosFor: problem.network.architecture)
        let proved = ProvedComparison(of: zero, to: enclosure, in: problem)
        #expect(proved.relativeDistance.contains(1) && proved.normRatio.contains(0) && proved.proximalGap.contains(1))
        #expect(proved.cosine.lower == -1 && proved.cosine.upper == 1)
    }
}
