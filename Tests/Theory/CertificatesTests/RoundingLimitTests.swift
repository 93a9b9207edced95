import Certificates
import ImplicitSGD
import LinearAlgebra
import Networks
import RealModule
import Testing

/// What a refusal says about rounding is true, and what double precision can reach is reached.
@Suite("Rounding limits of certificates")
struct RoundingLimitTests {
    /// Raw pixels and α = 100: `αρ` is some 10⁹, so that the last digit of a weight is worth 10⁻⁷ of the update.
    private func pixels(_ activation: Activation, seed: Int) throws -> ProximalProblem {
        let drawn = try randomProblem(
            seed: UInt64(seed), widths: [196, 16, 10], activation: activation, loss: .squaredError, learningRate: 100)
        let inputs = Matrix<Double>(rows: 196, columns: 1) { i, _ in
            (i * 37 + seed * 11) % 3 == 0 ? Double((i * 91 + seed * 53) % 256) : 0
        }
        return try ProximalProblem(
            network: drawn.network, batch: Batch(inputs: inputs, targets: drawn.batch.targets), loss: .squaredError,
            learningRate: 100)
    }

    @Test("Where rounding hides the residual a proved distance decides", arguments: [Activation.relu, .leakyReLU, .gelu], 0..<4)
    func distance(_ activation: Activation, _ seed: Int) throws {
        let problem = try pixels(activation, seed: seed)
        let solution = try ProximalSolver().certified(problem)
        #expect(solution.isExact && solution.isStrictMinimum, "\(solution.reason ?? "")")
        let point = try #require(solution.certificate.point)
        let proof = try #require(solution.certificate.enclosure)
        #expect(!point.isWithinTolerance && proof.isProvedMinimum && proof.distance.upper <= 1e-10)
        // Farther from the exact update than the tolerance, and hidden by rounding all the same: not exact.
        let coarse = Certifier(tolerance: 0.01 * proof.distance.upper).certify(solution.update, for: problem)
        #expect(coarse.refusal?.name == "hidden-by-rounding")
    }

    @Test("The tolerance and the learning rate that a refusal names are met", arguments: [Activation.relu, .leakyReLU], 0..<4)
    func advice(_ activation: Activation, _ seed: Int) throws {
        let problem = try pixels(activation, seed: seed)
        // To first order nothing is proved of the distance.
        let solution = try ProximalSolver().certified(problem, examination: .firstOrder)
        guard case .hiddenByRounding(let limit) = solution.certificate.refusal else {
            #expect(solution.isExact, "\(solution.reason ?? "")")
            return
        }
        #expect(limit.least <= limit.residual && limit.residual <= limit.bound)
        // The floor is an estimate by one random change of the weights.
        #expect(limit.residual <= 16 * limit.floor && limit.floor <= limit.bound, "\(limit)")
        for (factor, isMet) in [(1.01, true), (0.98, false)] {
            let certifier = Certifier(tolerance: factor * limit.reachableTolerance, examination: .firstOrder)
            #expect(certifier.certify(solution.update, for: problem).isExact == isMet)
        }
        let smaller = try problem.with(learningRate: problem.learningRate / limit.reachableFactor)
        #expect(try ProximalSolver().certified(smaller, examination: .firstOrder).isExact)
    }

    /// Guards: a residual that is within the tolerance as computed, of which rounding leaves less than half of the digits asked for.
    /// The proved bound decides, at the square root of the tolerance.
    @Test func `half of the digits must be proved`() throws {
        var judged = 0
        for seed in 0..<4 {
            for exponent in 2...9 {
                let problem = try pixels(.relu, seed: seed).with(learningRate: .pow(10, Double(exponent)))
                let update = try ProximalSolver().solve(problem).update
                guard case .hiddenByRounding(let limit) = Certifier(examination: .firstOrder).certify(update, for: problem).refusal
                else { continue }
                let square = limit.bound * limit.bound
                // Below it only the bound refuses: the residual and what rounding is likely to make of it are small enough.
                guard limit.bound < 0.9, square > 1.2 * max(limit.residual, 4 * limit.floor) else { continue }
                for (tolerance, isExact) in [(0.9 * square, false), (1.1 * square, true)] {
                    let certificate = Certifier(tolerance: tolerance, examination: .firstOrder).certify(update, for: problem)
                    #expect(certificate.isExact == isExact, "\(limit), tolerance \(tolerance)")
                }
                judged += 1
            }
        }
        #expect(judged > 0)
    }

    /// A residual that is computed as 6.8e-11 and is 1.1e-9 by 60 digits, found by the independent checker: what rounding is likely to
    /// make of it is above the tolerance, so its being small is chance.
    @Test func `a residual that is small by chance is no certificate`() throws {
        let layers: [Matrix<Double>] = [
            Matrix(rows: 4, columns: 3) { i, j in
                [
                    [-1.1236108945905473e-10, 1.9833553988708715e-10, 6.919126741635515e-101],
                    [-4.42618282676993e-09, 5.264531350780328e-10, -1.3463365444768506e-100],
                    [5.911442900962779e-09, -9.334719441423558e-09, -6.273153817436761e-101],
                    [3.012597245746417e-09, 4.981458471165345e-09, 4.7218156482483106e-101],
                ][i][j]
            },
            Matrix(column: [
                8.793942143461367e-09, -1.3580197534064188e-08, 2.4652315211037662e-08, 5.8183223417656765e-09, 3.584393155155276e-08,
            ]).transposed,
            Matrix(rows: 2, columns: 2) { i, j in
                [[4439758.643956443, -14965677.306885203], [-7938730.604982633, -7341398.591421659]][i][j]
            },
        ]
        for learningRate in [6.0, 6.13, 6.5, 7, 7.5, 8] {
            let problem = try ProximalProblem(
                network: Network(
                    architecture: Architecture(
                        widths: [2, 4, 1, 2], hiddenActivations: [.sigmoid, .softplus], biases: [true, true, true]),
                    parameters: Parameters(layers: layers)),
                batch: Batch(
                    inputs: Matrix(column: [-2.5134123486684603e-09, -7.970911071963033e-10]),
                    targets: Matrix(column: [-0.5216470528350284, 1.6827901948998447])),
                loss: .squaredError, learningRate: learningRate)
            let certificate = try ProximalSolver().certified(problem, examination: .firstOrder).certificate
            #expect(certificate.refusal?.name == "hidden-by-rounding", "α = \(learningRate)")
        }
    }

    @Test("α beyond reach: no tolerance is named", arguments: [1e150, 1e250])
    func noTolerance(_ learningRate: Double) throws {
        let problem = try randomProblem(
            seed: 5, widths: [4, 6, 3], activation: .relu, loss: .squaredError, learningRate: learningRate)
        let solution = try ProximalSolver().certified(problem)
        let reason = try #require(solution.reason)
        #expect(reason.contains("no useful tolerance is met"), "\(reason)")
    }

    @Test(
        "A loss that vanishes at infinity is solved at every α", arguments: [Activation.tanh, .softplus], [1e20, 1e100, 1e300])
    func vanishingLoss(_ activation: Activation, _ learningRate: Double) throws {
        let problem = try randomProblem(seed: 5, widths: [4, 6, 3], activation: activation, learningRate: learningRate)
        let solution = try ProximalSolver().certified(problem)
        #expect(solution.isExact, "\(solution.reason ?? "")")
    }
}
