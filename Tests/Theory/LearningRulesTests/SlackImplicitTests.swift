import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Testing

/// The family between exact implicit SGD and inference learning, against `J_ε` written down by plain loops.
@Suite("Implicit SGD with slack")
struct SlackImplicitTests {
    /// `J_ε(θ_b + Δ, h)` and its central differences.
    private struct Objective {
        let problem: LearningProblem<Double>
        let epsilon: Double

        func value(_ update: Parameters<Double>, _ activities: PerLayer<Matrix<Double>>) -> Double {
            let architecture = problem.network.architecture
            let outputs = activities[architecture.depth]
            var slack = 0.0
            var rates = problem.batch.inputs
            for n in 0..<architecture.depth {
                let weights = problem.network.parameters.layers[n] + update.layers[n]
                for example in 0..<rates.columns {
                    for i in 0..<weights.rows {
                        var prediction = 0.0
                        for j in 0..<weights.columns {
                            prediction += weights[i, j] * (j < rates.rows ? rates[j, example] : 1)
                        }
                        let error = activities[n + 1][i, example] - prediction
                        slack += error * error
                    }
                }
                if n + 1 < architecture.depth {
                    rates = activities[n + 1]
                    architecture.activation(ofLayer: n + 1).evaluate(activities[n + 1], into: &rates)
                }
            }
            let loss = problem.loss.total(outputs, targets: problem.batch.targets) / Double(problem.batch.size)
            let alpha = problem.learningRate
            return loss + slack / (2 * alpha * epsilon * Double(problem.batch.size)) + update.norm * update.norm / (2 * alpha)
        }
    }

    @Test("The step is stationary for J_ε in weights and activities", arguments: [1, 3], [0.05, 1, 20])
    func stationary(_ examples: Int, _ epsilon: Double) throws {
        let problem = try randomLearningProblem(
            seed: 61, widths: [4, 5, 4, 3], batchSize: examples, learningRate: 0.7)
        let step = try SlackImplicit(epsilon: epsilon).step(problem)
        let activities = try #require(step.activities)
        #expect(step.equilibrium?.isConverged == true)
        let objective = Objective(problem: problem, epsilon: epsilon)
        let width = 1e-5
        func slope(_ change: (Double, inout Parameters<Double>, inout PerLayer<Matrix<Double>>) -> Void) -> Double {
            func at(_ t: Double) -> Double {
                var (update, h) = (step.update, activities)
                change(t, &update, &h)
                return objective.value(update, h)
            }
            return (at(width) - at(-width)) / (2 * width)
        }
        // A slope of J is compared with that of the proximal term alone, which the others must cancel.
        let scale = step.update.norm / problem.learningRate
        for n in 0..<3 {
            for k in 0..<step.update.layers[n].count {
                let (i, j) = (k % step.update.layers[n].rows, k / step.update.layers[n].rows)
                #expect(abs(slope { t, update, _ in update.layers[n][i, j] += t }) < 1e-7 * (1 + scale))
            }
            for k in 0..<activities[n + 1].count {
                let (i, j) = (k % activities[n + 1].rows, k / activities[n + 1].rows)
                #expect(abs(slope { t, _, h in h[n + 1][i, j] += t }) < 1e-7 * (1 + scale))
            }
        }
    }

    @Test("The distance to exact implicit SGD is of first order in ε")
    func firstOrder() throws {
        let problem = try randomLearningProblem(seed: 62, learningRate: 2)
        let exact = try ImplicitGradientDescent().step(problem).update
        let distances = try [1e-2, 1e-3, 1e-4].map {
            try SlackImplicit(epsilon: $0).step(problem).update.relativeDistance(to: exact)
        }
        #expect(abs(distances[0] / distances[1] - 10) < 0.5)
        #expect(abs(distances[1] / distances[2] - 10) < 0.05)
    }

    @Test("With αε = σ² fixed it becomes explicit: the step over α tends to a limit, of first order in 1/ε")
    func explicitLimit() throws {
        let problem = try randomLearningProblem(seed: 63, learningRate: 1)
        func direction(_ epsilon: Double) throws -> Parameters<Double> {
            let shorter = LearningProblem(
                network: problem.network, batch: problem.batch, loss: problem.loss, learningRate: 1 / epsilon)
            return try epsilon * SlackImplicit(epsilon: epsilon).step(shorter).update
        }
        let limit = try direction(1e7)
        let distances = try [1e3, 1e4].map { try direction($0).relativeDistance(to: limit) }
        #expect(abs(distances[0] / distances[1] - 10) < 0.2)
    }
}
