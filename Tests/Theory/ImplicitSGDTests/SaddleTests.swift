import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// Points at which a unit sits on its kink and may leave at no first-order cost, in every solver: none is left
/// standing if a lower point is within reach.
@Suite("Saddle points at kinks")
struct SaddleTests {
    enum Start: String, CaseIterable, Sendable {
        case allZero, zeroOutgoing, zeroIncoming, repeatedUnits, zeroInput
    }

    struct Case: Sendable, CustomStringConvertible {
        let activation: Activation
        let widths: [Int]
        let bias: Bool
        let start: Start
        let examples: Int

        var description: String { "\(activation) \(widths) bias \(bias) \(start) B=\(examples)" }

        static let all: [Case] = [Activation.relu, .leakyReLU].flatMap { activation in
            [[1, 1, 1], [2, 3, 2], [2, 2, 2, 1]].flatMap { widths in
                [true, false].flatMap { bias in
                    Start.allCases.flatMap { start in
                        [1, 2].map {
                            Case(
                                activation: activation, widths: widths, bias: bias, start: start, examples: $0)
                        }
                    }
                }
            }
        }

        func problem() throws -> ProximalProblem {
            let drawn = try randomProblem(
                seed: 7, widths: widths, activation: activation, loss: .squaredError, bias: bias,
                batchSize: examples, learningRate: 10)
            var parameters = drawn.network.parameters
            var inputs = drawn.batch.inputs
            let last = widths.count - 2
            switch start {
            case .allZero: parameters.scale(by: 0)
            case .zeroOutgoing: parameters.layers[last].scale(by: 0)
            case .zeroIncoming: parameters.layers[0].scale(by: 0)
            case .repeatedUnits:
                for n in 0..<last {
                    for j in 0..<parameters.layers[n].columns {
                        for i in 1..<max(1, widths[n + 1]) { parameters.layers[n][i, j] = parameters.layers[n][0, j] }
                    }
                    for i in 0..<parameters.layers[n + 1].rows {
                        for j in 1..<max(1, widths[n + 1]) {
                            parameters.layers[n + 1][i, j] = parameters.layers[n + 1][i, 0]
                        }
                    }
                }
            case .zeroInput: inputs.scale(by: 0)
            }
            return try ProximalProblem(
                network: Network(architecture: drawn.network.architecture, parameters: parameters),
                batch: Batch(inputs: inputs, targets: drawn.batch.targets), loss: .squaredError,
                learningRate: 10)
        }
    }

    /// Brute force on the network in plain loops: for every choice of sides of the units on their kinks, all
    /// directions of negative curvature of that piece; and random directions. Returns the greatest fall of `P`.
    static func greatestFall(_ problem: ProximalProblem, at update: Parameters<Double>) -> Double {
        var plain = PlainNetwork<Double>(problem)
        let value = plain.objective(update)
        var onKink: [[Int]] = []
        for example in 0..<problem.batch.size {
            for (n, layer) in plain.activities(update, example: example).dropLast().enumerated() {
                for (i, activity) in layer.enumerated() where abs(activity) < 1e-11 {
                    onKink.append([n + 1, i, example])
                }
            }
        }
        var directions = (0..<40).map {
            randomDirection(for: problem.network.architecture, seed: UInt64($0 + 500)).flattened
        }
        for pattern in 0..<(1 << min(onKink.count, 6)) {
            for (k, place) in onKink.enumerated() {
                let kink = plain.activations[place[0] - 1].kink
                plain.slopes[place] = pattern >> k & 1 == 1 ? kink?.rightSlope : kink?.leftSlope
            }
            directions += jacobi(plain.hessian(update)).filter { $0.value < -1e-5 }.map(\.vector)
        }
        plain.slopes = [:]
        var fall = 0.0
        for direction in directions {
            for length in [1e-3, 1e-4, 1e-5] {
                for sign in [1.0, -1] {
                    var target = update
                    target.add(update.replaced(direction), scaledBy: sign * length)
                    fall = max(fall, value - plain.objective(target))
                }
            }
        }
        return fall
    }

    @Test("No direction that brute force finds leads down from the point found", arguments: Case.all)
    func leftBehind(_ shape: Case) throws {
        let problem = try shape.problem()
        let choices: [SolverChoice] = [
            .automatic, .forced(.weightSpaceDense), .forced(.weightSpaceMatrixFree),
        ]
        for choice in choices {
            let report = try ProximalSolver(choice: choice).solve(problem)
            // Where the solution is Δ = 0, on kinks, slopes that cancel to the last bit need not exist.
            #expect(
                [.converged, .roundingLimit].contains(report.outcome),
                "\(choice): \(report.outcome.name), residual \(report.implicitResidual)")
            let fall = Self.greatestFall(problem, at: report.update)
            #expect(fall <= 1e-10 * (1 + report.objective), "\(choice): P falls by \(fall)")
        }
    }

    /// P = (w₂w₁ − 1)²/2 + (w₁² + w₂²)/20 on the right piece: w₁ = w₂ = √0.9, P = 0.095.
    @Test("1-1-1 without biases: the closed form", arguments: [Activation.relu, .leakyReLU])
    func closedForm(_ activation: Activation) throws {
        let architecture = try Architecture(widths: [1, 1, 1], activation: activation, bias: false)
        let problem = try ProximalProblem(
            network: Network(architecture: architecture, parameters: Parameters(zerosFor: architecture)),
            batch: Batch(inputs: Matrix<Double>(column: [1]), targets: Matrix<Double>(column: [1])),
            loss: .squaredError, learningRate: 10)
        for choice in [SolverChoice.automatic, .forced(.weightSpaceMatrixFree)] {
            let report = try ProximalSolver(choice: choice).solve(problem)
            #expect(report.isConverged && abs(report.objective - 0.095) <= 1e-12)
        }
    }

    /// At the saddle P falls by (2·1.1⁻¹ − 1.1)/…·ε² along w₁ = b₁ = ε/√2, w₂ = ε; the solver must be below it.
    @Test("1-1-1 with biases: below the saddle at 0.04545")
    func biased() throws {
        let architecture = try Architecture(widths: [1, 1, 1], activation: .relu)
        let problem = try ProximalProblem(
            network: Network(architecture: architecture, parameters: Parameters(zerosFor: architecture)),
            batch: Batch(inputs: Matrix<Double>(column: [1]), targets: Matrix<Double>(column: [1])),
            loss: .squaredError, learningRate: 10)
        for method in SolveMethod.allCases {
            let report = try ProximalSolver(choice: .forced(method)).solve(problem)
            #expect(report.isConverged && report.objective < 0.0433, "\(method): P = \(report.objective)")
        }
    }

    @Test("Smooth saddles are left by the matrix-free solver too", arguments: [Activation.tanh, .gelu])
    func smooth(_ activation: Activation) throws {
        let architecture = try Architecture(widths: [3, 4, 2], activation: activation, bias: false)
        let problem = try ProximalProblem(
            network: Network(architecture: architecture, parameters: Parameters(zerosFor: architecture)),
            batch: Batch(
                inputs: Matrix<Double>(column: [1, -0.5, 2]), targets: Matrix<Double>(column: [1, -1])),
            loss: .squaredError, learningRate: 100)
        for method in [SolveMethod.weightSpaceDense, .weightSpaceMatrixFree] {
            let report = try ProximalSolver(choice: .forced(method)).solve(problem)
            #expect(report.isConverged && report.objective < 0.9 * report.lossBefore, "\(method)")
        }
    }
}
