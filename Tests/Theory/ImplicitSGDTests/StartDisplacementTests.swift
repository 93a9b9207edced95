import ImplicitSGD
import LinearAlgebra
import Networks
import Randomness
import Testing

@Suite("Random starts")
struct StartDisplacementTests {
    @Test("Squared norms are uniform in the ball of T15", arguments: [1, 6])
    func norms(_ examples: Int) throws {
        let problem = try randomProblem(
            seed: 31, widths: [3, 4, 2], loss: .squaredError, batchSize: examples, learningRate: 3)
        let starts = StartDisplacement(problem)
        let radius = 2 * problem.learningRate * problem.lossBefore
        #expect(abs(starts.squaredRadius - radius) <= 1e-14 * radius)
        let count = 400
        var shares: [Double] = []
        for index in 0..<count {
            var generator = RandomGenerator(seed: 5, stream: UInt64(index))
            let norm = starts.draw(using: &generator).norm
            shares.append(norm * norm / radius)
        }
        #expect(shares.allSatisfy { $0 <= 1 + 1e-12 })
        // A uniform variable: mean ½, variance 1/12; four standard errors.
        let mean = shares.reduce(0, +) / Double(count)
        #expect(abs(mean - 0.5) <= 4 * (1.0 / 12 / Double(count)).squareRoot())
        let below = Double(shares.filter { $0 < 0.25 }.count) / Double(count)
        #expect(abs(below - 0.25) <= 4 * (0.25 * 0.75 / Double(count)).squareRoot())
    }

    @Test("Each layer moves within the span of the rates that it sees")
    func span() throws {
        let problem = try randomProblem(
            seed: 37, widths: [6, 5, 2], activation: .relu, loss: .squaredError, batchSize: 2)
        var generator = RandomGenerator(seed: 1)
        let update = StartDisplacement(problem).draw(using: &generator)
        let pass = problem.linearization(after: update)
        for n in 0..<2 {
            // What is orthogonal to the rates of every example must be mapped to zero.
            var rates = (0..<2).map { pass.rates[n].column($0) + [1] }
            for b in 0..<2 {
                for other in 0..<b {
                    let part = zip(rates[b], rates[other]).reduce(0) { $0 + $1.0 * $1.1 }
                    for k in rates[b].indices { rates[b][k] -= part * rates[other][k] }
                }
                let norm = rates[b].reduce(0) { $0 + $1 * $1 }.squareRoot()
                rates[b] = rates[b].map { $0 / norm }
            }
            var probe = (0..<rates[0].count).map { Double(($0 * 5 + 2) % 7) - 3 }
            for rate in rates {
                let part = zip(probe, rate).reduce(0) { $0 + $1.0 * $1.1 }
                for k in probe.indices { probe[k] -= part * rate[k] }
            }
            for i in 0..<update.layers[n].rows {
                let image = probe.indices.reduce(0) { $0 + update.layers[n][i, $1] * probe[$1] }
                #expect(abs(image) <= 1e-13)
            }
        }
    }

    @Test("Where the activity energy does not exist the search goes on in weight space")
    func dependentRates() throws {
        let problem = try randomProblem(
            seed: 41, widths: [2, 3, 2], loss: .squaredError, batchSize: 7, learningRate: 1)
        let reported = try ProximalSolver().solve(problem)
        let search = MultiStart(starts: 5).search(problem, reported: reported)
        #expect(search.starts == 5 && search.unconverged == 0)
        #expect(search.minima.first?.report.update == reported.update)
    }
}
