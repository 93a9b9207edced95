import LinearAlgebra
import Networks
import Randomness
import Testing

@Suite struct InitializationTests {
    private let architecture: Architecture
    private let fans = [(80.0, 50.0), (50.0, 120.0)]

    init() throws { architecture = try Architecture(widths: [80, 50, 120], activation: .relu) }

    private func draw(_ initialization: Initialization, seed: UInt64 = 1) -> Network<Double> {
        var generator = RandomGenerator(seed: seed)
        return Network(
            architecture: architecture, initialization: initialization, using: &generator)
    }

    @Test("means, variances and ranges", arguments: Initialization.allCases)
    func moments(initialization: Initialization) {
        for (n, weights) in draw(initialization).parameters.layers.enumerated() {
            let (fanIn, fanOut) = fans[n]
            let entries = weights.columns(0..<Int(fanIn)).elements
            let bound: Double
            let variance: Double
            let kurtosis: Double
            switch initialization {
            case .uniform: (bound, variance, kurtosis) = (1 / fanIn.squareRoot(), 1 / (3 * fanIn), 1.8)
            case .glorot:
                bound = (6 / (fanIn + fanOut)).squareRoot()
                (variance, kurtosis) = (2 / (fanIn + fanOut), 1.8)
            case .he: (bound, variance, kurtosis) = (.infinity, 2 / fanIn, 3)
            }
            let count = Double(entries.count)
            let mean = entries.reduce(0, +) / count
            let square = entries.reduce(0) { $0 + $1 * $1 } / count
            #expect(abs(mean) <= 4 * (variance / count).squareRoot())
            #expect(abs(square / variance - 1) <= 4 * ((kurtosis - 1) / count).squareRoot())
            #expect(entries.allSatisfy { abs($0) <= bound })
            if bound.isFinite {
                let largest = entries.reduce(0) { max($0, abs($1)) }
                #expect(largest >= 0.99 * bound, "the range is used")
            }
        }
    }

    @Test("biases", arguments: Initialization.allCases)
    func biases(initialization: Initialization) {
        for (n, weights) in draw(initialization).parameters.layers.enumerated() {
            let bias = weights.column(weights.columns - 1)
            if initialization == .uniform {
                let bound = 1 / fans[n].0.squareRoot()
                #expect(bias.allSatisfy { $0 != 0 && abs($0) <= bound })
                #expect(bias.contains { abs($0) > 0.8 * bound })
            } else {
                #expect(bias.allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("a seed means the same network for ever", arguments: Initialization.allCases)
    func reproducible(initialization: Initialization) {
        #expect(draw(initialization) == draw(initialization))
        #expect(draw(initialization) != draw(initialization, seed: 2))
        // Layer after layer, column after column; biases that are zero draw nothing.
        var generator = RandomGenerator(seed: 1)
        for (n, weights) in draw(initialization).parameters.layers.enumerated() {
            let (fanIn, fanOut) = fans[n]
            for j in 0..<weights.columns {
                for i in 0..<weights.rows {
                    let expected: Double
                    switch initialization {
                    case .uniform: expected = (2 * generator.nextUniform() - 1) / fanIn.squareRoot()
                    case _ where j == Int(fanIn): expected = 0
                    case .glorot:
                        expected = (2 * generator.nextUniform() - 1)
                            * (6 / (fanIn + fanOut)).squareRoot()
                    case .he: expected = generator.nextNormal() * (2 / fanIn).squareRoot()
                    }
                    guard weights[i, j] == expected else {
                        Issue.record("layer \(n), entry (\(i), \(j))")
                        return
                    }
                }
            }
        }
    }

    @Test("a single-precision network is the rounded double one", arguments: Initialization.allCases)
    func singlePrecision(initialization: Initialization) {
        var generator = RandomGenerator(seed: 1)
        let single = Network<Float>(
            architecture: architecture, initialization: initialization, using: &generator)
        #expect(single == draw(initialization).converted(to: Float.self))
    }

    @Test func `the default is PyTorch's`() {
        var generator = RandomGenerator(seed: 1)
        #expect(Network<Double>(architecture: architecture, using: &generator) == draw(.uniform))
    }
}
