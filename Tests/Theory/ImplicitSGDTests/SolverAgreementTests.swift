import ImplicitSGD
import Networks
import Testing

/// Solvers that share no code beyond loss, gradient and Hessian-vector product agree: the evidence
/// that any of them is right.
@Suite("Agreement of the solvers")
struct SolverAgreementTests {
    struct Case: Sendable, CustomStringConvertible {
        let activation: Activation
        let loss: Loss
        let batchSize: Int
        let bias: Bool

        var description: String { "\(activation) \(loss) B=\(batchSize) bias \(bias)" }

        static let all = Activation.allCases.flatMap { activation in
            Loss.allCases.flatMap { loss in
                [(1, true), (1, false), (2, true), (8, true)].map {
                    Case(activation: activation, loss: loss, batchSize: $0.0, bias: $0.1)
                }
            }
        }

        /// Wide enough for the rates of a mini-batch to be independent.
        func problem(seed: UInt64, learningRate: Double) throws -> ProximalProblem {
            let widths = batchSize == 8 ? [9, 10, 3] : [4, 6, 5, 3]
            return try randomProblem(
                seed: seed, widths: widths, activation: activation, loss: loss, bias: bias,
                batchSize: batchSize, learningRate: learningRate, weightScale: 1.5)
        }
    }

    /// Both descend from θ_b. Where there are several minima they may part; then both must be
    /// certified minima, and that happens rarely.
    @Test("Activity space and dense weight space", arguments: Case.all)
    func dense(_ shape: Case) throws {
        try compare(shape) { problem, start in
            try WeightSpaceDenseSolver().solve(problem, from: start)
        }
    }

    @Test("Activity space and matrix-free weight space", arguments: Case.all)
    func matrixFree(_ shape: Case) throws {
        try compare(shape) { problem, start in
            try WeightSpaceMatrixFreeSolver().solve(problem, from: start)
        }
    }

    private func compare(
        _ shape: Case,
        _ solve: (ProximalProblem, Parameters<Double>?) throws -> SolveReport
    ) throws {
        for (seed, learningRate) in [(101, 0.05), (102, 0.5), (103, 3)] as [(UInt64, Double)] {
            let problem = try shape.problem(seed: seed, learningRate: learningRate)
            let activity: SolveReport
            do {
                activity = try ActivitySpaceSolver().solve(problem)
            } catch SolveError.singularGram {
                continue
            }
            try #require(activity.isConverged, "activity space, α = \(learningRate)")
            let fromStart = try solve(problem, nil)
            #expect(fromStart.isConverged, "\(fromStart.outcome), α = \(learningRate)")
            // From a point near the one solution the other method must come back to it.
            let nudge = 1e-4 * activity.update.norm
                * randomDirection(for: problem.network.architecture, seed: seed)
            let weight = try solve(problem, activity.update + nudge)
            #expect(weight.isConverged, "\(weight.outcome), α = \(learningRate)")
            let distance = (weight.update - activity.update).norm / activity.update.norm
            #expect(distance <= 1e-9, "distance \(distance), α = \(learningRate)")
            #expect(abs(weight.objective - activity.objective) <= 1e-12 * activity.objective)
            #expect(weight.kinkedUnits.count == activity.kinkedUnits.count)
        }
    }

    @Test("Dependent rates are solved in weight space", arguments: Activation.allCases)
    func dependentRates(_ activation: Activation) throws {
        let problem = try randomProblem(
            seed: 111, widths: [2, 5, 3], activation: activation, batchSize: 8, learningRate: 0.5)
        #expect(throws: SolveError.self) { try ActivitySpaceSolver().solve(problem) }
        let report = try ProximalSolver().solve(problem)
        #expect(report.isConverged, "\(report.outcome)")
        #expect(report.method != .activitySpace)
    }

    /// More than 3,000 activities in both: of one example, and of two.
    @Test("One example is solved over activities where a mini-batch of as many is not", arguments: [(32, 1), (17, 2)])
    func manyActivities(layers: Int, batchSize: Int) throws {
        let problem = try randomProblem(
            seed: 115, widths: [3] + Array(repeating: 100, count: layers) + [2], activation: .tanh, batchSize: batchSize,
            learningRate: 0.1)
        let report = try ProximalSolver().solve(problem)
        #expect(report.isConverged, "\(report.outcome)")
        #expect((report.method == .activitySpace) == (batchSize == 1))
    }

    /// Two examples have 148 activities and eight have 592, where blocks of order 256 cost more than the products.
    @Test("A mini-batch is solved where a step costs less, and both solvers find its update", arguments: [
        (2, SolveMethod.activitySpace), (8, .weightSpaceMatrixFree),
    ])
    func cheaperSolver(batchSize: Int, expected: SolveMethod) throws {
        let problem = try randomProblem(
            seed: 116, widths: [64, 32, 32, 10], activation: .tanh, batchSize: batchSize, learningRate: 0.1)
        let report = try ProximalSolver().solve(problem)
        #expect(report.isConverged && report.method == expected, "\(report.method)")
        for method in [SolveMethod.activitySpace, .weightSpaceMatrixFree] {
            let other = try ProximalSolver(choice: .forced(method)).solve(problem)
            #expect((other.update - report.update).norm <= 1e-9 * report.update.norm, "\(method)")
        }
    }

    /// Each of the two makes its one iteration.
    @Test("Where weight space stops short, activity space goes on")
    func bothAreTried() throws {
        let problem = try randomProblem(
            seed: 117, widths: [64, 32, 32, 10], activation: .tanh, batchSize: 8, learningRate: 1)
        let options = SolverOptions(tolerance: 1e-10, iterationLimit: 1)
        let report = try ProximalSolver(options: options).solve(problem)
        #expect(!report.isConverged && report.iterations == 2, "\(report.iterations)")
    }

    @Test("A forced dense solve of a large network is refused")
    func tooLarge() throws {
        let problem = try randomProblem(seed: 121, widths: [60, 60, 60, 10], batchSize: 60)
        #expect {
            try ProximalSolver(choice: .forced(.weightSpaceDense)).solve(problem)
        } throws: { error in
            guard case SolveError.tooManyParameters = error else { return false }
            return true
        }
    }

    @Test("Forced solvers name themselves", arguments: SolveMethod.allCases)
    func forced(_ method: SolveMethod) throws {
        let problem = try randomProblem(seed: 131, learningRate: 0.3)
        let report = try ProximalSolver(choice: .forced(method)).solve(problem)
        #expect(report.isConverged && report.method == method)
    }

    @Test("One iteration is not enough, and the report says so", arguments: SolveMethod.allCases)
    func honestStop(_ method: SolveMethod) throws {
        let problem = try randomProblem(seed: 141, learningRate: 30)
        let options = SolverOptions(tolerance: 1e-10, iterationLimit: 1)
        let report = try ProximalSolver(options: options, choice: .forced(method)).solve(problem)
        #expect(!report.isConverged && report.outcome == .iterationLimit)
    }
}
