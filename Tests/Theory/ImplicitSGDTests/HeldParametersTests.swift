import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// Exact updates of problems in which some parameters are constants.
@Suite("Held parameters")
struct HeldParametersTests {
    static let biases = HeldParameters([.biases])
    static let some: [HeldParameters] = [
        biases, HeldParameters([.bias(ofLayer: 1)]), HeldParameters([.layer(1)]), HeldParameters([.layer(0)]),
        HeldParameters([.weights]), HeldParameters([.weight(ofLayer: 2), .bias(ofLayer: 0)]),
    ]
    static let solvers: [any ExactSolver] = [
        ProximalSolver(), ActivitySpaceSolver(), WeightSpaceDenseSolver(), WeightSpaceMatrixFreeSolver(),
    ]

    private static func problem(
        _ held: HeldParameters, seed: UInt64, _ activation: Activation, batchSize: Int, learningRate: Double = 0.6
    ) throws -> ProximalProblem {
        let plain = try randomProblem(seed: seed, activation: activation, batchSize: batchSize, weightScale: 1.2)
        return try ProximalProblem(
            network: plain.network, batch: plain.batch, loss: plain.loss, learningRate: learningRate, held: held)
    }

    /// Whether the tensor of a column moves, from the names.
    private static func moves(_ held: HeldParameters, layer n: Int, isBias: Bool) -> Bool {
        let names = held.groups.map(\.name)
        return !names.contains(isBias ? "biases" : "weights") && !names.contains("layers.\(n)")
            && !names.contains("layers.\(n)." + (isBias ? "bias" : "weight"))
    }

    /// The oracle: gradient descent on `P_α` over the entries that move, of which each is looked at by itself.
    private static func oracle(_ problem: ProximalProblem) -> Parameters<Double> {
        let architecture = problem.network.architecture
        var update = Parameters<Double>(zerosFor: architecture)
        let rate = problem.learningRate
        for _ in 0..<20_000 {
            let gradient = problem.linearization(after: update).gradient()
            var change = 0.0
            for n in update.layers.indices {
                for j in 0..<update.layers[n].columns
                where moves(problem.held, layer: n, isBias: j == architecture.widths[n]) {
                    for i in 0..<update.layers[n].rows {
                        let step = 0.2 * rate * (update.layers[n][i, j] / rate + gradient.layers[n][i, j])
                        update.layers[n][i, j] -= step
                        change += step * step
                    }
                }
            }
            if change.squareRoot() <= 1e-14 * update.norm { break }
        }
        return update
    }

    @Test("Every solver finds what gradient descent over the others finds, to 1e-9", arguments: some, [1, 3])
    func oracle(_ held: HeldParameters, _ batchSize: Int) throws {
        for (seed, activation) in [(401, .tanh), (402, .softplus), (403, .sigmoid)] as [(UInt64, Activation)] {
            let problem = try Self.problem(held, seed: seed, activation, batchSize: batchSize)
            let expected = Self.oracle(problem)
            for solver in Self.solvers {
                if solver is ActivitySpaceSolver, (0..<3).contains(where: held.holdsWeights) {
                    #expect(throws: SolveError.self) { try solver.solve(problem) }
                    continue
                }
                let report = try solver.solve(problem)
                #expect(report.isConverged, "\(report.outcome)")
                let distance = (report.update - expected).norm / expected.norm
                #expect(distance <= 1e-9, "\(held), \(activation), \(report.method): \(distance)")
                for n in expected.layers.indices {
                    for j in 0..<expected.layers[n].columns
                    where !Self.moves(held, layer: n, isBias: j == problem.network.architecture.widths[n]) {
                        #expect(report.update.layers[n].column(j).allSatisfy { $0 == 0 })
                    }
                }
            }
        }
    }

