import Certificates
import Comparison
import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Randomness
import Testing

@Suite("Comparison with the exact update")
struct UpdateComparisonTests {
    private func problem(seed: UInt64, learningRate: Double) throws -> ProximalProblem {
        var generator = RandomGenerator(seed: seed)
        let architecture = try Architecture(widths: [4, 6, 5, 3], activation: .tanh)
        let network = Network<Double>(architecture: architecture, using: &generator)
        let inputs = Matrix<Double>(rows: 4, columns: 1) { _, _ in generator.nextNormal() }
        let batch = try Batch(inputs: inputs, targets: Matrix(column: [0, 1, 0]))
        return try ProximalProblem(
            network: network, batch: batch, loss: .softmaxCrossEntropy,
            learningRate: learningRate)
    }

    @Test("The exact update is at distance 0, gap 0, cosine 1")
    func exact() throws {
        let problem = try problem(seed: 1, learningRate: 2)
        let report = try ProximalSolver().certified(problem)
        let comparison = UpdateComparison(of: report.update, to: report, in: problem)
        #expect(comparison.whole.relativeDistance == 0)
        #expect(abs(comparison.whole.cosine - 1) < 1e-14)
        #expect(comparison.whole.normRatio == 1)
        #expect(abs(comparison.proximalGap) < 1e-12)
        #expect(comparison.implicitResidual <= 1e-10)
    }

    @Test("Not moving is at distance 1 and gap 1")
    func nothing() throws {
        let problem = try problem(seed: 2, learningRate: 2)
        let report = try ProximalSolver().certified(problem)
        let zero = Parameters<Double>(zerosFor: problem.network.architecture)
        let comparison = UpdateComparison(of: zero, to: report, in: problem)
        #expect(comparison.whole.relativeDistance == 1)
        #expect(comparison.whole.normRatio == 0 && comparison.whole.cosine == 0)
        #expect(abs(comparison.proximalGap - 1) < 1e-12)
    }

    /// Guards: the exact update's slopes at units that this update does not put on their kink.
    @Test("Half of an exact update with kinks has the slopes of its own sides")
    func ownSlopes() throws {
        var generator = RandomGenerator(seed: 9)
        let architecture = try Architecture(widths: [4, 8, 8, 3], activation: .relu)
        var compared = 0
        for _ in 0..<8 {
            let network = Network<Double>(architecture: architecture, using: &generator)
            let inputs = Matrix<Double>(rows: 4, columns: 1) { _, _ in generator.nextNormal() }
            let problem = try ProximalProblem(
                network: network, batch: Batch(inputs: inputs, targets: Matrix(column: [0, 1, 0])),
                loss: .softmaxCrossEntropy, learningRate: 3)
            let exact = try ProximalSolver().certified(problem)
            guard !exact.kinkedUnits.isEmpty else { continue }
            compared += 1
            let half = 0.5 * exact.update
            let comparison = UpdateComparison(of: half, to: exact, in: problem)
            #expect(abs(comparison.implicitResidual / problem.implicitResidual(of: half) - 1) < 1e-12)
            let same = UpdateComparison(of: exact.update, to: exact, in: problem)
            #expect(same.implicitResidual <= 1e-9)
        }
        #expect(compared > 0)
    }

    @Test("Twice the exact update: distance 1, cosine 1, norm ratio 2, in every layer")
    func double() throws {
        let problem = try problem(seed: 3, learningRate: 0.5)
        let report = try ProximalSolver().certified(problem)
        let comparison = UpdateComparison(of: 2 * report.update, to: report, in: problem)
        for distance in [comparison.whole] + comparison.layers {
            #expect(abs(distance.relativeDistance - 1) < 1e-12)
            #expect(abs(distance.cosine - 1) < 1e-12)
            #expect(abs(distance.normRatio - 2) < 1e-12)
        }
        #expect(comparison.proximalGap > 0)
    }

    @Test("The whole distance combines the layers'")
    func layers() throws {
        let problem = try problem(seed: 4, learningRate: 0.5)
        let report = try ProximalSolver().certified(problem)
        let update = try Backpropagation().step(LearningProblem(problem)).update
        let comparison = UpdateComparison(of: update, to: report, in: problem)
        var sum = 0.0
        for (n, distance) in comparison.layers.enumerated() {
            let own = distance.relativeDistance * report.update.layers[n].norm
            sum += own * own
        }
        let whole = comparison.whole.relativeDistance * report.update.norm
        #expect(abs(sum.squareRoot() - whole) < 1e-12 * whole)
    }

    @Test("Targets are reached by the exact rule (T7), not by il")
    func activities() throws {
        let problem = try problem(seed: 5, learningRate: 1)
        let report = try ProximalSolver().certified(problem)
        let learning = LearningProblem(problem)
        func agreement(_ rule: any LearningRule) throws -> ActivityAgreement {
            let step = try rule.step(learning)
            let comparison = UpdateComparison(
                of: step.update, to: report, in: problem, inferred: step.activities)
            return try #require(comparison.activities)
        }
        let exact = try agreement(InferenceLearning.exact(steps: 10))
        #expect(exact.relativeDistance < 1e-12 && abs(exact.cosine - 1) < 1e-12)
        #expect(try agreement(InferenceLearning.standard()).relativeDistance > 0.01)
    }

    @Test("The ladder begins exact and ends with il-prox")
    func ladder() throws {
        let problem = try problem(seed: 6, learningRate: 1)
        let learning = LearningProblem(problem)
        let report = try ProximalSolver().certified(problem)
        let updates = try ErrorLadder.rungs().map { try $0.rule.step(learning).update }
        #expect((updates[0] - report.update).norm <= 1e-12 * report.update.norm)
        let last = try InferenceLearning.proximal().step(learning).update
        #expect((updates[updates.count - 1] - last).norm <= 1e-14)
        for (a, b) in zip(updates, updates.dropFirst()) where b != updates[4] {
            #expect((a - b).norm > 1e-6, "each rung changes something at mini-batch 1")
        }
    }
}
