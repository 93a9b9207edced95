import Certificates
import ImplicitSGD
import Intervals
import LinearAlgebra
import Networks
import Randomness
import Testing

/// The energy's derivatives that proofs use, at points that are stationary in nothing.
@Suite("Enclosures of the energy")
struct EnergyEnclosureTests {
    private struct Case {
        let problem: ProximalProblem
        let point: [Matrix<Double>]

        /// Random activities, so that no error is that of a feedforward pass.
        init(_ activation: Activation, _ loss: Loss, batchSize: Int, held: HeldParameters = .none) throws {
            let plain = try randomProblem(seed: 7, activation: activation, loss: loss, batchSize: batchSize, learningRate: 2)
            problem = try ProximalProblem(
                network: plain.network, batch: plain.batch, loss: loss, learningRate: 2, held: held)
            var generator = RandomGenerator(seed: 8)
            point = problem.network.architecture.widths.dropFirst().map { width in
                Matrix(rows: width, columns: batchSize) { _, _ in generator.nextNormal() }
            }
        }

        func energy(moved coordinate: Int? = nil, by distance: Double = 0) throws -> EnergyEnclosure {
            var rest = coordinate ?? Int.max
            let activities = point.map { layer in
                var layer = layer
                if (0..<layer.count).contains(rest) { layer[rest % layer.rows, rest / layer.rows] += distance }
                rest = rest >= layer.count ? rest - layer.count : Int.max
                return BallMatrix(exactly: layer)
            }
            let input = try #require(EnergyEnclosure.InputLayer(problem))
            return try #require(EnergyEnclosure(problem, input, at: activities))
        }
    }

    /// Central differences of `αE` and of its gradient; their own error is of order `ε² = 1e-10`.
    @Test(arguments: [
        (Activation.tanh, Loss.softmaxCrossEntropy, 1), (.gelu, .squaredError, 1), (.sigmoid, .sigmoidCrossEntropy, 3),
        (.softplus, .softmaxCrossEntropy, 3), (.leakyReLU, .squaredError, 2),
    ])
    func `gradient and Hessian are those of the energy`(activation: Activation, loss: Loss, batchSize: Int) throws {
        let one = try Case(activation, loss, batchSize: batchSize)
        let energy = try one.energy()
        let (gradient, hessian) = (energy.gradient, energy.hessian)
        let distance = 1e-5
        for j in gradient.indices {
            let (plus, minus) = (try one.energy(moved: j, by: distance), try one.energy(moved: j, by: -distance))
            func slope(_ a: Interval, _ b: Interval) -> Double { (a.midpoint - b.midpoint) / (2 * distance) }
            let alpha = one.problem.learningRate
            #expect(abs(alpha * slope(plus.objective, minus.objective) - gradient[j].midpoint) < 1e-7)
            for i in gradient.indices {
                #expect(abs(slope(plus.gradient[i], minus.gradient[i]) - hessian[i, j].midpoint) < 1e-7)
            }
        }
    }

    /// `E(h) = P(w(h))` (T2), the right side by a feedforward pass: the update moves every activity to where it is, biases or not.
    @Test(arguments: [HeldParameters.none, HeldParameters([.biases])], [1, 2])
    func `the energy is the objective of its update`(held: HeldParameters, batchSize: Int) throws {
        let one = try Case(.tanh, .squaredError, batchSize: batchSize, held: held)
        let energy = try one.energy()
        let update = Parameters(layers: energy.update.map(\.center))
        let objective = one.problem.objective(after: update)
        #expect(abs(energy.objective.midpoint - objective) <= 1e-9 * objective, "\(energy.objective.midpoint) \(objective)")
    }
}
