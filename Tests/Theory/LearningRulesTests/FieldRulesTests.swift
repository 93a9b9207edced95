import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Testing

/// The rules of the works around the paper, each against its definition a second time by plain loops, and against what
/// theory says of it.
@Suite("Rules of the field")
struct FieldRulesTests {
    private static func clamped(_ naive: NaiveInference) -> ([Double], Double) -> [Double] {
        { p, _ in naive.lossGradient(p).map { -$0 } }
    }

    /// `φ′(h) ⊙ Wₙᵀe` by loops.
    private static func pullBack(_ naive: NaiveInference, layer n: Int, at h: [Double], _ e: [Double]) -> [Double] {
        let d = naive.slope(h)
        return h.indices.map { i in d[i] * e.indices.reduce(0) { $0 + naive.weights[n][$1][i] * e[$1] } }
    }

    @Test("z-il is backpropagation, whatever the depth (T22)", arguments: Loss.allCases, [1, 3])
    func zeroDivergence(_ loss: Loss, examples: Int) throws {
        for widths in [[5, 3], [4, 6, 3], [6, 8, 7, 3], [3, 4, 5, 4, 3, 2]] {
            let problem = try randomLearningProblem(
                seed: 51, widths: widths, loss: loss, batchSize: examples, learningRate: 0.3)
            let found = try ZeroDivergenceInferenceLearning().step(problem).update
            #expect(found.relativeDistance(to: try Backpropagation().step(problem).update) < 1e-12)
        }
        // With one step less the lowest layer would have read nothing.
        let problem = try randomLearningProblem(seed: 51, loss: loss)
        let short = try InferenceLearning.standard(steps: 1, stepSize: 1).step(problem).update
        #expect(short.layers[0].norm == 0 && short.layers[1].norm > 0)
    }

    @Test("fpa: errors by loops over steps, and a binomial filter of backpropagation (T22)", arguments: Loss.allCases)
    func fixedPredictions(_ loss: Loss) throws {
        let problem = try randomLearningProblem(seed: 52, loss: loss, learningRate: 0.3)
        let found = try InferenceLearning.fixedPredictions(steps: 7, stepSize: 0.3).step(problem).update
        let naive = NaiveInference(problem)
        var errors = naive.errors(Self.clamped(naive))
        for _ in 0..<7 {
            var next = errors
            for n in naive.hidden.indices {
                let force = Self.pullBack(naive, layer: n + 1, at: naive.hidden[n], errors[n + 1])
                next[n] = errors[n].indices.map { errors[n][$0] + 0.3 * (force[$0] - errors[n][$0]) }
            }
            errors = next
        }
        #expect(found.relativeDistance(to: naive.update(errors) { _ in 0.3 }) < 1e-13)
        let explicit = try Backpropagation().step(problem).update
        // P[Bin(7, 0.3) ≥ k].
        for (n, share) in [(2, 1), (1, 1 - 0.0823543), (0, 1 - 0.0823543 - 7 * 0.3 * 0.117649)] as [(Int, Double)] {
            let expected = share * explicit.layers[n]
            #expect((found.layers[n] - expected).norm < 1e-12 * expected.norm, "layer \(n)")
        }
    }

    @Test("seq-il: sweeps by loops", arguments: Loss.allCases)
    func sequential(_ loss: Loss) throws {
        let problem = try randomLearningProblem(seed: 53, activation: .softplus, loss: loss, learningRate: 0.3)
        let found = try InferenceLearning.sequential(sweeps: 4, stepSize: 0.6).step(problem).update
        var naive = NaiveInference(problem)
        let output = Self.clamped(naive)
        for sweep in 0..<4 {
            for n in naive.hidden.indices.reversed() {
                let errors = naive.errors(output)
                let force = Self.pullBack(naive, layer: n + 1, at: naive.hidden[n], errors[n + 1])
                for i in force.indices { naive.hidden[n][i] += 0.6 / Double(1 + sweep) * (force[i] - errors[n][i]) }
            }
        }
        #expect(found.relativeDistance(to: naive.update(naive.errors(output)) { _ in 0.3 }) < 1e-13)
    }

