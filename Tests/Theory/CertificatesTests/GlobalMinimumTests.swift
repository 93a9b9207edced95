import Certificates
import Foundation
import ImplicitSGD
import Intervals
import LinearAlgebra
import Networks
import Randomness
import Testing

/// The search for the global minimum against a dense grid, and its bounds against values inside of boxes.
@Suite("Global minimum")
struct GlobalMinimumTests {
    /// Networks 1-2-m with one bias, at the output: `W₀` are two numbers, and for given ones the best `W₁` is T5's.
    struct Case: Sendable, CustomStringConvertible {
        let activation: Activation
        let seed: UInt64
        let learningRate: Double

        var description: String { "\(activation), seed \(seed), α = \(learningRate)" }

        static let all: [Case] = [Activation.tanh, .relu, .leakyReLU, .gelu, .sigmoid].flatMap { activation in
            (0..<6).flatMap { seed in
                [2.0, 20].map { Case(activation: activation, seed: seed, learningRate: $0) }
            }
        }

        func problem() throws -> ProximalProblem {
            var generator = RandomGenerator(seed: seed)
            let architecture = try Architecture(
                widths: [1, 2, 2], hiddenActivations: [activation], biases: [false, true])
            var network = Network<Double>(architecture: architecture, using: &generator)
            for n in network.parameters.layers.indices { network.parameters.layers[n].scale(by: 2) }
            let inputs = Matrix<Double>(column: [generator.nextNormal()])
            let targets = Matrix<Double>(column: [2 * generator.nextNormal(), 2 * generator.nextNormal()])
            return try ProximalProblem(
                network: network, batch: Batch(inputs: inputs, targets: targets), loss: .squaredError,
                learningRate: learningRate)
        }
    }

    /// The least `P_α` over a grid of `W₀` that has 0 among its points, in plain loops: an upper bound of the minimum.
    static func gridMinimum(_ problem: ProximalProblem) -> Double {
        let (first, second) = (problem.network.parameters.layers[0], problem.network.parameters.layers[1])
        let (x, y) = (problem.batch.inputs[0, 0], problem.batch.targets)
        let (activation, rate) = (problem.network.architecture.activation(ofLayer: 1), problem.learningRate)
        let radius = (2 * rate * problem.lossBefore).squareRoot()
        let half = 150
        // Each weight by its own grid, on both sides of 0.
        let reach = (0..<2).map { abs(first[$0, 0]) + radius }
        let points = (0..<2).map { i in (-half...half).map { reach[i] * Double($0) / Double(half) } }
        let rates = points.map { $0.map { plainRate(activation, $0 * x) } }
        var least = problem.lossBefore
        for (a, u) in zip(points[0], rates[0]) {
            for (b, v) in zip(points[1], rates[1]) {
                let moved = (a - first[0, 0]) * (a - first[0, 0]) + (b - first[1, 0]) * (b - first[1, 0])
                let size = u * u + v * v + 1
                var square = 0.0
                for i in 0..<2 {
                    let error = y[i, 0] - second[i, 0] * u - second[i, 1] * v - second[i, 2]
                    square += error * error
                }
                least = min(least, moved / (2 * rate) + square / (2 * (1 + rate * size)))
            }
        }
        return least
    }

    @Test("No point of a dense grid is lower than the minimum that is proved global", arguments: Case.all)
    func grid(_ shape: Case) throws {
        let problem = try shape.problem()
        let solver = ProximalSolver()
        let proof = GlobalMinimum(
            of: problem, solution: try solver.certified(problem), solver: solver, boxLimit: 20_000)
        let least = Self.gridMinimum(problem)
        #expect(proof.isProved, "\(proof)")
        #expect(proof.lowerBound <= least * (1 + 1e-12))
        #expect(proof.solution.objective <= least * (1 + 1e-9), "\(proof.solution.objective) above \(least)")
        #expect(proof.lowerBound <= proof.solution.objective * (1 + 1e-12))
    }

