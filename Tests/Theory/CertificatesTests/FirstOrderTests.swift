import Certificates
import ImplicitSGD
import LinearAlgebra
import Networks
import RealModule
import Testing

/// The implicit residual, the kinks and the refusals. Each test names the fault that it guards against.
@Suite struct FirstOrderTests {
    static let cases: [(Activation, Loss, Int)] = Activation.allCases.flatMap { activation in
        [(activation, .squaredError, 1), (activation, .softmaxCrossEntropy, 2),
         (activation, .sigmoidCrossEntropy, 1)]
    }

    @Test(arguments: cases)
    func `exact updates are certified`(activation: Activation, loss: Loss, batchSize: Int) throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let problem = try randomProblem(
                seed: seed, activation: activation, loss: loss, batchSize: batchSize)
            let report = try ActivitySpaceSolver().solve(problem)
            let certificate = Certifier().certify(report.update, for: problem)
            #expect(certificate.isExact, "\(certificate.refusal.map { "\($0)" } ?? "")")
            let point = try #require(certificate.point)
            // As many as the solver has, which the certifier has not seen.
            #expect(point.kinkedUnits.count == report.kinkedUnits.count)
            let residual = problem.implicitResidual(of: report.update, kinkedUnits: point.kinkedUnits)
            #expect(point.residualBound >= residual * (1 - 1e-9) && point.residualBound < 1e-10)
            #expect(point.minimum.isStrict)
        }
    }

    /// Guards: a tolerance that is wider than was asked for, by a hundred times or by four.
    @Test(arguments: [Activation.tanh, .relu, .gelu])
    func `a residual just above the tolerance is refused`(activation: Activation) throws {
        let problem = try randomProblem(seed: 5, activation: activation)
        let solved = try ActivitySpaceSolver().solve(problem).update
        // Longer by this part, the update has a residual of at least about as much.
        for (stretch, isExact) in [(1e-12, true), (4e-10, false), (1e-8, false), (1e-3, false)] {
            let update = solved + stretch * solved
            let certificate = Certifier(tolerance: 1e-10).certify(update, for: problem)
            #expect(certificate.isExact == isExact, "\(stretch)")
            if !isExact { #expect(certificate.refusal?.name == "residual") }
        }
    }

    /// Guards: a kink's sign. The unit balances on a kink at which the objective has a maximum along its
    /// activity: `w₁` would be `−½ + s`, and `s = ½` satisfies the equation.
    @Test func `a balance on the top of a kink is refused`() throws {
        let problem = try tinyProblem(.relu, first: [-0.5], second: [1], learningRate: 1)
        let update = Parameters<Double>(layers: [Matrix(column: [0.5]), Matrix(column: [0])])
        let certificate = Certifier().certify(update, for: problem)
        let point = try #require(certificate.point)
        #expect(point.kinkedUnits.map(\.slope) == [0.5] && point.implicitResidual <= 1e-15)
        #expect(certificate.refusal?.name == "falls-beside-kink")
        // P is lower on both sides.
        for side in [0.1, -0.1] {
            let moved = Parameters<Double>(layers: [Matrix(column: [0.5 + side]), Matrix(column: [0])])
            #expect(problem.objective(after: moved) < problem.objective(after: update))
        }
    }

    /// Guards: slopes outside the subdifferential, and slopes that are limited without a residual. The
    /// equation would hold with the slope 1.5.
    @Test func `a slope outside the one-sided slopes does not count`() throws {
        let problem = try tinyProblem(.relu, first: [1.5], second: [-1], learningRate: 1)
        let update = Parameters<Double>(layers: [Matrix(column: [-1.5]), Matrix(column: [0])])
        let certificate = Certifier().certify(update, for: problem)
        let point = try #require(certificate.point)
        #expect(point.kinkedUnits.map(\.slope) == [1])
        #expect(abs(point.implicitResidual - 1.0 / 3) < 1e-12)
        #expect(certificate.refusal?.name == "residual")
    }

    /// Guards: slopes at several examples that only together are determined. One weight and three examples: at `w₁ = 0`
    /// the equation says only what `Σ sᵢcᵢxᵢ` is.
    @Test func `slopes that are not determined one by one`() throws {
        let architecture = try Architecture(widths: [1, 1, 1], activation: .leakyReLU, bias: false)
        // c = −w₂y > 0, and w₁ moves to 0 where 0.5 = κ Σ sᵢcᵢxᵢ/… for slopes of about a half.
        for start in [0.1, 0.3, 0.5] {
            let problem = try ProximalProblem(
                network: Network(
                    architecture: architecture,
                    parameters: Parameters(layers: [Matrix(column: [start]), Matrix(column: [1])])),
                batch: Batch(
                    inputs: Matrix(column: [0.5, 1, 0.25]).transposed,
                    targets: Matrix(column: [-1, -0.5, -0.5]).transposed),
                loss: .squaredError, learningRate: 3)
            let update = Parameters<Double>(layers: [Matrix(column: [-start]), Matrix(column: [0])])
            let certificate = Certifier().certify(update, for: problem)
            #expect(certificate.isExact, "\(start): \(certificate.refusal.map { "\($0)" } ?? "")")
            let slopes = try #require(certificate.point).kinkedUnits.map(\.slope)
            #expect(slopes.count == 3 && slopes.allSatisfy { $0 > 0.01 && $0 < 1 })
            // The equation itself: κ Σ sᵢcᵢxᵢ = start, with c = w₂(0 − y).
            let sum = zip(slopes, [0.5, 0.5, 0.125]).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(sum - start) < 1e-14)
        }
    }

    /// Guards: plain products of hundreds of terms, which err by more than the last digits of the weights do.
    @Test(arguments: [Activation.relu, .leakyReLU], 1...6 as ClosedRange<UInt64>)
    func `units of wide layers stay on their kinks`(activation: Activation, seed: UInt64) throws {
        let problem = try randomProblem(
            seed: seed, widths: [700, 50, 40, 3], activation: activation, batchSize: 4, learningRate: 1)
        let report = try ProximalSolver().solve(problem)
        let certificate = Certifier(examination: .firstOrder).certify(report.update, for: problem)
        #expect(certificate.isExact, "\(report.outcome): \(certificate.refusal.map { "\($0)" } ?? "")")
        #expect(certificate.point?.kinkedUnits.isEmpty == false)
    }

    /// Guards: residuals that are met by chance, the equation being hidden: `h − y` is exactly 0 as computed and known to
    /// 10⁻¹⁶ only. At this tolerance the bound of the zero update is not small, either.
    @Test func `a residual of zero that rounding hides is refused`() throws {
        let architecture = try Architecture(widths: [1, 1], hiddenActivations: [], biases: [false])
        let problem = try ProximalProblem(
            network: Network(architecture: architecture, parameters: Parameters(layers: [Matrix(column: [0.1])])),
            batch: Batch(inputs: Matrix(column: [3]), targets: Matrix(column: [0.1 * 3])), loss: .squaredError,
            learningRate: 1)
        let certificate = Certifier(tolerance: 1e-17).certify(problem.zeroUpdate, for: problem)
        #expect(certificate.point?.implicitResidual == 0)
        #expect(certificate.refusal?.name == "hidden-by-rounding")
    }

    /// Guards: one example's side called a way down where no weight leads there. One weight is on its kink in two
    /// examples, with `c = w₂(0 − y)` of 2 and −1: at `w₁ > 0` both are to the right, and what the first gains is more.
    @Test func `kinks that are left only together are not judged one by one`() throws {
        let architecture = try Architecture(widths: [1, 1, 1], activation: .relu, bias: false)
        let problem = try ProximalProblem(
            network: Network(
                architecture: architecture,
                parameters: Parameters(layers: [Matrix(column: [0.4]), Matrix(column: [1])])),
            batch: Batch(
                inputs: Matrix(column: [1, 1]).transposed, targets: Matrix(column: [-2, 1]).transposed),
            loss: .squaredError, learningRate: 1)
        let update = Parameters<Double>(layers: [Matrix(column: [-0.4]), Matrix(column: [0])])
        let certificate = Certifier().certify(update, for: problem)
        #expect(certificate.point?.implicitResidual ?? 1 < 1e-15)
        #expect(certificate.refusal?.name == "linked-kinks", "\(certificate.refusal.map { "\($0)" } ?? "")")
        // P = ½·½((w + 2)² + (w − 1)²) + (w − 0.4)²/2 for w > 0, and rises to both sides of 0.
        for side in [1e-3, -1e-3] {
            let moved = Parameters<Double>(layers: [Matrix(column: [-0.4 + side]), Matrix(column: [0])])
            #expect(problem.objective(after: moved) > problem.objective(after: update))
        }
    }

    /// Guards: units that nothing moves called kinks, beside which the objective falls; and units that something
    /// moves left out. At zero inputs without biases the network is constant, so that nothing moves and `Δ = 0` is exact.
    @Test(arguments: [Activation.relu, .leakyReLU])
    func `a unit that no weight moves is no kink`(activation: Activation) throws {
        let problem = try randomProblem(
            seed: 3, widths: [2, 3, 3, 2], activation: activation, loss: .squaredError, bias: false, learningRate: 10)
        let still = try ProximalProblem(
            network: problem.network,
            batch: Batch(inputs: Matrix(rows: 2, columns: 1), targets: problem.batch.targets), loss: .squaredError,
            learningRate: 10)
        let certificate = Certifier().certify(still.zeroUpdate, for: still)
        #expect(certificate.isExact && certificate.point?.kinkedUnits.isEmpty == true)
        // With an input the units of the first layer at weights zero are kinks, and the objective falls beside one.
        var parameters = problem.network.parameters
        parameters.layers[0].scale(by: 0)
        let moving = try ProximalProblem(
            network: Network(architecture: problem.network.architecture, parameters: parameters),
            batch: problem.batch, loss: .squaredError, learningRate: 10)
        let kinked = Certifier().certify(moving.zeroUpdate, for: moving)
        #expect(kinked.point?.kinkedUnits.contains { $0.layer == 1 } == true && !kinked.isExact)
    }

    /// Guards: updates of nearly dependent examples that leave their units some hundred rounding units off the kink.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `units stay on their kinks where examples are nearly the same`(seed: UInt64) throws {
        let problem = try randomProblem(
            seed: seed, widths: [5, 8, 8, 3], activation: .relu, loss: .squaredError, batchSize: 2, learningRate: 10)
        let inputs = Matrix<Double>(rows: 5, columns: 2) { i, j in
            problem.batch.inputs[i, 0] + (j == 1 ? 1e-4 * problem.batch.inputs[i, 1] : 0)
        }
        let close = try ProximalProblem(
            network: problem.network, batch: Batch(inputs: inputs, targets: problem.batch.targets),
            loss: .squaredError, learningRate: 10)
        let report = try ProximalSolver(options: SolverOptions(tolerance: 1e-8)).solve(close)
        let certificate = Certifier(tolerance: 1e-8).certify(report.update, for: close)
        #expect(certificate.isExact, "\(report.outcome): \(certificate.refusal.map { "\($0)" } ?? "")")
    }

    /// Guards: a unit called "on its kink" that lies beside it.
    @Test func `a unit beside its kink has the slope of its side`() throws {
        // At w₁ = 0 the slope ½ balances; c = −w₂ > 0.
        let problem = try tinyProblem(.relu, first: [0.5], second: [-1], learningRate: 1)
        func certificate(_ w: Double) -> Certificate {
            Certifier().certify(
                Parameters(layers: [Matrix(column: [w - 0.5]), Matrix(column: [0])]), for: problem)
        }
        #expect(certificate(0).isExact)
        #expect(certificate(0).point?.kinkedUnits.map(\.slope) == [0.5])
        for offset in [1e-13, -1e-13] {
            #expect(certificate(offset).point?.kinkedUnits.isEmpty == true)
            #expect(certificate(offset).refusal?.name == "residual")
        }
    }

    /// Guards: an update that the written weights do not have.
    @Test func `an update that rounding takes away is not exact`() throws {
        let problem = try randomProblem(seed: 3, bias: false, learningRate: 1e-25)
        let update = try ActivitySpaceSolver().solve(problem).update
        #expect(update.norm > 0)
        #expect(problem.network.updated(by: update) == problem.network)
        #expect(Certifier().certify(update, for: problem).refusal?.name == "lost-to-rounding")
        // Small weights keep their part of an update that the others lose. What decides is the half.
        var shares: [Double] = []
        for exponent in stride(from: -15.0, through: -19, by: -0.25) {
            let partly = try problem.with(learningRate: .pow(10, exponent))
            let kept = Certifier().certify(try ActivitySpaceSolver().solve(partly).update, for: partly)
            let share = try #require(kept.point?.lostPart)
            #expect(kept.refusal?.name == (share > 0.5 ? "lost-to-rounding" : nil), "\(share)")
            shares.append(share)
        }
        #expect(shares.contains { $0 > 0.5 && $0 < 1 } && shares.contains { $0 < 0.5 })
        let smallest = try problem.with(learningRate: 1e-13)
        let small = Certifier().certify(try ActivitySpaceSolver().solve(smallest).update, for: smallest)
        let lost = try #require(small.point?.lostPart)
        #expect(lost > 1e-5 && lost < 1)
    }

    /// Guards: residuals that rounding makes up. With a target 10⁻¹³ beside the output the gradient has three digits.
    @Test func `a gradient of few digits is not certified`() throws {
        let close = try targetsBesideOutputs(offset: 1e-13)
        let update = try ActivitySpaceSolver().solve(close).update
        #expect(Certifier().certify(update, for: close).refusal?.name == "hidden-by-rounding")
    }

    /// Guards: an update of rounding errors called exact, or refused as if something had failed; and a bound that is
    /// none. The update with which the last layer meets the targets, computed from the exact difference, is a lower
    /// point than `θ_b`, so the bound holds for it.
    @Test(arguments: [0, 1e-17], [1, 100.0])
    func `targets equal to the outputs leave no update`(offset: Double, learningRate: Double) throws {
        let close = try targetsBesideOutputs(offset: offset).with(learningRate: learningRate)
        let update = try ActivitySpaceSolver().solve(close).update
        let certificate = Certifier().certify(update, for: close)
        let zero = try #require(certificate.zero)
        #expect(!certificate.isExact && certificate.refusal == nil && certificate.name == "zero")
        #expect(zero.bound < 1e-13 && zero.bound > update.norm)
        // A loss of at least 10⁻²⁰/2 leaves room for √(2αL), and every bound must say so.
        let far = try targetsBesideOutputs(offset: 1e-10).with(learningRate: learningRate)
        #expect(Certifier().certify(try ActivitySpaceSolver().solve(far).update, for: far).zero == nil)
    }

    /// A saturated softmax: the loss is 10⁻²⁶⁰, and no weight can move by a bit.
    @Test func `a loss too small to move a weight leaves no update`() throws {
        let architecture = try Architecture(widths: [1, 2], hiddenActivations: [], biases: [false])
        let problem = try ProximalProblem(
            network: Network(
                architecture: architecture, parameters: Parameters(layers: [Matrix(column: [300, -300])])),
            batch: Batch(inputs: Matrix(column: [1]), targets: Matrix(column: [1, 0])),
            loss: .softmaxCrossEntropy, learningRate: 10)
        let certificate = Certifier().certify(try ActivitySpaceSolver().solve(problem).update, for: problem)
        let bound = try #require(certificate.zero).bound
        // L = log(1 + e^−600), so √(2αL) = √20·e^−300.
        #expect(bound >= 20.0.squareRoot() * Double.exp(-300) && bound < 4.5 * Double.exp(-300))
    }

    private func targetsBesideOutputs(offset: Double) throws -> ProximalProblem {
        let problem = try randomProblem(seed: 8, loss: .squaredError)
        var targets = problem.network.logits(problem.batch.inputs)
        targets[0, 0] += offset
        return try ProximalProblem(
            network: problem.network, batch: Batch(inputs: problem.batch.inputs, targets: targets),
            loss: .squaredError, learningRate: 1)
    }

    @Test func `overflow is said`() throws {
        let problem = try randomProblem(seed: 2, activation: .identity)
        var update = problem.zeroUpdate
        for n in update.layers.indices { update.layers[n][0, 0] = 1e200 }
        #expect(Certifier().certify(update, for: problem).refusal?.name == "overflow")
    }

    @Test func `nothing to do is exact only where the gradient is exactly zero`() throws {
        let resting = try tinyProblem(
            .tanh, first: [0, 0], second: [0, 0], target: 0, learningRate: 1)
        #expect(Certifier().certify(resting.zeroUpdate, for: resting).isExact)
        let moving = try tinyProblem(
            .tanh, first: [0, 0], second: [0, 0], target: 1e-9, learningRate: 1)
        #expect(Certifier().certify(moving.zeroUpdate, for: moving).refusal?.name == "residual")
    }
}
