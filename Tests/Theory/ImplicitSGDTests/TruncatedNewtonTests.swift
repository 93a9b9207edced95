import ImplicitSGD
import LinearAlgebra
import Networks
import Randomness
import Testing

/// Newton steps in single precision: what they use is what double precision uses, to rounding, and they lead to the same points.
@Suite("Newton steps in single precision")
struct TruncatedNewtonTests {
    @Test(
        "∇²P v is that of double precision, to rounding",
        arguments: [Activation.tanh, .gelu, .leakyReLU], [Loss.squaredError, .softmaxCrossEntropy, .sigmoidCrossEntropy])
    func product(_ activation: Activation, _ loss: Loss) throws {
        let problem = try randomProblem(
            seed: 3, widths: [20, 16, 12, 5], activation: activation, loss: loss, batchSize: 7, learningRate: 0.8)
        let direction = randomDirection(for: problem.network.architecture, seed: 5)
        var model = WeightSpaceModel(problem)
        if activation.kink != nil { model.beginSmoothing(fraction: 3) }
        model.move(to: 0.3 * direction)
        model.differentiate()
        let made = WeightSpacePoint<Float>(rounding: model.point)
        var point = try #require(made)
        var (fine, coarse) = (direction, direction.converted(to: Float.self))
        model.hessianProduct(direction, into: &fine)
        point.hessianProduct(direction.converted(to: Float.self), into: &coarse)
        // A sum of n terms errs by some √n units in the last place, here of at most 20 through six products.
        #expect((coarse.converted(to: Double.self) - fine).norm <= 1e-5 * fine.norm)
    }

    @Test("A point that single precision cannot hold is not rounded", arguments: [(1e30, 1), (1, 1e39), (1e-30, 1)])
    func range(_ learningRate: Double, _ weight: Double) throws {
        let plain = try randomProblem(seed: 7, widths: [4, 3, 2], learningRate: learningRate)
        var model = WeightSpaceModel(plain)
        model.move(to: weight * randomDirection(for: plain.network.architecture, seed: 1))
        model.differentiate()
        #expect(WeightSpacePoint<Float>(rounding: model.point) == nil)
    }

    /// Large enough for single precision to be used, and small enough for the solver over activities.
    @Test("The solver over weights ends where the one over activities does", arguments: [0.01, 0.1, 1])
    func agreement(learningRate: Double) throws {
        let problem = try randomProblem(
            seed: 11, widths: [64, 64, 64, 5], activation: .tanh, batchSize: 2, learningRate: learningRate)
        #expect(WeightSpaceModel(problem).coarsePoint() != nil)
        let weights = try WeightSpaceMatrixFreeSolver().solve(problem, from: nil)
        let activities = try ActivitySpaceSolver().solve(problem, from: nil)
        #expect(weights.outcome == .converged && activities.outcome == .converged)
        #expect((weights.update - activities.update).norm <= 1e-7 * activities.update.norm)
    }

    /// A number of single precision, times a power of two, is its own rounding.
    @Test("Steps are in single precision from 5,000 weights on", arguments: [(64, true), (16, false)])
    func precision(_ width: Int, _ isSingle: Bool) throws {
        let problem = try randomProblem(seed: 13, widths: [64, width, width, 5], batchSize: 3)
        var model = WeightSpaceModel(problem)
        model.move(to: model.update)
        model.differentiate()
        var newton = WeightSpaceConjugateGradients(model)
        let step = newton.step(&model, isNewPoint: true, radius: 1e6, accuracy: 0.1)
        #expect(newton.hessianProducts > 0)
        #expect(step.direction.flattened.allSatisfy { Double(Float($0)) == $0 } == isSingle)
    }

    /// With squared error the curvature stays as large as `α` makes it. Conjugate gradients in single precision would go on
    /// where rounding is all that is left: for 2,300 products, where double precision takes 800.
    @Test("Where rounding would stop the steps they are made in double precision")
    func fallback() throws {
        var generator = RandomGenerator(seed: 1, stream: 0)
        let architecture = try Architecture(widths: [784, 64, 64, 10], activation: .tanh)
        let network = Network<Double>(architecture: architecture, using: &generator)
        let inputs = Matrix<Double>(rows: 784, columns: 16) { _, _ in max(0, 2 * generator.nextUniform() - 1) }
        let classes = (0..<16).map { _ in Int(generator.next(below: 10)) }
        let targets = Matrix<Double>(rows: 10, columns: 16) { i, j in classes[j] == i ? 1 : 0 }
        let problem = try ProximalProblem(
            network: network, batch: Batch(inputs: inputs, targets: targets), loss: .squaredError, learningRate: 1e5)
        let report = try WeightSpaceMatrixFreeSolver(options: SolverOptions(tolerance: 1e-9)).solve(problem, from: nil)
        #expect(report.outcome == .converged)
        #expect(report.hessianProducts <= 1400, "\(report.hessianProducts) products")
    }
}
