import Foundation
import LearningRules
import LinearAlgebra
import Networks
import Randomness
import Testing

/// The chain a second time by plain loops, with the same random numbers in the same order.
@Suite("Gibbs sampling by loops")
struct GibbsNaiveTests {
    @Test("Every draw of four sweeps", arguments: [[4, 3, 2], [3, 5, 4, 2]])
    func sweeps(_ widths: [Int]) throws {
        let problem = try randomLearningProblem(seed: 75, widths: widths, loss: .squaredError, learningRate: 0.6)
        let found = try GibbsSampling(sweeps: 4, epsilon: 0.7, temperature: 0.3, seed: 9).step(problem).update
        var chain = NaiveGibbs(problem, noise: 0.6 * 0.7, temperature: 0.3, seed: 9)
        var total = chain.weights.map { $0.map { $0.map { _ in 0.0 } } }
        for sweep in 0..<4 {
            chain.sweep()
            guard sweep >= 2 else { continue }
            for n in total.indices {
                for i in total[n].indices {
                    for j in total[n][i].indices { total[n][i][j] += (chain.weights[n][i][j] - chain.naive.weights[n][i][j]) / 2 }
                }
            }
        }
        let expected = Parameters(layers: total.map { layer in
            Matrix<Double>(rows: layer.count, columns: layer[0].count) { layer[$0][$1] }
        })
        #expect(found.relativeDistance(to: expected) < 1e-12)
        #expect(expected.norm > 0.1)
    }
}

/// One example, squared error, biases in every layer.
private struct NaiveGibbs {
    let naive: NaiveInference
    let noise: Double
    let temperature: Double
    var generator: RandomGenerator
    var weights: [[[Double]]]
    /// `x₀ …`, without the bias's 1, and `z₁ …`.
    var rates: [[Double]]
    var preactivations: [[Double]]

    init(_ problem: LearningProblem<Double>, noise: Double, temperature: Double, seed: UInt64) {
        naive = NaiveInference(problem)
        (self.noise, self.temperature) = (noise, temperature)
        generator = RandomGenerator(seed: seed)
        weights = naive.weights
        rates = [naive.input] + naive.hidden.map(naive.rate)
        let last = naive.hidden.count
        preactivations = naive.hidden + [naive.predict(last, from: naive.rates(last))]
    }

    mutating func normal(_ variance: Double) -> Double { variance.squareRoot() * generator.nextNormal() }

    func predict(_ n: Int, _ layer: [[Double]]) -> [Double] {
        layer.map { row in zip(row, rates[n] + [1]).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    mutating func sweep() {
        for n in 1..<weights.count {
            drawRates(n)
            let predicted = predict(n - 1, weights[n - 1])
            for i in predicted.indices {
                let (x, s, rate) = (rates[n][i], noise, naive.rate)
                preactivations[n - 1][i] = slice(preactivations[n - 1][i]) { z in
                    let (a, b) = (z - predicted[i], x - rate([z])[0])
                    return (a * a + b * b) / (2 * s)
                }
            }
        }
        let top = weights.count - 1
        let predicted = predict(top, weights[top])
        for i in predicted.indices {
            let (others, target, s) = (preactivations[top], naive.target, noise)
            preactivations[top][i] = slice(others[i]) { z in
                var loss = 0.0
                for k in others.indices {
                    let misfit = (k == i ? z : others[k]) - target[k]
                    loss += misfit * misfit / 2
                }
                return (z - predicted[i]) * (z - predicted[i]) / (2 * s) + loss
            }
        }
        for n in weights.indices { drawWeights(n) }
    }

    mutating func drawRates(_ n: Int) {
        rates[n] = naive.rate(preactivations[n - 1])
        for i in rates[n].indices { rates[n][i] += normal(noise * temperature) }
        var misfit = zip(preactivations[n], predict(n, weights[n])).map { $0 - $1 }
        for i in misfit.indices { misfit[i] -= normal(noise * temperature) }
        // (WWᵀ + I)v = misfit by elimination.
        let width = rates[n].count
        var system = misfit.indices.map { i in
            misfit.indices.map { k in
                (0..<width).reduce(i == k ? 1.0 : 0) { $0 + weights[n][i][$1] * weights[n][k][$1] }
            } + [misfit[i]]
        }
        for pivot in system.indices {
            for i in system.indices where i != pivot {
                let factor = system[i][pivot] / system[pivot][pivot]
                for k in system[i].indices { system[i][k] -= factor * system[pivot][k] }
            }
        }
        for i in 0..<width {
            for k in system.indices { rates[n][i] += weights[n][k][i] * system[k][system.count] / system[k][k] }
        }
    }

    mutating func drawWeights(_ n: Int) {
        var drawn = naive.weights[n]
        // Column by column, as matrices are filled.
        for j in drawn[0].indices { for i in drawn.indices { drawn[i][j] += normal(naive.learningRate * temperature) } }
        let inputs = rates[n] + [1]
        var misfit = zip(preactivations[n], predict(n, drawn)).map { $0 - $1 }
        for i in misfit.indices { misfit[i] -= normal(noise * temperature) }
        let size = inputs.reduce(noise / naive.learningRate) { $0 + $1 * $1 }
        for i in drawn.indices { for j in inputs.indices { drawn[i][j] += misfit[i] / size * inputs[j] } }
        weights[n] = drawn
    }

    /// Neal's slice sampler: a level, an interval stepped out, points until one is above.
    mutating func slice(_ present: Double, _ potential: (Double) -> Double) -> Double {
        let level = potential(present) - temperature * log(1 - generator.nextUniform())
        let width = 2 * (noise * temperature).squareRoot()
        var low = present - width * generator.nextUniform()
        var high = low + width
        while potential(low) < level { low -= width }
        while potential(high) < level { high += width }
        while true {
            let point = low + (high - low) * generator.nextUniform()
            if potential(point) <= level { return point }
            if point < present { low = point } else { high = point }
        }
    }
}
