import Certificates
import ImplicitSGD
import LinearAlgebra
import Networks
import RealModule
import Testing

/// The second-order condition.
@Suite struct MinimumTests {
    /// `∇²P` at the origin of a linear network 1-1-1 has the eigenvalues `1/α ± xy`.
    ///
    /// Guards: `isStrict` for a curvature of −0.01, with biases (over activities) and without (over weights,
    /// since the hidden rate is 0).
    @Test(arguments: [Activation.identity, .tanh])
    func `the sign of a small curvature`(activation: Activation) throws {
        for (product, isStrict) in [(0.99, true), (1.01, false)] {
            let problem = try tinyProblem(
                activation, first: [0], second: [0], target: product, learningRate: 1)
            let certificate = Certifier().certify(problem.zeroUpdate, for: problem)
            #expect(certificate.isExact == isStrict)
            #expect(certificate.point?.minimum.isStrict == isStrict)
            #expect(isStrict || certificate.refusal?.name == "saddle")
        }
    }

    /// The false certificate: all parameters 0, so the hidden unit sits on its kink with `c = 0`.
    ///
    /// Guards: units that are not strictly opposed left out of the curvature.
    @Test(arguments: [Activation.relu, .leakyReLU])
    func `a saddle through a kink that decides nothing`(activation: Activation) throws {
        // b₂ takes its own minimum: b₂ = α/(1 + α).
        let problem = try tinyProblem(activation, first: [0, 0], second: [0, 0], learningRate: 10)
        let update = Parameters<Double>(layers: [
            Matrix(rows: 1, columns: 2), Matrix(column: [0, 10.0 / 11]).transposed,
        ])
        let certificate = Certifier().certify(update, for: problem)
        guard case .refused(.saddle(let lower), _) = certificate else {
            Issue.record("\(certificate.refusal.map { "\($0)" } ?? "exact")")
            return
        }
        #expect(problem.objective(after: lower.update) <= problem.objective(after: update) - lower.decrease)
        #expect(lower.decrease > 1e-4)
    }

    @Test(arguments: [Activation.relu, .leakyReLU], [Loss.squaredError, .sigmoidCrossEntropy])
    func `the same without biases`(activation: Activation, loss: Loss) throws {
        let problem = try tinyProblem(
            activation, first: [0], second: [0], loss: loss, learningRate: 10)
        let certificate = Certifier().certify(problem.zeroUpdate, for: problem)
        #expect(certificate.refusal?.name == "saddle")
        // With a small learning rate the origin is a minimum.
        let small = try problem.with(learningRate: 0.1)
        let strict = Certifier().certify(small.zeroUpdate, for: small)
        #expect(strict.isExact && strict.point?.minimum.isStrict == true)
    }

    /// Depth, width, repeated units and zero inputs: at the origin every hidden unit is open. Only the biases of
    /// the last layer have moved, to `α/(1 + α)`, so `δ = −1/(1 + α)` at each output, and the least curvature is
    /// `1/α − ‖δ‖‖ā‖` with the inputs `ā` of the last hidden layer: one layer of weights after another.
    @Test(arguments: [[2, 2, 1], [1, 3, 1], [2, 2, 2, 2], [3, 8, 1], [1, 2, 3]])
    func `the origin is called a minimum where it is one`(widths: [Int]) throws {
        let architecture = try Architecture(widths: widths, activation: .relu, bias: true)
        let last = widths.count - 2
        let outputs = widths[last + 1]
        for input in [0.0, 1] {
            let rate = 1000.0
            let problem = try ProximalProblem(
                network: Network(
                    architecture: architecture, parameters: Parameters(zerosFor: architecture)),
                batch: Batch(
                    inputs: Matrix(rows: widths[0], columns: 1, repeating: input),
                    targets: Matrix(rows: outputs, columns: 1, repeating: 1)),
                loss: .squaredError, learningRate: rate)
            var update = problem.zeroUpdate
            for i in 0..<outputs { update.layers[last][i, widths[last]] = rate / (1 + rate) }
            let presynaptic = last == 1 ? Double(widths[0]) * input : 0
            let slope = (Double(outputs) * (1 + presynaptic)).squareRoot() / (1 + rate)
            let certificate = Certifier().certify(update, for: problem)
            #expect(certificate.point?.minimum.isStrict == (slope < 1 / rate), "input \(input)")
            #expect(certificate.refusal?.name == (slope < 1 / rate ? nil : "saddle"), "input \(input)")
        }
    }

    /// The verdict over activities, over weights and by Lanczos's method in ImplicitSGD are three ways to one sign.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `the verdict agrees with the smallest curvature`(seed: UInt64) throws {
        for (activation, batchSize, bias) in [
            (Activation.tanh, 1, true), (.relu, 1, true), (.softplus, 3, true), (.relu, 3, false),
            (.gelu, 9, true), (.leakyReLU, 9, true),
        ] {
            let problem = try randomProblem(
                seed: seed, widths: [3, 4, 3], activation: activation, bias: bias, batchSize: batchSize,
                learningRate: 3)
            let report = try ProximalSolver().solve(problem)
            let certificate = Certifier().certify(report.update, for: problem)
            guard let point = certificate.point, certificate.isExact else { continue }
            let curvature = problem.smallestCurvature(
                after: report.update, kinkedUnits: point.kinkedUnits)
            #expect(point.minimum.isStrict == (curvature > 0), "\(activation) \(batchSize) \(curvature)")
        }
    }

    /// Linear networks over a mini-batch: `∇²P` at the origin has the least eigenvalue `1/α − σ₁(YXᵀ)/B`. With
    /// biases the rates are independent only for one example.
    @Test(arguments: [1, 2, 5])
    func `saddles of linear networks`(batchSize: Int) throws {
        let architecture = try Architecture(widths: [3, 2, 2], activation: .identity, bias: false)
        let inputs = Matrix<Double>(rows: 3, columns: batchSize) { i, j in Double.cos(Double(3 * j + i)) }
        let targets = Matrix<Double>(rows: 2, columns: batchSize) { i, j in Double.sin(Double(5 * j + i)) }
        let product = try Matrix.product(targets, .none, inputs, .transposed)
        let gram = try Matrix.product(product, .none, product, .transposed)
        let largest = try SymmetricEigendecomposition(gram).values[1].squareRoot() / Double(batchSize)
        for (factor, isStrict) in [(0.98, true), (1.02, false)] {
            let problem = try ProximalProblem(
                network: Network(
                    architecture: architecture, parameters: Parameters(zerosFor: architecture)),
                batch: Batch(inputs: inputs, targets: targets), loss: .squaredError,
                learningRate: factor / largest)
            let certificate = Certifier().certify(problem.zeroUpdate, for: problem)
            #expect(certificate.isExact == isStrict)
            #expect(certificate.point?.minimum.isStrict == isStrict)
        }
    }

    @Test func `too many open kinks are not decided`() throws {
        let count = KinkSides.openLimit + 1
        let architecture = try Architecture(widths: [1, count, 1], activation: .relu, bias: true)
        let problem = try ProximalProblem(
            network: Network(architecture: architecture, parameters: Parameters(zerosFor: architecture)),
            batch: Batch(inputs: Matrix(column: [1]), targets: Matrix(column: [0])), loss: .squaredError,
            learningRate: 1)
        let certificate = Certifier().certify(problem.zeroUpdate, for: problem)
        guard case .notDecided(let reason) = certificate.point?.minimum else {
            Issue.record("decided")
            return
        }
        #expect(certificate.isExact && reason.contains("\(count) units"))
    }
}
