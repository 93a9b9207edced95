import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

@Suite("Rounding of a feedforward pass")
struct ForwardRoundingTests {
    @Test("Bounds hold against extended precision, and are not idle", arguments: [4, 40])
    func bounds(_ width: Int) throws {
        var tightest = 0.0
        for seed in 0..<20 {
            let problem = try randomProblem(
                seed: UInt64(seed), widths: [width, width, width, 3], activation: .leakyReLU, loss: .squaredError,
                batchSize: 2, weightScale: 2)
            let zero = Parameters<Double>(zerosFor: problem.network.architecture)
            let pass = problem.linearization(after: zero)
            let rounding = ForwardRounding(pass)
            let plain = PlainNetwork<Float80>(problem)
            for example in 0..<2 {
                for (n, layer) in plain.activities(zero, example: example).enumerated() {
                    for (i, exact) in layer.enumerated() {
                        let error = abs(Double(Float80(pass.activities[n + 1][i, example]) - exact))
                        let bound = rounding.bounds[n + 1][i, example]
                        #expect(error <= bound)
                        tightest = max(tightest, error / bound)
                    }
                }
            }
        }
        #expect(tightest > 1e-3)
    }
}
