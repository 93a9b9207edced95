import ImplicitSGD
import Networks
import Testing

/// A learning rate for each layer: T17's metric.
@Suite("Learning rates of layers")
struct LearningRatesTests {
    static let multiples = [0.02, 1.3, 0.4]

    struct Case: Sendable, CustomStringConvertible {
        let activation: Activation
        let loss: Loss
        let batchSize: Int
        let widths: [Int]
        var description: String { "\(activation) \(loss) B=\(batchSize) \(widths)" }

        static let all = Activation.allCases.flatMap { activation in
            [(Loss.softmaxCrossEntropy, 1, [5, 6, 4, 3]), (.squaredError, 4, [5, 6, 5, 3]),
             // The Hessian's blocks of layers that are much wider than the next have a form of their own.
             (.sigmoidCrossEntropy, 1, [5, 10, 80, 3])]
                .map { Case(activation: activation, loss: $0.0, batchSize: $0.1, widths: $0.2) }
        }

        func problem(_ seed: UInt64, _ multiples: [Double] = LearningRatesTests.multiples) throws -> ProximalProblem {
            let plain = try randomProblem(
                seed: seed, widths: widths, activation: activation, loss: loss, batchSize: batchSize, weightScale: 1.3)
            return try plain.with(rates: LearningRates(0.8, multiples: multiples))
        }
    }

    @Test("Activity space and both weight spaces agree to 1e-9", arguments: Case.all)
    func solversAgree(_ shape: Case) throws {
        for seed in [301, 302] as [UInt64] {
            let problem = try shape.problem(seed)
            let activity: SolveReport
            do { activity = try ActivitySpaceSolver().solve(problem) } catch SolveError.singularGram { continue }
            try #require(activity.isConverged, "\(activity.outcome)")
            #expect(problem.implicitResidual(of: activity.update, kinkedUnits: activity.kinkedUnits) <= 1e-10)
            let near = 1e-4 * activity.update.norm * randomDirection(for: problem.network.architecture, seed: seed)
            let solvers: [any ExactSolver] = shape.widths[2] > 10
                ? [WeightSpaceMatrixFreeSolver()] : [WeightSpaceDenseSolver(), WeightSpaceMatrixFreeSolver()]
            for solver in solvers {
                let weight = try solver.solve(problem, from: activity.update + near)
                #expect(weight.isConverged, "\(weight.outcome)")
                let distance = (weight.update - activity.update).norm / activity.update.norm
                #expect(distance <= 1e-9, "\(weight.method): \(distance)")
                #expect(abs(weight.objective - activity.objective) <= 1e-12 * activity.objective)
            }
        }
    }

    /// A wrong term of the Hessian leaves the solution as it is and makes Newton's method linear.
    @Test("Newton's method stays quadratic", arguments: Case.all)
    func newton(_ shape: Case) throws {
        let problem = try shape.problem(303)
        let metric = try ActivitySpaceSolver().solve(problem)
        let plain = try ActivitySpaceSolver().solve(problem.with(rates: LearningRates(0.8)))
        #expect(metric.iterations <= plain.iterations + 4, "\(metric.iterations) after \(plain.iterations)")
    }

    /// The independent check of docs/theory.md §8: the weights `κₙWₙ` with `∏κₙ = 1` are the same network, and one α on them
    /// is `α/κₙ²` on the original ones.
    @Test("Homogeneous rescaling", arguments: [Activation.identity, .relu, .leakyReLU], [1, 3])
    func rescaling(_ activation: Activation, _ batchSize: Int) throws {
        for (seed, scales) in [(311, [2, 0.25, 2]), (312, [1.7, 0.4, 1 / 0.68])] as [(UInt64, [Double])] {
            let problem = try randomProblem(
                seed: seed, widths: [5, 6, 5, 3], activation: activation, bias: false, batchSize: batchSize)
            let metric = try problem.with(
                rates: LearningRates(0.7, multiples: scales.map { 1 / ($0 * $0) }))
            var weights = problem.network.parameters
            for n in scales.indices { weights.layers[n].scale(by: scales[n]) }
            let other = try ProximalProblem(
                network: Network(architecture: problem.network.architecture, parameters: weights),
                batch: problem.batch, loss: problem.loss, learningRate: 0.7)
            let found = try ProximalSolver().solve(metric)
            var expected = try ProximalSolver().solve(other).update
            let before = metric.implicitResidual(of: found.update, kinkedUnits: found.kinkedUnits)
            #expect(before <= 1e-10)
            #expect(abs(metric.metricNorm(found.update) - expected.norm) <= 1e-9 * expected.norm)
            for n in scales.indices { expected.layers[n].scale(by: 1 / scales[n]) }
            let distance = (found.update - expected).norm / expected.norm
            #expect(distance <= 1e-9, "\(distance)")
        }
    }

    @Test("Equal rates are one α, bit for bit")
    func uniform() throws {
        let problem = try randomProblem(seed: 321, learningRate: 0.6)
        let same = try problem.with(rates: LearningRates(0.6, multiples: [1, 1, 1]))
        #expect(same.rates.isUniform && same.rates[2] == 0.6)
        #expect(try ActivitySpaceSolver().solve(same).update == ActivitySpaceSolver().solve(problem).update)
        // Twice the rates at half of α are the same problem too, though not the same arithmetic.
        let doubled = try problem.with(rates: LearningRates(0.3, multiples: [2, 2, 2]))
        let (first, second) = try (
            ActivitySpaceSolver().solve(doubled).update, ActivitySpaceSolver().solve(problem).update)
        #expect((first - second).norm <= 1e-12 * second.norm)
    }

    @Test("The smallest curvature is that of P", arguments: [Activation.tanh, .relu])
    func curvature(_ activation: Activation) throws {
        let problem = try Case(activation: activation, loss: .squaredError, batchSize: 1, widths: [3, 4, 4, 2])
            .problem(331)
        let solved = try ProximalSolver().solve(problem)
        let value = problem.smallestCurvature(after: solved.update, kinkedUnits: solved.kinkedUnits)
        let direction = randomDirection(for: problem.network.architecture, seed: 332)
        #expect(value > 0)
        // Rayleigh quotients are above it.
        let step = 1e-4 * direction
        let (up, here, down) = (
            problem.objective(after: solved.update + step), problem.objective(after: solved.update),
            problem.objective(after: solved.update - step))
        #expect((up - 2 * here + down) / 1e-8 >= value * (1 - 1e-4))
    }

    @Test("Rates that make no sense are refused", arguments: [[0, 1, 1], [1, -1, 1], [1, 1, .nan], [.infinity, 1, 1]])
    func invalid(_ multiples: [Double]) {
        #expect(throws: ProblemError.self) { try LearningRates(1, multiples: multiples) }
    }

    @Test("Rates for another number of layers are refused")
    func count() throws {
        let problem = try randomProblem(seed: 341)
        #expect(throws: ProblemError.rateCount(2, layers: 3)) {
            try problem.with(rates: LearningRates(1, multiples: [1, 2]))
        }
        #expect(throws: ProblemError.rateCount(2, layers: 3), "ones too") {
            try problem.with(rates: LearningRates(1, multiples: [1, 1]).with(common: 2))
        }
        #expect(throws: ProblemError.learningRate(.infinity)) { try LearningRates(1e308, multiples: [1, 10, 1]) }
    }
}
