import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// Cases whose residual rounding limits end with that reason; others never do.
@Suite("Rounding limits")
struct RoundingFloorTests {
    @Test("Targets that are the outputs up to rounding", arguments: Activation.allCases)
    func reachedTargets(_ activation: Activation) throws {
        for (seed, widths, examples) in [(1, [4, 6, 3], 1), (2, [8, 10, 3], 2), (3, [3, 4, 2], 6)] as [(UInt64, [Int], Int)] {
            for learningRate in [0.1, 10] {
                let drawn = try randomProblem(
                    seed: seed, widths: widths, activation: activation, loss: .squaredError, batchSize: examples)
                let outputs = drawn.network.logits(drawn.batch.inputs)
                let targets = Matrix<Double>(rows: outputs.rows, columns: outputs.columns) { i, j in
                    (i + j) % 2 == 0 ? outputs[i, j].nextUp : outputs[i, j].nextDown
                }
                let problem = try ProximalProblem(
                    network: drawn.network, batch: Batch(inputs: drawn.batch.inputs, targets: targets),
                    loss: .squaredError, learningRate: learningRate)
                let report = try ProximalSolver().solve(problem)
                #expect([.converged, .roundingLimit].contains(report.outcome), "\(widths), α = \(learningRate)")
            }
        }
    }

    @Test("Extreme scales and learning rates", arguments: [Activation.relu, .leakyReLU, .tanh])
    func extremes(_ activation: Activation) throws {
        for (scale, learningRate) in [(1, 1e200), (1, 1e300), (1e30, 1), (1, 1e-20), (1, 1e-300)] as [(Double, Double)] {
            let problem = try randomProblem(
                seed: 5, widths: [4, 6, 3], activation: activation, loss: .squaredError,
                learningRate: learningRate, weightScale: scale)
            let report = try ProximalSolver().solve(problem)
            #expect(
                [.converged, .roundingLimit].contains(report.outcome),
                "\(report.outcome) at scale \(scale), α = \(learningRate)")
            #expect(report.iterations < 400, "no solver after the one that met the limit")
        }
    }

    @Test("Raw pixels at a large learning rate", arguments: [Activation.relu, .leakyReLU])
    func pixels(_ activation: Activation) throws {
        for seed in 0..<6 {
            let drawn = try randomProblem(
                seed: UInt64(seed), widths: [64, 16, 16, 10], activation: activation, loss: .squaredError)
            let inputs = Matrix<Double>(rows: 64, columns: 1) { i, _ in
                (i * 37 + seed * 11) % 3 == 0 ? Double((i * 91 + seed * 53) % 256) : 0
            }
            let problem = try ProximalProblem(
                network: drawn.network, batch: Batch(inputs: inputs, targets: drawn.batch.targets),
                loss: .squaredError, learningRate: 100)
            let report = try ProximalSolver().solve(problem)
            #expect([.converged, .roundingLimit].contains(report.outcome), "\(report.outcome)")
            #expect(report.implicitResidual < 1e-6)
        }
    }

    @Test("Leaky-ReLU with weights of rank one and two examples", arguments: 0..<8)
    func rankDeficient(_ seed: Int) throws {
        let drawn = try randomProblem(
            seed: UInt64(seed), widths: [5, 3, 5, 3, 3], activation: .leakyReLU, loss: .squaredError,
            bias: seed % 2 == 0, batchSize: 2)
        var parameters = drawn.network.parameters
        for n in parameters.layers.indices {
            let layer = parameters.layers[n]
            parameters.layers[n] = Matrix(rows: layer.rows, columns: layer.columns) { layer[$0, 0] * layer[0, $1] }
        }
        for learningRate in [0.1, 1, 10] {
            let problem = try ProximalProblem(
                network: Network(architecture: drawn.network.architecture, parameters: parameters),
                batch: drawn.batch, loss: .squaredError, learningRate: learningRate)
            let report = try ProximalSolver().solve(problem)
            #expect(report.isConverged, "\(report.outcome), α = \(learningRate)")
        }
    }

    @Test("An update that is wrong is not blamed on rounding")
    func wrongUpdate() throws {
        let problem = try randomProblem(seed: 7, learningRate: 10)
        let report = try ProximalSolver().solve(problem)
        for factor in [1 + 1e-3, 1 + 1e-8] {
            let update = factor * report.update
            #expect(!problem.isRounding(update, kinkedUnits: [], problem.linearization(after: update)))
        }
    }
}
