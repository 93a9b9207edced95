import LearningRules
import LinearAlgebra
import Networks
import Testing

@Suite("Rules of a fixed number of steps")
struct EulerRulesTests {
    static let losses = Loss.allCases

    @Test("il: the definition by plain loops", arguments: losses)
    func standard(_ loss: Loss) throws {
        let problem = try randomLearningProblem(seed: 1, loss: loss, learningRate: 0.3)
        let found = try InferenceLearning.standard().step(problem).update
        var naive = NaiveInference(problem)
        let start = naive
        let clamped = { (p: [Double], _: Double) in start.lossGradient(p).map { -$0 } }
        for _ in 0..<25 {
            naive.step(
                size: 0.015, leak: 1, normalized: false, updatedFeedback: false, output: clamped)
        }
        let expected = naive.update(naive.errors(clamped)) { _ in 0.3 }
        #expect(found.relativeDistance(to: expected) < 1e-13)
    }

    @Test("il and il-prox with ReLU, half of whose units are silent, on flat and on higher layers")
    func silentUnits() throws {
        let problem = try randomLearningProblem(
            seed: 8, widths: [9, 70, 80, 60, 4], activation: .relu, learningRate: 0.3)
        var naive = NaiveInference(problem)
        let start = naive
        let clamped = { (p: [Double], _: Double) in start.lossGradient(p).map { -$0 } }
        let mixed = { (p: [Double], c: Double) in start.lossGradient(p).map { -c / (1 + c) * $0 } }
        for _ in 0..<25 {
            naive.step(size: 0.015, leak: 1, normalized: false, updatedFeedback: false, output: clamped)
        }
        for layer in start.hidden {
            #expect((0.2...0.8).contains(Double(layer.count { $0 <= 0 }) / Double(layer.count)))
        }
        let standard = naive.update(naive.errors(clamped)) { _ in 0.3 }
        #expect(try InferenceLearning.standard().step(problem).update.relativeDistance(to: standard) < 1e-13)
        naive = start
        for _ in 0..<25 {
            naive.step(size: 0.015, leak: 1, normalized: true, updatedFeedback: false, output: mixed)
        }
        let proximal = naive.update(naive.errors(mixed)) { 1 / (naive.squaredNorm($0) + 1) }
        #expect(try InferenceLearning.proximal().step(problem).update.relativeDistance(to: proximal) < 1e-13)
    }

    @Test("il-prox: the definition by plain loops", arguments: losses)
    func proximal(_ loss: Loss) throws {
        let problem = try randomLearningProblem(seed: 2, activation: .softplus, loss: loss)
        let found = try InferenceLearning.proximal().step(problem).update
        var naive = NaiveInference(problem)
        let start = naive
        let mixed = { (p: [Double], c: Double) in start.lossGradient(p).map { -c / (1 + c) * $0 } }
        for _ in 0..<25 {
            naive.step(
                size: 0.015, leak: 1, normalized: true, updatedFeedback: false, output: mixed)
        }
        let expected = naive.update(naive.errors(mixed)) { 1 / (naive.squaredNorm($0) + 1) }
        #expect(found.relativeDistance(to: expected) < 1e-13)
    }

    /// Twelve steps pack the weights only where the room for them is kept.
    @Test("A state for many inferences gives in each what one for a single inference gives")
    func repeatedly() throws {
        let rule = InferenceLearning.proximalFast()
        let problems = try (4...6).map {
            try randomLearningProblem(seed: $0, widths: [9, 70, 80, 4], activation: .relu, learningRate: 0.3)
        }
        var state = InferenceState<Double>(architecture: problems[0].network.architecture, examples: 1, use: .repeatedly)
        for problem in problems {
            rule.infer(problem, in: &state)
            let activities = try #require(try rule.step(problem).activities)
            for (found, expected) in zip(state.activities, activities) {
                #expect((found - expected).norm <= 1e-13 * expected.norm)
            }
        }
    }

    @Test("il-prox-fast: 12 steps of 0.025 without the leak")
    func proximalFast() throws {
        let problem = try randomLearningProblem(seed: 3, bias: false)
        let found = try InferenceLearning.proximalFast().step(problem).update
        var naive = NaiveInference(problem)
        let start = naive
        let mixed = { (p: [Double], c: Double) in start.lossGradient(p).map { -c / (1 + c) * $0 } }
        for _ in 0..<12 {
            naive.step(
                size: 0.025, leak: 0, normalized: true, updatedFeedback: false, output: mixed)
        }
        let expected = naive.update(naive.errors(mixed)) { 1 / (naive.squaredNorm($0) + 1) }
        #expect(found.relativeDistance(to: expected) < 1e-13)
    }

    @Test("il-exact by Euler steps: the definition by plain loops")
    func exactEuler() throws {
        let problem = try randomLearningProblem(seed: 4, loss: .squaredError, learningRate: 0.5)
        let found = try InferenceLearning.exact(steps: 30, stepSize: 0.1).step(problem).update
        var naive = NaiveInference(problem)
        let start = naive
        let proximal = { (p: [Double], c: Double) in
            start.lossGradient(p).map { -c / (1 + c) * $0 }
        }
        for _ in 0..<30 {
            naive.step(
                size: 0.1, leak: 1, normalized: true, updatedFeedback: true, output: proximal)
        }
        let expected = naive.update(naive.errors(proximal)) { 1 / naive.squaredNorm($0) }
        #expect(found.relativeDistance(to: expected) < 1e-13)
    }

