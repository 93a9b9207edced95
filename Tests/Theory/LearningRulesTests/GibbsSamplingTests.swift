import Foundation
import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Testing

/// A sampler is judged by its distribution: against a Gaussian posterior in closed form, against quadrature, and by its
/// limit.
@Suite("Gibbs sampling")
struct GibbsSamplingTests {
    /// One linear layer with squared error has a Gaussian posterior: with noise `s` on its output the mean is the
    /// minimiser of `½‖y − Wx̄‖²/(1 + s) + ‖W − Wᵇ‖²/(2α)`, an NLMS step with `α/(1 + s + α‖x̄‖²)`.
    @Test("The posterior mean of one linear layer")
    func linear() throws {
        let problem = try randomLearningProblem(
            seed: 71, widths: [3, 2], loss: .squaredError, learningRate: 0.5)
        let found = try GibbsSampling(sweeps: 40_000, epsilon: 0.8, temperature: 0.05, seed: 3).step(problem).update
        let naive = NaiveInference(problem)
        let gradient = naive.lossGradient(naive.predict(0, from: naive.input))
        let rate = 0.5 / (1 + 0.5 * 0.8 + 0.5 * naive.squaredNorm(0))
        let expected = naive.update([gradient.map { -$0 }]) { _ in rate }
        // 20,000 samples of a standard deviation of at most √(αT) = 0.16 that correlate over a few sweeps.
        let difference = found - expected
        #expect(difference.layers[0].maximumMagnitude < 0.01, "\(difference.layers[0])")
        #expect(expected.layers[0].maximumMagnitude > 0.05)
    }

    /// 1-1-1, tanh, no biases: `z₁, x₁, z₂` integrated over a grid, the weights' Gaussians in closed form.
    @Test("The posterior mean of a network of one unit, by quadrature")
    func quadrature() throws {
        var problem = try randomLearningProblem(
            seed: 72, widths: [1, 1, 1], loss: .squaredError, bias: false, learningRate: 0.6)
        problem.network.parameters = Parameters(layers: [
            Matrix<Double>(rows: 1, columns: 1) { _, _ in 0.7 }, Matrix<Double>(rows: 1, columns: 1) { _, _ in -0.4 }])
        problem.batch = try Batch(
            inputs: Matrix<Double>(rows: 1, columns: 1) { _, _ in 1.3 },
            targets: Matrix<Double>(rows: 1, columns: 1) { _, _ in 0.9 })
        let (alpha, s, t, x, y) = (0.6, 0.6 * 0.7, 0.2, 1.3, 0.9)
        // Integrated over the weights: z₁ ~ N(0.7x, T(s + αx²)); z₂ ~ N(−0.4x₁, T(s + αx₁²)).
        var sums = (mass: 0.0, first: 0.0, second: 0.0)
        let first = (s + alpha * x * x)
        for i in -60...60 {
            let z1 = 0.7 * x + Double(i) / 60 * 6 * (t * first).squareRoot()
            for j in -60...60 {
                let x1 = NaiveInference(problem).rate([z1])[0] + Double(j) / 60 * 6 * (t * s).squareRoot()
                // z₂ is Gaussian with the loss included: integrated in closed form.
                let second = s + alpha * x1 * x1
                let misfit = y + 0.4 * x1
                let u = z1 - 0.7 * x
                let rateMisfit = Double(j) / 60 * 6 * (t * s).squareRoot()
                let density = exp(
                    -(u * u / first + rateMisfit * rateMisfit / s + misfit * misfit / (second + 1)) / (2 * t))
                    / (second + 1).squareRoot()
                sums.mass += density
                sums.first += density * alpha * x * u / first
                sums.second += density * alpha * x1 * misfit / (second + 1)
            }
        }
        let found = try GibbsSampling(sweeps: 60_000, epsilon: 0.7, temperature: t, seed: 5).step(problem).update
        #expect(abs(found.layers[0][0, 0] - sums.first / sums.mass) < 0.015, "\(found.layers[0]) \(sums)")
        #expect(abs(found.layers[1][0, 0] - sums.second / sums.mass) < 0.015, "\(found.layers[1]) \(sums)")
        #expect(abs(sums.second / sums.mass) > 0.1)
    }

    /// The posterior's variance along `x̄` is `αT(1 + s)/(1 + s + α‖x̄‖²)`. Here the chain forgets 0.6 of its state in a
    /// sweep, so that after three sweeps 0.6⁶ = 5 % of the variance is missing; 20,000 samples tell it to 1 %. A slice at a
    /// level that is not drawn would have 14 % too little.
    @Test("The posterior's spread")
    func spread() throws {
        var problem = try randomLearningProblem(seed: 75, widths: [3, 2], loss: .squaredError, learningRate: 0.5)
        problem.batch = try Batch(
            inputs: Matrix<Double>(rows: 3, columns: 1) { _, _ in 1 }, targets: problem.batch.targets)
        let (s, temperature) = (0.5 * 0.8, 0.05)
        var (sum, squares) = ([0.0, 0.0], [0.0, 0.0])
        for seed in 0..<10_000 {
            let update = try GibbsSampling(sweeps: 3, epsilon: 0.8, temperature: temperature, seed: UInt64(seed))
                .step(problem).update.layers[0]
            for i in 0..<2 {
                let along = (update[i, 0] + update[i, 1] + update[i, 2] + update[i, 3]) / 2
                sum[i] += along
                squares[i] += along * along
            }
        }
        let variances = [0, 1].map { (row: Int) -> Double in
            let mean = sum[row] / 10_000
            return squares[row] / 10_000 - mean * mean
        }
        let expected: Double = 0.5 * temperature * (1 + s) / (1 + s + 2)
        let ratio = (variances[0] + variances[1]) / (2 * expected)
        #expect((0.91...1).contains(ratio), "\(ratio)")
    }

    @Test("Cold and with little noise, many sweeps come near the exact update")
    func cold() throws {
        let problem = try randomLearningProblem(seed: 73, learningRate: 0.2)
        let exact = try ImplicitGradientDescent().step(problem).update
        let found = try GibbsSampling(sweeps: 4000, epsilon: 0.05, temperature: 1e-9).step(problem).update
        #expect(found.relativeDistance(to: exact) < 0.05, "\(found.relativeDistance(to: exact))")
    }

    @Test("The seed determines the draws, each iteration has others, and no noise is refused")
    func seeds() throws {
        let problem = try randomLearningProblem(seed: 74, batchSize: 2, learningRate: 0.2)
        let rule = GibbsSampling(sweeps: 5, temperature: 0.1)
        let one = try rule.step(problem).update
        #expect(try rule.step(problem).update == one)
        #expect(try rule.inIteration(0).step(problem).update != rule.inIteration(1).step(problem).update)
        #expect(throws: RuleError.self) { try GibbsSampling(epsilon: 0).step(problem) }
    }
}
