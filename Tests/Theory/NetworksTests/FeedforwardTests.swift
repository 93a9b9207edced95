import LinearAlgebra
import Networks
import Randomness
import Testing

@Suite struct FeedforwardTests {
    /// The pass of `docs/theory.md` §1 by loops: `hₙ₊₁ = Wₙ āₙ` with the constant 1 written out.
    private func naiveActivities(_ example: Example) -> PerLayer<Matrix<Double>> {
        let architecture = example.network.architecture
        var rates = example.batch.inputs
        var result = PerLayer<Matrix<Double>>(from: 1, [])
        for (n, weights) in example.network.parameters.layers.enumerated() {
            let extended = Matrix<Double>(rows: weights.columns, columns: rates.columns) { i, j in
                i < rates.rows ? rates[i, j] : 1
            }
            let activity = Matrix<Double>(rows: weights.rows, columns: rates.columns) { i, j in
                (0..<weights.columns).reduce(0) { $0 + weights[i, $1] * extended[$1, j] }
            }
            result.append(activity)
            rates = Matrix(rows: activity.rows, columns: activity.columns) { i, j in
                evaluate(architecture.activation(ofLayer: n + 1), activity[i, j]).value
            }
        }
        return result
    }

    @Test("activities, rates and logits", arguments: Activation.allCases, 1...4)
    func naive(activation: Activation, depth: Int) throws {
        for size in [1, 2, 5] {
            let example = try Example(activation, .squaredError, depth: depth, batch: size)
            let pass = Linearization(
                network: example.network, batch: example.batch, loss: example.loss)
            let expected = naiveActivities(example)
            #expect(pass.activities.count == depth && pass.rates.count == depth)
            #expect(pass.errors.count == depth && pass.slopes.count == depth - 1)
            for n in pass.activities.indices {
                #expect((pass.activities[n] - expected[n]).maximumMagnitude <= 1e-13)
            }
            #expect(pass.rates[0] == example.batch.inputs)
            for n in 1..<depth {
                var rates = pass.activities[n]
                activation.evaluate(pass.activities[n], into: &rates)
                #expect(pass.rates[n] == rates)
                activation.slope(pass.activities[n], into: &rates)
                #expect(pass.slopes[n] == rates)
            }
            #expect(example.network.logits(example.batch.inputs) == pass.activities[depth])
            let total = example.loss.total(
                pass.activities[depth], targets: example.batch.targets)
            #expect(pass.meanLoss == total / Double(size))
        }
    }

    /// The first layer's bias is the weight of one more input that is constantly 1.
    @Test("a bias is a weight of a constant", arguments: Activation.allCases, Loss.allCases)
    func biasAsInput(activation: Activation, loss: Loss) throws {
        var generator = RandomGenerator(seed: 5)
        let with = try Architecture(
            widths: [3, 4, 3], hiddenActivations: [activation], biases: [true, true])
        let without = try Architecture(
            widths: [4, 4, 3], hiddenActivations: [activation], biases: [false, true])
        let weights = generator.direction(with)
        let inputs = generator.matrix(3, 4)
        let targets = generator.targets(for: loss, 3, 4)
        let extended = Matrix<Double>(rows: 4, columns: 4) { i, j in i < 3 ? inputs[i, j] : 1 }
        let a = Linearization(
            network: try Network(architecture: with, parameters: weights),
            batch: try Batch(inputs: inputs, targets: targets), loss: loss)
        let b = Linearization(
            network: try Network(architecture: without, parameters: weights),
            batch: try Batch(inputs: extended, targets: targets), loss: loss)
        #expect(abs(a.meanLoss - b.meanLoss) <= 1e-14)
        #expect((a.gradient() - b.gradient()).norm <= 1e-14)
        let v = generator.direction(with)
        #expect((a.hessianVectorProduct(v) - b.hessianVectorProduct(v)).norm <= 1e-14)
    }

    @Test("examples of a batch do not touch each other", arguments: Loss.allCases)
    func batchIsMean(loss: Loss) throws {
        let example = try Example(.gelu, loss, depth: 3, batch: 4)
        let whole = example.linearization(0, along: example.network.parameters)
        var gradient = Parameters<Double>(zerosFor: example.network.architecture)
        var mean = 0.0
        for i in 0..<4 {
            let one = Linearization(
                network: example.network,
                batch: try Batch(
                    inputs: example.batch.inputs.columns(i..<(i + 1)),
                    targets: example.batch.targets.columns(i..<(i + 1))), loss: loss)
            gradient.add(one.gradient(), scaledBy: 0.25)
            mean += one.meanLoss / 4
        }
        #expect((whole.gradient() - gradient).norm <= 1e-13 * (1 + gradient.norm))
        #expect(abs(whole.meanLoss - mean) <= 1e-13 * (1 + mean))
    }

    @Test("single precision", arguments: Activation.allCases, Loss.allCases)
    func singlePrecision(activation: Activation, loss: Loss) throws {
        let example = try Example(activation, loss, depth: 4, batch: 3)
        let double = example.linearization(0, along: example.network.parameters)
        let single = Linearization(
            network: example.network.converted(to: Float.self),
            batch: try example.batch.converted(to: Float.self), loss: loss)
        let found = single.gradient().converted(to: Double.self)
        let expected = double.gradient()
        #expect((found - expected).norm <= 1e-4 * (1 + expected.norm))
        #expect(abs(Double(single.meanLoss) - double.meanLoss) <= 1e-5 * (1 + double.meanLoss))
    }
}