    @Test("Where the descent ends in the worse of two minima the search finds the better")
    func twoMinima() throws {
        let found = try Case.all.filter { shape in
            let problem = try shape.problem()
            let solution = try ProximalSolver().certified(problem)
            let proof = GlobalMinimum(of: problem, solution: solution, solver: ProximalSolver(), boxLimit: 20_000)
            if proof.hasFoundLower { #expect(proof.upperBound < solution.objective) }
            return proof.hasFoundLower
        }
        #expect(found.count >= 5, "\(found)")
    }

    @Test("Bounds of boxes are below what is in them", arguments: Activation.allCases, Loss.allCases)
    func bounds(_ activation: Activation, _ loss: Loss) throws {
        for (seed, widths, bias) in [(1, [2, 3, 2], true), (2, [3, 2, 2, 2], true), (3, [2, 2, 2], false)] as [(UInt64, [Int], Bool)] {
            let problem = try randomProblem(
                seed: seed, widths: widths, activation: activation, loss: loss, bias: bias, learningRate: 3)
            let energy = try #require(BoxEnergy(problem))
            var generator = RandomGenerator(seed: seed + 100)
            for trial in 0..<24 {
                // Wide ones with kinks on both sides, and small ones, on one side or beside a kink.
                let size = [2.0, 0.5, 0.05, 1e-3][trial % 4]
                let ranges = energy.widths.map { width in
                    (0..<width).map { _ in
                        let low = 2 * generator.nextNormal()
                        return Interval(lower: low, upper: low + size * generator.nextUniform())
                    }
                }
                for box in [ActivityBox(ranges, kinks: energy.kinks)].flatMap({ $0.split(layer: 0, unit: 0) }) {
                    let bounds = BoxBounds(energy, box)
                    for sample in 0..<24 {
                        let point = box.activities.map { layer in
                            layer.map { range in
                                // Corners as often as what is between them.
                                let share = sample % 2 == 0 ? (generator.nextUniform() < 0.5 ? 0 : 1) : generator.nextUniform()
                                return Interval(min(range.upper, range.lower + share * (range.upper - range.lower)))
                            }
                        }
                        let update = energy.update(ActivityBox(point, kinks: energy.kinks))
                        // Where all rates of a layer are 0 no update has these activities.
                        guard Self.distance(problem.linearization(after: update).activities, point) < 1e-9 else { continue }
                        let value = 3 * problem.objective(after: update)
                        #expect(value >= bounds.lower - 1e-12 * (1 + value), "\(widths) \(box.activities)")
                    }
                    #expect(bounds.lower <= bounds.upper)
                }
            }
        }
    }

    @Test("At a point the Hessian is the difference quotient of the gradient", arguments: Activation.allCases, Loss.allCases)
    func hessian(_ activation: Activation, _ loss: Loss) throws {
        let problem = try randomProblem(
            seed: 6, widths: [3, 2, 2, 2], activation: activation, loss: loss, bias: true, learningRate: 3)
        let energy = try #require(BoxEnergy(problem))
        var generator = RandomGenerator(seed: 7)
        for _ in 0..<8 {
            // Away from kinks, on both sides.
            let point = energy.widths.map { width in
                (0..<width).map { _ in (generator.nextUniform() < 0.5 ? -1 : 1) * (0.1 + 2 * generator.nextUniform()) }
            }
            func box(_ shift: Double = 0, layer: Int = 0, unit: Int = 0) -> ActivityBox {
                var moved = point
                moved[layer][unit] += shift
                return ActivityBox(moved.map { $0.map { Interval($0) } }, kinks: energy.kinks)
            }
            let center = box()
            let value = energy.evaluate(center)
            let found = energy.hessian(value, center)
            let scale = found.flatMap { $0.map(\.magnitude) }.max() ?? 1
            let width = 1e-5
            for (row, a) in center.free.enumerated() {
                for (column, b) in center.free.enumerated().prefix(row + 1) {
                    // The loss's own Hessian is left out by declaration.
                    if a.layer + 1 == problem.network.architecture.depth, b.layer == a.layer { continue }
                    let gradients = [width, -width].map { shift in
                        let there = box(shift, layer: b.layer, unit: b.unit)
                        return energy.gradient(energy.evaluate(there), there)[a.layer][a.unit].midpoint
                    }
                    let quotient = (gradients[0] - gradients[1]) / (2 * width)
                    #expect(abs(quotient - found[row][column].midpoint) <= 1e-6 * (1 + scale), "\(a) \(b)")
                }
            }
        }
    }

    @Test("A box that is split at a kink keeps the kink itself: there a minimum can be that no side has", arguments: [
        (-1.0, 1.0, 3), (0, 1, 2), (-1, 0, 2), (0, 0, 1),
    ])
    func splitAtKink(_ lower: Double, _ upper: Double, _ count: Int) {
        let box = ActivityBox([[Interval(lower: lower, upper: upper)]], kinks: [true])
        let parts = box.split(layer: 0, unit: 0).map { $0.activities[0][0] }
        #expect(parts.count == count)
        #expect(parts.contains { $0.lower == 0 && $0.upper == 0 })
        #expect(parts.map(\.lower).min() == lower && parts.map(\.upper).max() == upper)
    }

    private static func distance(_ activities: PerLayer<Matrix<Double>>, _ point: [[Interval]]) -> Double {
        point.indices.reduce(0) { largest, n in
            point[n].indices.reduce(largest) { max($0, abs(activities[n + 1][$1, 0] - point[n][$1].lower)) }
        }
    }

    @Test("T15: one minimiser, and a learning rate above which it is not proved")
    func unique() throws {
        let problem = try randomProblem(seed: 4, widths: [2, 3, 2], loss: .softmaxCrossEntropy, learningRate: 0.01)
        let proof = GlobalMinimum(
            of: problem, solution: try ProximalSolver().certified(problem), solver: ProximalSolver(), boxLimit: 1)
        let largest = try #require(proof.largestUniqueRate)
        #expect(proof.isUnique && proof.isProved && proof.boxes == 0 && largest >= 0.01)
        let beyond = try problem.with(learningRate: 1.02 * largest)
        let undecided = GlobalMinimum(
            of: beyond, solution: try ProximalSolver().certified(beyond), solver: ProximalSolver(), boxLimit: 1)
        #expect(!undecided.isUnique)
    }

    @Test("What is not searched is not decided")
    func notSearched() throws {
        let problem = try randomProblem(seed: 5, widths: [5, 20, 3], activation: .relu, learningRate: 1)
        let proof = GlobalMinimum(
            of: problem, solution: try ProximalSolver().certified(problem), solver: ProximalSolver(), boxLimit: 100)
        #expect(!proof.isProved && proof.boxes == 0 && proof.lowerBound == 0 && proof.largestUniqueRate == nil)
    }
}

/// `φ(h)` by its definition.
private func plainRate(_ activation: Activation, _ h: Double) -> Double {
    switch activation {
    case .identity: h
    case .relu: max(0, h)
    case .leakyReLU: h > 0 ? h : 0.01 * h
    case .tanh: tanh(h)
    case .sigmoid: 1 / (1 + exp(-h))
    case .softplus: log(1 + exp(h))
    case .gelu: h * erfc(-h / 2.0.squareRoot()) / 2
    }
}