    @Test("iil: weights and activities by loops from one state", arguments: Loss.allCases)
    func incremental(_ loss: Loss) throws {
        let problem = try randomLearningProblem(seed: 54, loss: loss, learningRate: 1.5)
        var rule = IncrementalInferenceLearning()
        rule.inference.steps = 9
        rule.inference.stepSize = 0.2
        let found = try rule.step(problem).update
        var naive = NaiveInference(problem)
        let before = naive.weights
        let output = Self.clamped(naive)
        for _ in 0..<9 {
            let errors = naive.errors(output)
            let change = naive.update(errors) { _ in 1.5 / 9 }
            naive.step(size: 0.2, leak: 1, normalized: false, updatedFeedback: false, output: output)
            for n in naive.weights.indices {
                for i in naive.weights[n].indices {
                    for j in naive.weights[n][i].indices { naive.weights[n][i][j] += change.layers[n][i, j] }
                }
            }
        }
        let expected = Parameters(layers: before.indices.map { n in
            Matrix<Double>(rows: before[n].count, columns: before[n][0].count) {
                naive.weights[n][$0][$1] - before[n][$0][$1]
            }
        })
        #expect(found.relativeDistance(to: expected) < 1e-12)
    }

    @Test("iil with a small α is il averaged over its steps")
    func incrementalLimit() throws {
        let problem = try randomLearningProblem(seed: 55, learningRate: 1e-7)
        let found = try IncrementalInferenceLearning().step(problem).update
        var mean = Parameters<Double>(zerosFor: problem.network.architecture)
        for steps in 0..<25 {
            mean.add(try InferenceLearning.standard(steps: steps).step(problem).update, scaledBy: 1 / 25)
        }
        #expect(found.relativeDistance(to: mean) < 1e-6)
    }

    @Test("nudged: the output's own steps by loops", arguments: Loss.allCases, [0.3, -0.3])
    func nudged(_ loss: Loss, strength: Double) throws {
        let problem = try randomLearningProblem(seed: 56, loss: loss, learningRate: 0.4)
        let found = try NudgedInferenceLearning(
            name: "nudged", target: .soft, strength: abs(strength), sign: strength > 0 ? .positive : .negative, steps: 11,
            stepSize: 0.2
        ).step(problem).update
        var naive = NaiveInference(problem)
        let last = naive.hidden.count
        var output = naive.predict(last, from: naive.rates(last))
        for _ in 0..<11 {
            let own = zip(output, naive.predict(last, from: naive.rates(last))).map { $0 - $1 }
            let gradient = naive.lossGradient(output)
            naive.step(size: 0.2, leak: 1, normalized: false, updatedFeedback: false) { p, _ in
                zip(output, p).map { $0 - $1 }
            }
            for i in output.indices { output[i] -= 0.2 * (own[i] + strength * gradient[i]) }
        }
        let errors = naive.errors { p, _ in zip(output, p).map { $0 - $1 } }
        #expect(found.relativeDistance(to: naive.update(errors) { _ in 0.4 / strength }) < 1e-12)
    }

    @Test("nudged-clamped: a target on the way from the first response", arguments: Loss.allCases)
    func nudgedTarget(_ loss: Loss) throws {
        let problem = try randomLearningProblem(seed: 57, loss: loss, learningRate: 0.4)
        var centred = Parameters<Double>(zerosFor: problem.network.architecture)
        for strength in [0.3, -0.3] {
            var naive = NaiveInference(problem)
            let start = naive
            let first = start.lossGradient(start.predict(2, from: start.rates(2)))
            // The loss's gradient is μ(p) − y: with the target t it is μ(p) − t.
            let output = { (p: [Double], _: Double) in
                zip(start.lossGradient(p), first).map { -$0 + (1 - strength) * $1 }
            }
            for _ in 0..<11 {
                naive.step(size: 0.2, leak: 1, normalized: false, updatedFeedback: false, output: output)
            }
            let expected = naive.update(naive.errors(output)) { _ in 0.4 / strength }
            let found = try NudgedInferenceLearning(
                name: "nudged-clamped", target: .clamped, strength: 0.3, sign: strength > 0 ? .positive : .negative,
                steps: 11, stepSize: 0.2
            ).step(problem).update
            #expect(found.relativeDistance(to: expected) < 1e-12)
            centred.add(expected, scaledBy: 0.5)
        }
        let both = try NudgedInferenceLearning(
            name: "nudged-clamped", target: .clamped, strength: 0.3, sign: .centred, steps: 11, stepSize: 0.2
        ).step(problem).update
        #expect(both.relativeDistance(to: centred) < 1e-12)
    }

