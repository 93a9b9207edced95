import LinearAlgebra
import Networks
import PropertyTesting
import Testing
import Theorems

/// The yardsticks of the theorems, measured themselves.
@Suite("Tolerances")
struct ToleranceTests {
    @Test("Rounded weights move activities by no more than the bound, and not by nothing")
    func feedforward() {
        // Weights that are off by 1000 roundings each, with the bound told so.
        let property = Property("bound", NetworkCases().generator()) { networkCase, _ in
            let network = networkCase.problem.network
            let inputs = networkCase.problem.batch.inputs
            var moved = network.parameters
            let noise = networkCase.randomParameters()
            for n in moved.layers.indices {
                let layer = moved.layers[n]
                moved.layers[n] = Matrix(rows: layer.rows, columns: layer.columns) { i, j in
                    let sign: Double = noise.layers[n][i, j] < 0 ? -1 : 1
                    return layer[i, j] * (1 + 1000 * sign * Double.ulpOfOne)
                }
            }
            let other = network.updated(by: moved - network.parameters).logits(inputs)
            let bound = FeedforwardRounding(
                network, inputs, relativeWeightError: 1001 * Double.ulpOfOne)
            let deviation = other - network.logits(inputs)
            let last = bound.activities[networkCase.architecture.depth]
            var worst = 0.0
            for (found, allowed) in zip(deviation.elements, last.elements) where found != 0 {
                worst = max(worst, abs(found) / allowed)
            }
            return worst
        }
        let report = property.check(CheckSettings(cases: 200))
        #expect(report.isPassed, "\(report)")
        // One layer attains it, so the bound is not idle.
        #expect((report.worst?.margin ?? 0) > 0.5)
    }

    @Test("The slope of a power is its exponent", arguments: [1, 2, 3])
    func power(_ exponent: Int) throws {
        let steps: [Double] = [1, 0.5, 0.25, 0.125, 0.0625]
        let values = steps.map { step in (0..<exponent).reduce(3.0) { value, _ in value * step } }
        let fit = try #require(LogLogSlope(steps, values))
        #expect(abs(fit.slope - Double(exponent)) < 1e-12)
        #expect(fit.margin(order: Double(exponent), resolution: 0.01) < 1e-6)
        #expect(fit.margin(order: Double(exponent) + 1, resolution: 0.01) > 50)
    }

    @Test("Bent data widen the interval; too few or impossible data have no slope")
    func bent() throws {
        let steps: [Double] = [1, 0.5, 0.25, 0.125, 0.0625]
        let bent = try #require(LogLogSlope(steps, steps.map { $0 * (1 + $0) }))
        #expect(bent.halfWidth > 0.05)
        #expect(bent.margin(order: 1, resolution: 0) < 2)
        #expect(LogLogSlope(Array(steps.dropLast()), Array(steps.dropLast())) == nil)
        #expect(LogLogSlope(steps, [1, 2, 3, 4, 0]) == nil)
        #expect(LogLogSlope([1, 1, 1, 1, 1], steps) == nil)
        #expect(LogLogSlope(steps, [1, 2, 3, 4, .nan]) == nil)
    }

    @Test("NaN is never inside of a margin")
    func notANumber() {
        #expect(!(margin(.nan, 0, tolerance: 1) <= 1))
        #expect(!(margin(1, 0, tolerance: .nan) <= 1))
        #expect(margin(1, 1, tolerance: 0) == 0)
        #expect(margin(1, 0, tolerance: 0) == .infinity)
    }
}
