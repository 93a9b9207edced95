import Certificates
import ImplicitSGD
import Intervals
import LinearAlgebra
import Networks
import Testing

/// Proofs that an exact update exists near a computed one.
@Suite("Enclosures of exact updates")
struct ActivityEnclosureTests {
    private func enclosed(_ problem: ProximalProblem) throws -> (Parameters<Double>, ActivityEnclosure) {
        let update = try ProximalSolver().solve(problem).update
        return (update, try ActivityEnclosure(around: update, for: problem))
    }

    @Test(arguments: ExactUpdateReferences.rows.indices)
    func `the update of fifty digits is enclosed`(index: Int) throws {
        let row = ExactUpdateReferences.rows[index]
        let problem = try referenceProblem(row)
        let enclosure = try ActivityEnclosure(around: rounded(row, problem), for: problem)
        #expect(enclosure.isProvedMinimum && enclosure.radius < 1e-10 && enclosure.contraction < 1e-2)
        #expect(enclosure.heldUnits == row.held)
        var k = 0
        for layer in enclosure.update {
            for i in 0..<layer.rows {
                for j in 0..<layer.columns {
                    let (high, low) = row.update[k]
                    k += 1
                    #expect(abs((high - layer.center[i, j]) + low) <= layer.radius[i, j])
                    // Two examples on layers of three units nearly depend on each other.
                    #expect(layer.radius[i, j] < (row.examples == 1 ? 1e-10 : 1e-8))
                }
            }
        }
        #expect(k == row.update.count)
    }

    /// Reference and moved update are known, so the distance is, to a few rounding units.
    @Test(arguments: [1e-12, 1e-9, 1e-6]) func `the distance of an update is enclosed`(distance: Double) throws {
        let row = ExactUpdateReferences.rows[0]
        let problem = try referenceProblem(row)
        var moved = rounded(row, problem)
        let norm = moved.norm
        let before = moved.layers[1][0, 2]
        moved.layers[1][0, 2] += distance * norm
        let expected = (moved.layers[1][0, 2] - before) / norm
        let enclosure = try ActivityEnclosure(around: moved, for: problem)
        #expect(enclosure.distance.lower <= expected + 1e-15 && enclosure.distance.upper >= expected - 1e-15)
        #expect(enclosure.distance.upper - enclosure.distance.lower < 1e-12)
        #expect(enclosure.radius < 1e-13)
    }

    /// T4 of enclosures, and the program's own objective, which rounds.
    @Test func `objective and loss are those of the update`() throws {
        let problem = try randomProblem(seed: 5)
        let (update, enclosure) = try enclosed(problem)
        let computed = problem.objective(after: update)
        #expect(abs(computed - enclosure.objective.midpoint) <= 1e-12 * computed)
        #expect(enclosure.objective.upper - enclosure.objective.lower < 1e-9)
        #expect(enclosure.loss.upper < problem.lossBefore)
    }

    /// Without Newton steps the box is around the update's own activities, and a bias moves the output by as much.
    @Test(arguments: [1e-9, 1e-7, 1e-5]) func `the radius is not less than the distance moved`(distance: Double) throws {
        let problem = try randomProblem(seed: 3)
        var (moved, exact) = try enclosed(problem)
        let last = moved.layers.count - 1
        moved.layers[last][0, moved.layers[last].columns - 1] += distance
        let enclosure = try ActivityEnclosure(around: moved, for: problem, newtonSteps: 0)
        #expect(enclosure.radius >= distance * (1 - 1e-6) - exact.radius - 1e-9 * exact.distance.upper)
        #expect(enclosure.activities.allSatisfy { $0.radius.elements.allSatisfy { $0 >= enclosure.radius } })
        #expect(enclosure.radius < 4 * distance + exact.radius)
        exact = try ActivityEnclosure(around: moved, for: problem)
        #expect(exact.radius < 1e-13)
    }

    /// Two Newton steps do not reach from one problem's update to another's; if they did, the distance would say so.
    @Test func `an update of another problem is not enclosed`() throws {
        let problem = try randomProblem(seed: 3)
        let other = try ProximalSolver().solve(problem.with(learningRate: 3)).update
        #expect(throws: NotEnclosed.self) { try ActivityEnclosure(around: other, for: problem) }
    }