    /// T24, at equilibrium: slopes 1 and 2 for soft nudging; a clamped nudge keeps a distance.
    @Test("Nudges that vanish")
    func vanishingNudges() throws {
        let problem = try randomLearningProblem(seed: 58, activation: .softplus, learningRate: 1)
        let explicit = try Backpropagation().step(problem).update
        func distance(_ target: NudgedInferenceLearning.Target, _ sign: NudgeSign, _ strength: Double) throws -> Double {
            try NudgedInferenceLearning(
                name: "nudged", target: target, strength: strength, sign: sign, steps: 6000, stepSize: 0.1
            ).step(problem).update.relativeDistance(to: explicit)
        }
        let oneSided = try [1e-1, 1e-2].map { try distance(.soft, .positive, $0) }
        #expect((0.08...0.13).contains(oneSided[1] / oneSided[0]), "\(oneSided)")
        let centred = try [1e-1, 1e-2].map { try distance(.soft, .centred, $0) }
        #expect((0.008...0.013).contains(centred[1] / centred[0]), "\(centred)")
        let kept = try [1e-2, 1e-4].map { try distance(.clamped, .positive, $0) }
        #expect(kept[0] > 0.02 && abs(kept[1] - kept[0]) < 0.02, "\(kept)")
    }

    /// The equilibrium solver knows these outputs too.
    @Test("Equilibria of nudged outputs are where many steps end", arguments: [
        OutputTreatment.nudgedTarget(strength: 0.3), .free(strength: 0.5), .nudgedTarget(strength: -0.2)])
    func nudgedEquilibria(_ output: OutputTreatment) throws {
        let problem = try randomLearningProblem(seed: 59, learningRate: 0.3)
        var rule = EquilibriumInferenceLearning.standard()
        rule.output = output
        let equilibrium = try rule.step(problem)
        #expect(equilibrium.equilibrium?.isConverged == true)
        var steps = InferenceLearning.standard(steps: 6000, stepSize: 0.1)
        steps.inference.output = output
        #expect(try steps.step(problem).update.relativeDistance(to: equilibrium.update) < 1e-8)
    }

    /// `(JJᵀ + λI)z = e` by plain elimination, so that `Jᵀz` needs neither Cholesky nor the smaller system.
    @Test("dtp: inverses by elimination", arguments: [[6, 8, 7, 3], [3, 4, 9, 5]])
    func targetPropagation(_ widths: [Int]) throws {
        let problem = try randomLearningProblem(seed: 60, widths: widths, learningRate: 0.7)
        let found = try DifferenceTargetPropagation(damping: 0.05).step(problem).update
        let naive = NaiveInference(problem)
        var errors = naive.errors(Self.clamped(naive))
        for n in naive.hidden.indices.reversed() {
            let slopes = naive.slope(naive.hidden[n])
            let jacobian = naive.weights[n + 1].map { row in slopes.indices.map { row[$0] * slopes[$0] } }
            var system = jacobian.indices.map { i in
                jacobian.indices.map { k in
                    zip(jacobian[i], jacobian[k]).reduce(i == k ? 0.05 : 0) { $0 + $1.0 * $1.1 }
                } + [errors[n + 1][i]]
            }
            for pivot in system.indices {
                for i in system.indices where i != pivot {
                    let factor = system[i][pivot] / system[pivot][pivot]
                    for k in system[i].indices { system[i][k] -= factor * system[pivot][k] }
                }
            }
            errors[n] = slopes.indices.map { i in
                system.indices.reduce(0) { $0 + jacobian[$1][i] * system[$1][system.count] / system[$1][$1] }
            }
        }
        #expect(found.relativeDistance(to: naive.update(errors) { _ in 0.7 }) < 1e-12)
    }