    /// At kinks the descent above has no gradient. Both spaces have the same solution there.
    @Test("With kinks activity space and weight space agree", arguments: [Activation.relu, .leakyReLU], [1, 3])
    func kinks(_ activation: Activation, _ batchSize: Int) throws {
        var compared = 0
        for seed in 411...420 as ClosedRange<UInt64> {
            let problem = try Self.problem(Self.biases, seed: seed, activation, batchSize: batchSize, learningRate: 3)
            guard let activity = try? ActivitySpaceSolver().solve(problem), activity.isConverged else { continue }
            for solver in [WeightSpaceDenseSolver(), WeightSpaceMatrixFreeSolver()] as [any ExactSolver] {
                let weight = try solver.solve(problem, from: activity.update)
                #expect(weight.isConverged && problem.implicitResidual(of: weight.update, kinkedUnits: weight.kinkedUnits) <= 1e-10)
                let distance = (weight.update - activity.update).norm / activity.update.norm
                #expect(distance <= 1e-9, "seed \(seed), \(weight.method): \(distance)")
                compared += 1
            }
        }
        #expect(compared >= 8)
    }

    /// T17: a layer's learning rate `mα` for `m → 0` holds it; the solutions differ by `O(m)`.
    @Test("A layer that is held is the limit of its learning rate", arguments: [0, 1, 2])
    func limit(_ layer: Int) throws {
        let held = try Self.problem(HeldParameters([.layer(layer)]), seed: 431, .tanh, batchSize: 2)
        let exact = try WeightSpaceDenseSolver().solve(held).update
        let rates = [1e-2, 1e-3, 1e-4]
        let distances = try rates.map { rate in
            var multiples = [1.0, 1, 1]
            multiples[layer] = rate
            let near = try ProximalProblem(
                network: held.network, batch: held.batch, loss: held.loss,
                rates: LearningRates(held.learningRate, multiples: multiples))
            return (try WeightSpaceDenseSolver().solve(near).update - exact).norm
        }
        #expect(abs(logLogSlope(rates, distances) - 1) <= 0.1, "\(distances)")
    }

    @Test("Random starts and the smallest curvature leave held parameters alone")
    func startsAndCurvature() throws {
        let problem = try Self.problem(HeldParameters([.layer(1), .bias(ofLayer: 0)]), seed: 441, .tanh, batchSize: 2)
        let found = MultiStart(starts: 4).search(problem, reported: try ProximalSolver().solve(problem))
        #expect(found.unconverged == 0 && found.isReportedLowest)
        let update = found.reported.update
        // Over the entries that move, by central differences of P.
        let architecture = problem.network.architecture
        let places = update.layers.indices.flatMap { n in
            (0..<update.layers[n].columns)
                .filter { Self.moves(problem.held, layer: n, isBias: $0 == architecture.widths[n]) }
                .flatMap { j in (0..<update.layers[n].rows).map { (n, $0, j) } }
        }
        func gradient(_ k: Int, _ step: Double) -> Parameters<Double> {
            var moved = update
            moved.layers[places[k].0][places[k].1, places[k].2] += step
            return problem.linearization(after: moved).gradient()
        }
        let hessian = Matrix<Double>(rows: places.count, columns: places.count) { row, column in
            let (up, down) = (gradient(column, 1e-5), gradient(column, -1e-5))
            let (n, i, j) = places[row]
            return (up.layers[n][i, j] - down.layers[n][i, j]) / 2e-5 + (row == column ? 1 / problem.learningRate : 0)
        }
        let smallest = try #require(SymmetricEigendecomposition(hessian).values.first)
        #expect(abs(problem.smallestCurvature(after: update) - smallest) <= 1e-6 * abs(smallest))
    }

    @Test("What is not there cannot be held, nor everything")
    func invalid() throws {
        let plain = try randomProblem(seed: 451, bias: false)
        for held in [
            HeldParameters([.layer(3)]), HeldParameters([.bias(ofLayer: 1)]), Self.biases,
            HeldParameters([.weights]), HeldParameters([.layer(0), .layer(1), .layer(2)]),
        ] {
            #expect(throws: ProblemError.self) {
                try ProximalProblem(
                    network: plain.network, batch: plain.batch, loss: plain.loss, learningRate: 1, held: held)
            }
        }
        for name in ["layer.0", "layers.-1", "layers.01", "layers.0.biases", "bias", "layers.0.bias.x", ""] {
            #expect(HeldParameters.Group(name: name) == nil)
        }
        for name in ["biases", "weights", "layers.0", "layers.12.weight", "layers.3.bias"] {
            #expect(HeldParameters.Group(name: name)?.name == name)
        }
    }
}