    /// 1-1-1, leaky ReLU, biases, `x = 1`, `y = 1`, `α = 1`, weights `w₁ = p`, `w₂ = −1`, and the hidden unit put on its kink.
    /// There `h₂ = ½`, `C = −½`, `G₀ = −p/2`, so the implicit equation has the slope `p`: `P_α` rises to both sides exactly if
    /// `0.01 < p < 1`, and is `¼ + p²/4`.
    @Test(arguments: [0.0005, 0.5, 5]) func `a unit on its kink needs both signs`(p: Double) throws {
        let problem = try tinyProblem(.leakyReLU, first: [p, 0], second: [-1, 0], learningRate: 1)
        var update = problem.zeroUpdate
        update.layers[0] = Matrix(column: [-p / 2, -p / 2]).transposed
        update.layers[1][0, 1] = 0.5
        guard p == 0.5 else {
            #expect(throws: NotEnclosed.undecidedKink(layer: 1, unit: 0, example: 0)) {
                try ActivityEnclosure(around: update, for: problem)
            }
            return
        }
        let enclosure = try ActivityEnclosure(around: update, for: problem)
        #expect(enclosure.heldUnits == 1 && enclosure.isProvedMinimum && enclosure.distance.lower == 0)
        #expect(enclosure.objective.contains(0.25 + p * p / 4) && enclosure.radius < 1e-15)
    }

    /// What the paper's saddle has: zero weights above a unit on its kink, whose sides decide nothing.
    @Test func `a kink without feedback is not decided`() throws {
        let problem = try tinyProblem(.relu, first: [0, 0], second: [0, 0], learningRate: 10)
        var update = problem.zeroUpdate
        update.layers[1][0, 1] = 10.0 / 11
        #expect(throws: NotEnclosed.undecidedKink(layer: 1, unit: 0, example: 0)) {
            try ActivityEnclosure(around: update, for: problem)
        }
    }

    /// One unit ends 1e-14 from its kink: no box that rounding allows keeps it on its side.
    @Test func `a unit near its kink says so`() throws {
        let problem = try tinyProblem(.leakyReLU, first: [1 + 1e-14, 0], second: [-1, 0], learningRate: 1)
        var update = problem.zeroUpdate
        update.layers[0] = Matrix(column: [-0.5, -0.5]).transposed
        update.layers[1][0, 1] = 0.5
        #expect(throws: NotEnclosed.nearKink(layer: 1, unit: 0, example: 0)) {
            try ActivityEnclosure(around: update, for: problem)
        }
    }

    /// One unit ends 2e-12 beside its kink and hardly matters for the output, so that a box across the kink would contract, too.
    /// With `e₂ = ½` and `v = −10⁻³ + h₁/2` the unit is where `h₁ = p + v`.
    @Test func `no box reaches over a kink`() throws {
        let problem = try tinyProblem(.leakyReLU, first: [1e-3 + 1e-12, 0], second: [-1e-3, 0], learningRate: 1)
        var update = problem.zeroUpdate
        update.layers[0] = Matrix(column: [-0.5e-3 + 0.5e-12, -0.5e-3 + 0.5e-12]).transposed
        update.layers[1] = Matrix(column: [1e-12, 0.5]).transposed
        let enclosure = try ActivityEnclosure(around: update, for: problem)
        let activity = enclosure.activities[0].center[0, 0]
        #expect(abs(activity - 2e-12) < 1e-14 && enclosure.heldUnits == 0)
        #expect(enclosure.uniquenessRadius > 0 && enclosure.uniquenessRadius < activity)
    }

    /// 1-1-1 with biases, tanh, all zero, `x = 1`, `y = 1`, but the output's bias at its optimum: `e₁ = 0`, and `P_α` falls
    /// along `(w₁, b₁, w₂)` once `α` times the residual error is large.
    @Test(arguments: [0.5, 10, 1000]) func `a saddle is never proved a minimum`(learningRate: Double) throws {
        let problem = try tinyProblem(.tanh, first: [0, 0], second: [0, 0], learningRate: learningRate)
        // With w₁ = b₁ = w₂ = 0 the equation leaves b₂ = α(1 − b₂).
        var update = problem.zeroUpdate
        update.layers[1][0, 1] = learningRate / (1 + learningRate)
        let enclosure = try ActivityEnclosure(around: update, for: problem)
        // In (h₁, h₂) = (0, b₂): αE = α(h₂ − 1)²/2 + h₁²/4 + h₂²/(2(1 + tanh²h₁)), curvature ½ − h₂² along h₁.
        let isMinimum = update.layers[1][0, 1] * update.layers[1][0, 1] < 0.5
        #expect(enclosure.isProvedMinimum == isMinimum)
        #expect(enclosure.radius < 1e-14)
    }

    @Test func `what is not covered says so`() throws {
        let problem = try randomProblem(seed: 1, widths: [1, 3000, 1])
        #expect(throws: NotEnclosed.size(3001)) { try ActivityEnclosure(around: problem.zeroUpdate, for: problem) }
    }

    /// The update of fifty digits, each weight to the nearest double.
    private func rounded(_ row: ExactUpdateReferences.Row, _ problem: ProximalProblem) -> Parameters<Double> {
        var update = problem.zeroUpdate
        var k = 0
        for layer in update.layers.indices {
            for i in 0..<update.layers[layer].rows {
                for j in 0..<update.layers[layer].columns {
                    update.layers[layer][i, j] = row.update[k].0
                    k += 1
                }
            }
        }
        return update
    }

    private func referenceProblem(_ row: ExactUpdateReferences.Row) throws -> ProximalProblem {
        let widths = [3, 4, 3, 2]
        func dyadic(_ k: Int) -> Double { Double((k * 7919 + 13) % 1021 - 510) / 512 }
        var k = row.shift
        let layers = zip(widths, widths.dropFirst()).map { below, above in
            let first = k
            k += above * (below + 1)
            return Matrix<Double>(rows: above, columns: below + 1) { i, j in dyadic(first + i * (below + 1) + j) }
        }
        let activation = try #require(Activation(rawValue: row.activation))
        return try ProximalProblem(
            network: Network(
                architecture: Architecture(widths: widths, activation: activation, bias: true),
                parameters: Parameters(layers: layers)),
            batch: Batch(
                inputs: Matrix(rows: 3, columns: row.examples) { i, k in dyadic(1000 + 400 * k + (1 + 2 * k) * i) },
                targets: Matrix(rows: 2, columns: row.examples) { i, k in i == k % 2 ? 1 : 0 }),
            loss: #require(Loss(rawValue: row.loss)), learningRate: row.learningRate)
    }
}
