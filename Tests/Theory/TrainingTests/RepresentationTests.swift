import LearningRules
import LinearAlgebra
import Networks
import Testing
import Training

/// What the last hidden layer makes of the test examples, against loops over all pairs.
@Suite("Representation")
struct RepresentationTests {
    /// `a₁ … a_{N−1}` and the logits of one example.
    private func pass(_ network: Network<Double>, _ input: [Double]) -> (hidden: [[Double]], logits: [Double]) {
        var (rates, hidden): ([Double], [[Double]]) = (input, [])
        for (n, weights) in network.parameters.layers.enumerated() {
            // The bias is the last column.
            let extended = rates + [1]
            let activity = (0..<weights.rows).map { i in extended.indices.reduce(0.0) { $0 + weights[i, $1] * extended[$1] } }
            if n + 1 == network.parameters.layers.count { return (hidden, activity) }
            rates = activity.map { max(0, $0) }
            hidden.append(rates)
        }
        return (hidden, [])
    }

    @Test("Cosines, active units and the last class, by loops", arguments: [1, 3])
    func loops(batchSize: Int) throws {
        let data = try randomData()
        var configuration = smallConfiguration(.proximalInferenceLearning, batchSize: batchSize, activation: .relu)
        (configuration.evaluateEvery, configuration.compareEvery, configuration.learningRate) = (4, 0, 10)
        let plain = configuration.canonicalText
        configuration.measuresRepresentation = true
        #expect(configuration.canonicalText != plain)
        var run = try TrainingRun(configuration, data: data)
        for iteration in [4, 8, 12] {
            let found = try #require(try run.advance(iterations: 4).first?.representation)
            let test = data.test
            let passes = (0..<test.count).map { j in
                pass(run.network, (0..<test.inputs.rows).map { Double(test.inputs[$0, j]) })
            }
            var cosines: [Double] = []
            for i in passes.indices {
                for j in passes.indices where i != j {
                    let (a, b) = (passes[i].hidden[1], passes[j].hidden[1])
                    func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
                    let norms = (dot(a, a) * dot(b, b)).squareRoot()
                    if norms > 0 { cosines.append(dot(a, b) / norms) }
                }
            }
            let cosine = try #require(found.cosine)
            #expect(abs(cosine - cosines.reduce(0, +) / Double(cosines.count)) < 1e-12)
            let active = (0..<2).flatMap { layer in
                passes[0].hidden[layer].indices.map { unit in passes.contains { $0.hidden[layer][unit] != 0 } }
            }
            #expect(found.activeUnits == Double(active.count(where: \.self)) / Double(active.count))
            let trained = try batch(configuration, data, iteration: iteration - 1).targets
            func largest(_ values: [Double]) -> Int { values.firstIndex(of: values.max() ?? 0) ?? -1 }
            let last = largest((0..<3).map { trained[$0, trained.columns - 1] })
            let share = Double(passes.count { largest($0.logits) == last }) / Double(passes.count)
            #expect(found.lastClassShare == share)
        }
    }

    @Test func `nobody asked, nothing is measured`() throws {
        var run = try TrainingRun(smallConfiguration(.backpropagation), data: randomData())
        #expect(try run.advance(iterations: 5).allSatisfy { $0.representation == nil })
    }
}

extension TrainingConfiguration {
    fileprivate var canonicalText: String? { (try? canonicalJSON()).map { String(decoding: $0, as: UTF8.self) } }
}
