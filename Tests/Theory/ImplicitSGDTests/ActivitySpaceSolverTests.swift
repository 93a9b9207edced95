import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

@Suite("Activity-space solver")
struct ActivitySpaceSolverTests {
    static let learningRates = [1e-4, 1e-2, 1, 100, 1e4]

    @Test("Every solve is certified at the definition", arguments: EnergyCase.all)
    func certificate(_ shape: EnergyCase) throws {
        for learningRate in Self.learningRates {
            let problem = try shape.problem(seed: 71).with(learningRate: learningRate)
            let report = try ActivitySpaceSolver().solve(problem)
            #expect(report.outcome == .converged, "α = \(learningRate)")
            let residual = problem.implicitResidual(
                of: report.update, kinkedUnits: report.kinkedUnits)
            #expect(residual <= 1e-10 && residual == report.implicitResidual)
            #expect(report.objective <= report.lossBefore)
        }
    }

    /// The naive check: no nearby point is lower. It uses nothing but P itself.
    @Test("No random step lowers the objective", arguments: EnergyCase.all)
    func localMinimum(_ shape: EnergyCase) throws {
        let problem = try shape.problem(seed: 81)
        let report = try ActivitySpaceSolver().solve(problem)
        let value = problem.objective(after: report.update)
        for seed in 0..<20 {
            let direction = randomDirection(
                for: problem.network.architecture, seed: UInt64(1000 + seed))
            for length in [1e-2, 1e-3, 1e-4, -1e-3] {
                let trial = problem.objective(after: report.update + length * direction)
                #expect(trial >= value - 1e-14 * (1 + value))
            }
        }
    }

    @Test("Slopes at kinks lie between the one-sided derivatives, and the units are at 0")
    func kinks() throws {
        var found = 0
        for seed in 0..<20 {
            let problem = try randomProblem(
                seed: UInt64(seed), widths: [6, 12, 12, 4], activation: .leakyReLU,
                learningRate: 3)
            let report = try ActivitySpaceSolver().solve(problem)
            let activities = problem.linearization(after: report.update).activities
            for kinked in report.kinkedUnits {
                found += 1
                #expect((Activation.leak...1).contains(kinked.slope))
                let activity = activities[kinked.layer][kinked.unit, kinked.example]
                #expect(abs(activity) <= 1e-14)
            }
        }
        #expect(found > 10, "the cases must have kinks for the test to mean anything")
    }

    /// T5: Δ = α/(1 + α‖x̄‖²) (y − Wx̄) x̄ᵀ.
    @Test("One linear layer: the closed form", arguments: learningRates)
    func linearRegression(learningRate: Double) throws {
        let problem = try randomProblem(
            seed: 91, widths: [4, 3], loss: .squaredError, learningRate: learningRate)
        let report = try ActivitySpaceSolver().solve(problem)
        let x = problem.batch.inputs.elements + [1]
        let s = x.reduce(0) { $0 + $1 * $1 }
        let prediction = problem.network.logits(problem.batch.inputs)
        let scale = learningRate / (1 + learningRate * s)
        let expected = Matrix<Double>(rows: 3, columns: 5) { i, j in
            scale * (problem.batch.targets[i, 0] - prediction[i, 0]) * x[j]
        }
        #expect((report.update.layers[0] - expected).norm <= 1e-13 * expected.norm)
    }

    @Test("A target that is reached needs no step")
    func zeroStep() throws {
        let start = try randomProblem(seed: 95, loss: .squaredError)
        let batch = try Batch(
            inputs: start.batch.inputs, targets: start.network.logits(start.batch.inputs))
        let problem = try ProximalProblem(
            network: start.network, batch: batch, loss: .squaredError, learningRate: 10)
        let report = try ActivitySpaceSolver().solve(problem)
        #expect(report.isConverged && report.update.norm == 0 && report.implicitResidual == 0)
    }

    /// With all weights zero the gradient of every hidden layer vanishes: θ_b is stationary in them,
    /// but not a minimum at large α.
    @Test("A saddle point is left along negative curvature")
    func saddle() throws {
        let architecture = try Architecture(widths: [3, 4, 2], activation: .tanh, bias: false)
        let network = try Network<Double>(
            architecture: architecture, parameters: Parameters(zerosFor: architecture))
        let batch = try Batch(
            inputs: Matrix<Double>(column: [1, -0.5, 2]), targets: Matrix<Double>(column: [1, -1]))
        let problem = try ProximalProblem(
            network: network, batch: batch, loss: .squaredError, learningRate: 100)
        // The first layer's rates are not zero but the hidden rates are: with s₁ = 0 the energy does
        // not exist, so the saddle is looked for a little way off.
        #expect(throws: SolveError.singularGram(layer: 1)) {
            _ = try ActivitySpaceSolver().solve(problem)
        }
        let biased = try Architecture(
            widths: [3, 4, 2], hiddenActivations: [.tanh], biases: [false, true])
        let flat = try ProximalProblem(
            network: Network<Double>(architecture: biased, parameters: Parameters(zerosFor: biased)),
            batch: batch, loss: .squaredError, learningRate: 100)
        let report = try ActivitySpaceSolver().solve(flat)
        #expect(report.isConverged && report.curvature == .positiveByFactorization)
        let value = flat.objective(after: report.update)
        for seed in 0..<50 {
            let direction = randomDirection(for: biased, seed: UInt64(seed))
            #expect(flat.objective(after: report.update + 1e-2 * direction) >= value)
        }
    }

    @Test("A stopped solve is not called converged")
    func honestStop() throws {
        let problem = try randomProblem(seed: 99, learningRate: 100)
        let options = SolverOptions(tolerance: 1e-10, iterationLimit: 1)
        let report = try ActivitySpaceSolver(options: options).solve(problem)
        #expect(report.outcome == .iterationLimit)
        #expect(!report.isConverged)
    }

    @Test("A tolerance below rounding ends at the rounding limit")
    func roundingLimit() throws {
        let problem = try randomProblem(seed: 100, learningRate: 100)
        let options = SolverOptions(tolerance: 1e-19, iterationLimit: 60)
        let report = try ActivitySpaceSolver(options: options).solve(problem)
        #expect(!report.isConverged)
        #expect(report.implicitResidual < 1e-12)
    }
}