    /// Strong damping makes each inverse `Jᵀ/λ`; without any, targets are reached to first order.
    @Test("dtp between backpropagation and exact inverses")
    func targetPropagationLimits() throws {
        let problem = try randomLearningProblem(seed: 61, learningRate: 0.7)
        let explicit = try Backpropagation().step(problem).update
        let damped = try DifferenceTargetPropagation(damping: 1e8).step(problem).update
        for n in 0..<3 {
            let scaled = (n == 2 ? 1 : n == 1 ? 1e8 : 1e16) * damped.layers[n]
            #expect((scaled - explicit.layers[n]).norm < 1e-6 * explicit.layers[n].norm)
        }
        #expect(throws: RuleError.self, "a wide layer has no inverse without damping") {
            try DifferenceTargetPropagation(damping: 0).step(
                try randomLearningProblem(seed: 61, widths: [6, 3, 7, 2], activation: .relu))
        }
    }

    /// The messages of T29 by loops: a Gaussian for each row, one example after the other.
    @Test("gabp: Gaussians by loops over examples", arguments: [1, 4])
    func beliefPropagation(examples: Int) throws {
        let problem = try randomLearningProblem(seed: 63, batchSize: examples, learningRate: 1.7)
        var rule = BeliefPropagation()
        rule.inference.steps = 6
        rule.inference.stepSize = 0.2
        let found = try rule.step(problem).update
        let states = try (0..<examples).map { example in
            var naive = NaiveInference(
                LearningProblem(
                    network: problem.network,
                    batch: try Batch(
                        inputs: problem.batch.inputs.columns(example..<example + 1),
                        targets: problem.batch.targets.columns(example..<example + 1)),
                    loss: problem.loss, learningRate: 1.7))
            let output = Self.clamped(naive)
            for _ in 0..<6 { naive.step(size: 0.2, leak: 1, normalized: false, updatedFeedback: false, output: output) }
            return (naive: naive, errors: naive.errors(output))
        }
        for n in found.layers.indices {
            let width = found.layers[n].columns
            var covariance = (0..<width).map { i in (0..<width).map { $0 == i ? 1.7 : 0 } }
            var mean = (0..<found.layers[n].rows).map { _ in [Double](repeating: 0, count: width) }
            for state in states {
                let a = state.naive.rates(n) + (state.naive.hasBias[n] ? [1] : [])
                let spread = covariance.map { row in zip(row, a).reduce(0) { $0 + $1.0 * $1.1 } }
                let variance = zip(spread, a).reduce(Double(examples)) { $0 + $1.0 * $1.1 }
                for i in mean.indices {
                    let misfit = state.errors[n][i] - zip(mean[i], a).reduce(0) { $0 + $1.0 * $1.1 }
                    for j in a.indices { mean[i][j] += misfit * spread[j] / variance }
                }
                for j in a.indices { for k in a.indices { covariance[j][k] -= spread[j] * spread[k] / variance } }
            }
            let expected = Matrix<Double>(rows: mean.count, columns: width) { mean[$0][$1] }
            #expect((found.layers[n] - expected).norm < 1e-12 * expected.norm, "layer \(n)")
        }
    }

    @Test("gabp is implicit SGD for one linear layer (T29), and il for small α")
    func beliefPropagationLimits() throws {
        let single = try randomLearningProblem(
            seed: 64, widths: [5, 3], loss: .squaredError, batchSize: 3, learningRate: 6)
        let exact = try ImplicitGradientDescent().step(single).update
        #expect(try BeliefPropagation().step(single).update.relativeDistance(to: exact) < 1e-9)
        let deep = try randomLearningProblem(seed: 65, batchSize: 3, learningRate: 1e-7)
        let explicit = try InferenceLearning.standard().step(deep).update
        #expect(try BeliefPropagation().step(deep).update.relativeDistance(to: explicit) < 1e-5)
    }

    @Test("Single precision agrees with double", arguments: [
        RuleEntry.zeroDivergence, .fixedPredictions, .sequentialInference, .incrementalInference, .nudgedInference,
        .nudgedTargetInference, .differenceTargetPropagation, .feedbackControl, .beliefPropagation,
    ])
    func singlePrecision(_ entry: RuleEntry) throws {
        let problem = try randomLearningProblem(seed: 8, batchSize: 3, learningRate: 0.2)
        let narrow = LearningProblem<Float>(
            network: problem.network.converted(to: Float.self), batch: try problem.batch.converted(to: Float.self),
            loss: problem.loss, learningRate: 0.2)
        let wide = try entry.rule().step(problem).update
        let found = try entry.rule().step(narrow).update.converted(to: Double.self)
        #expect(found.relativeDistance(to: wide) < 1e-4)
    }
}