    @Test("For the squared error the mixed target is the proximal point")
    func mixedIsProximal() throws {
        let problem = try randomLearningProblem(seed: 5, loss: .squaredError, learningRate: 7)
        let mixed = try InferenceLearning.proximal(output: .mixedTarget).step(problem).update
        let point = try InferenceLearning.proximal(output: .proximalPoint).step(problem).update
        #expect(mixed.relativeDistance(to: point) < 1e-12)
    }

    @Test("bp-prox: backpropagated output error over squared norms")
    func normalizedBackpropagation() throws {
        let problem = try randomLearningProblem(seed: 6, loss: .squaredError, learningRate: 2)
        let found = try NormalizedBackpropagation(epsilon: 0.5).step(problem).update
        let explicit = try Backpropagation().step(problem).update
        let naive = NaiveInference(problem)
        let c = 2 * naive.squaredNorm(2)
        // The output error is −c/(1+c)∇ℓ, so layer n is the BP step over α times c/(1+c)/(sₙ + ε).
        for n in 0..<3 {
            let scale = c / (1 + c) / (naive.squaredNorm(n) + 0.5) / 2
            let expected = scale * explicit.layers[n]
            #expect((found.layers[n] - expected).norm < 1e-13 * expected.norm)
        }
    }

    @Test("A mini-batch of equal examples gives the update of one", arguments: RuleRegistry.builtIn.entries)
    func equalExamples(_ entry: RuleEntry) throws {
        let single = try randomLearningProblem(seed: 7, learningRate: 0.4)
        let x = single.batch.inputs.elements
        let y = single.batch.targets.elements
        let batch = try Batch(
            inputs: Matrix<Double>(rows: x.count, columns: 3) { i, _ in x[i] },
            targets: Matrix<Double>(rows: y.count, columns: 3) { i, _ in y[i] })
        let triple = LearningProblem(
            network: single.network, batch: batch, loss: single.loss, learningRate: 0.4)
        // By its own declaration the sum of the norms is no mean.
        let rule = entry.rule(RuleSettings(quirks: entry.quirks.subtracting([.summedNorm])))
        let one = try rule.step(single).update
        if entry == .exactInferenceLearning {
            #expect(throws: RuleError.self, "equal rates have a singular Gram matrix") {
                try rule.step(triple)
            }
            return
        }
        // Every example has random numbers of its own.
        if entry == .gibbsSampling { return }
        let three = try rule.step(triple).update
        #expect(three.relativeDistance(to: one) < 1e-8)
        if entry.quirks.contains(.summedNorm) {
            let summed = try entry.rule().step(triple).update
            #expect(summed.relativeDistance(to: one) > 1e-3)
        }
    }

    @Test("Single precision agrees with double", arguments: RuleRegistry.builtIn.compared)
    func singlePrecision(_ entry: RuleEntry) throws {
        let problem = try randomLearningProblem(seed: 8, learningRate: 0.2)
        let narrow = LearningProblem<Float>(
            network: problem.network.converted(to: Float.self),
            batch: try problem.batch.converted(to: Float.self), loss: problem.loss,
            learningRate: 0.2)
        let wide = try entry.rule().step(problem).update
        let found = try entry.rule().step(narrow).update.converted(to: Double.self)
        #expect(found.relativeDistance(to: wide) < 1e-4)
    }

    @Test("Without steps and leak, il is backpropagation of the output layer only")
    func noInference() throws {
        let problem = try randomLearningProblem(seed: 9, learningRate: 0.3)
        let found = try InferenceLearning.standard(steps: 0).step(problem).update
        let explicit = try Backpropagation().step(problem).update
        #expect((found.layers[2] - explicit.layers[2]).norm < 1e-14)
        #expect(found.layers[0].norm == 0 && found.layers[1].norm == 0)
    }

    @Test("Zero rates in a layer without bias are an error of the normalized rules")
    func zeroRates() throws {
        var problem = try randomLearningProblem(seed: 10, bias: false)
        problem.batch = try Batch(
            inputs: Matrix<Double>(rows: 6, columns: 1), targets: problem.batch.targets)
        let rule = InferenceLearning.proximal(epsilon: 0)
        #expect(throws: RuleError.zeroRates(layer: 0, example: 0)) { try rule.step(problem) }
    }

    @Test("Random starts are reproducible and differ from the feedforward start")
    func randomStart() throws {
        let problem = try randomLearningProblem(seed: 11)
        func update(_ start: EulerInference.Start) throws -> Parameters<Double> {
            var rule = InferenceLearning.proximal()
            rule.inference.start = start
            return try rule.step(problem).update
        }
        let first = try update(.random(seed: 1))
        #expect(first == (try update(.random(seed: 1))))
        #expect(first != (try update(.random(seed: 2))))
        #expect(first != (try update(.feedforward)))
    }
}
