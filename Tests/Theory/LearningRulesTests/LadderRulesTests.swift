import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Testing

/// The rules between `bp-prox` and `il-prox`, and between `implicit` and `il-prox`.
@Suite("Rules of the ladders")
struct LadderRulesTests {
    /// The distribution of a sum of coin tosses, toss by toss.
    private static func tail(_ trials: Int, _ p: Double, _ k: Int) -> Double {
        var distribution = [1.0] + Array(repeating: 0, count: trials)
        for _ in 0..<trials {
            for j in stride(from: trials, through: 0, by: -1) {
                distribution[j] = distribution[j] * (1 - p) + (j > 0 ? distribution[j - 1] * p : 0)
            }
        }
        return k > trials ? 0 : distribution[k...].reduce(0, +)
    }

    @Test("The factors are binomial tails", arguments: [(25, 0.015), (12, 0.5), (40, 0.9), (1, 1), (7, 1), (0, 0.2)])
    func tails(_ trials: Int, _ size: Double) {
        let factors = LayerFactors.binomial(steps: trials, stepSize: size)
        for k in 0...(trials + 1) {
            let expected = Self.tail(trials, size, k)
            #expect(abs(factors.share(below: k) - expected) <= 1e-12 * expected + 1e-15, "\(k)")
        }
        // Many steps: neither powers nor coefficients may overflow.
        #expect(abs(LayerFactors.binomial(steps: 1_000_000, stepSize: 0.015).share(below: 3) - 1) < 1e-12)
    }

    @Test("bp-binomial: the definition by plain loops", arguments: [EulerInference.Precision.unit, .normalized],
        [OutputErrorTime.fresh, .inferred])
    func binomial(_ precision: EulerInference.Precision, _ time: OutputErrorTime) throws {
        let problem = try randomLearningProblem(seed: 41, learningRate: 3)
        let found = try NormalizedBackpropagation.binomial(
            steps: 9, stepSize: 0.2, precision: precision, outputError: time
        ).step(problem).update
        let start = NaiveInference(problem)
        let mixed = { (p: [Double], c: Double) in start.lossGradient(p).map { -c / (1 + c) * $0 } }
        var moved = start
        for _ in 0..<(time == .fresh ? 0 : 9) {
            moved.step(size: 0.2, leak: 1, normalized: precision == .normalized, updatedFeedback: false, output: mixed)
        }
        var errors = [moved.errors(mixed)[2]]
        for n in [1, 0] {
            let slopes = start.slope(start.hidden[n])
            errors.insert(slopes.indices.map { i in
                slopes[i] * errors[0].indices.reduce(0) { $0 + start.weights[n + 1][$1][i] * errors[0][$1] }
            }, at: 0)
        }
        let expected = start.update(errors) { n in
            let ratio = precision == .normalized ? start.squaredNorm(n) / start.squaredNorm(2) : 1
            return Self.tail(9, 0.2, 2 - n) * ratio / (start.squaredNorm(n) + 1)
        }
        #expect(found.relativeDistance(to: expected) < 1e-12)
    }

    /// T22: to leading order in γ the errors are those of il-prox, if the output error does not move with them.
    @Test("bp-binomial is il-prox as γ → 0", arguments: [EulerInference.Precision.unit, .normalized])
    func limit(_ precision: EulerInference.Precision) throws {
        let problem = try randomLearningProblem(seed: 42)
        let distances = try [0.02, 0.01, 0.005].map { size in
            let first = try NormalizedBackpropagation.binomial(steps: 4, stepSize: size, precision: precision)
                .step(problem).update
            let other = try InferenceLearning.proximal(steps: 4, stepSize: size, precision: precision).step(problem).update
            // Layer by layer, as the lower ones are smaller by orders of γ.
            return zip(first.layers, other.layers).map { ($0 - $1).norm / $1.norm }.max() ?? .nan
        }
        #expect(distances[0] < 0.2)
        for (large, small) in zip(distances, distances.dropFirst()) { #expect(abs(large / small - 2) < 0.2) }
    }

    @Test("With factors 1 bp-binomial is bp-prox, and output-only is its last layer")
    func factors() throws {
        let problem = try randomLearningProblem(seed: 43, batchSize: 4, learningRate: 2)
        let plain = try NormalizedBackpropagation().step(problem).update
        let ones = NormalizedBackpropagation.binomial(factors: .given([1, 1, 1]), precision: .unit)
        #expect(try ones.step(problem).update == plain)
        let last = try RuleEntry.outputOnly.rule().step(problem).update
        #expect(last.layers[2] == plain.layers[2])
        #expect(last.layers.dropLast().allSatisfy { $0.maximumMagnitude == 0 })
    }

    @Test("implicit-layerwise: C22's learning rates, and the exact update of them",
        arguments: [EulerInference.Precision.unit, .normalized])
    func layerwise(_ precision: EulerInference.Precision) throws {
        let problem = try randomLearningProblem(seed: 44, learningRate: 5)
        let rule = LayerwiseImplicit(precision: precision)
        let naive = NaiveInference(problem)
        let top = naive.squaredNorm(2)
        let expected = (0..<3).map { n in
            Self.tail(25, 0.015, 2 - n) / (precision == .unit ? naive.squaredNorm(n) : top) * top / (1 + 5 * top)
        }
        let multiples = try rule.multiples(of: problem)
        for (found, wanted) in zip(multiples, expected) { #expect(abs(found - wanted) <= 1e-12 * wanted) }
        let posed = try ProximalProblem(
            network: problem.network, batch: problem.batch, loss: problem.loss,
            rates: LearningRates(5, multiples: expected))
        #expect(posed.implicitResidual(of: try rule.step(problem).update) < 1e-9)
        #expect(throws: RuleError.self, "a layer without a learning rate") {
            try LayerwiseImplicit(factors: .given([1, 0.5])).step(problem)
        }
    }

    @Test("implicit-matched: the direction of one, the length of the other")
    func matched() throws {
        let problem = try randomLearningProblem(seed: 45, learningRate: 5)
        let found = try NormMatchedImplicit().step(problem).update
        let exact = try ImplicitGradientDescent().step(problem).update
        let model = try InferenceLearning.proximal().step(problem).update
        #expect(abs(found.norm - model.norm) <= 1e-12 * model.norm)
        #expect(abs(found.dot(exact) - found.norm * exact.norm) <= 1e-12 * found.norm * exact.norm)
    }
}
