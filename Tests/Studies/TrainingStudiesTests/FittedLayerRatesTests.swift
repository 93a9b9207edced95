import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Randomness
import Testing
import TrainingStudies

/// Learning rates of the layers that were fitted, against those with which an update was made.
@Suite("Fitted learning rates")
struct FittedLayerRatesTests {
    private func problem(_ activation: Activation, seed: UInt64) throws -> LearningProblem<Double> {
        var generator = RandomGenerator(seed: seed, stream: 0)
        let network = Network<Double>(
            architecture: try Architecture(widths: [6, 5, 4, 3], activation: activation, bias: true),
            initialization: .glorot, using: &generator)
        let inputs = Matrix<Double>(rows: 6, columns: 1) { _, _ in generator.nextNormal() }
        let targets = Matrix<Double>(rows: 3, columns: 1) { row, _ in row == 1 ? 1 : 0 }
        return LearningProblem(
            network: network, batch: try Batch(inputs: inputs, targets: targets), loss: .softmaxCrossEntropy, learningRate: 2)
    }

    @Test("Rates from which an update came are found again", arguments: [Activation.tanh, .softplus, .relu], 1...4 as ClosedRange<UInt64>)
    func recovery(activation: Activation, seed: UInt64) throws {
        let problem = try problem(activation, seed: seed)
        let rule = LayerwiseImplicit(options: SolverOptions(tolerance: 1e-12))
        let planted = zip(try rule.multiples(of: problem), [3, 0.5, 1.5]).map { $0 * $1 }
        var implicit = ImplicitGradientDescent(options: rule.options)
        implicit.rateMultiples = planted
        let reference = try implicit.step(problem).update
        let fit = try #require(try FittedLayerRates(nearest: reference, problem, rule))
        #expect((fit.update - reference).norm <= 1e-5 * reference.norm)
        for (found, multiple) in zip(fit.rates, planted) where activation != .relu {
            #expect(abs(found - 2 * multiple) <= 1e-3 * 2 * multiple)
        }
    }

    @Test func `the fit is nearer to il-prox than the rates of C22`() throws {
        let problem = try problem(.tanh, seed: 9)
        let rule = LayerwiseImplicit(precision: .unit)
        let reference = try RuleEntry.proximalInferenceLearning.rule(RuleSettings()).step(problem).update
        let fit = try #require(try FittedLayerRates(nearest: reference, problem, rule))
        let predicted = try rule.step(problem).update
        #expect((fit.update - reference).norm < (predicted - reference).norm)
        // No neighbour is nearer: the slope over each rate is level.
        for n in fit.rates.indices {
            for factor in [0.99, 1.01] {
                var implicit = ImplicitGradientDescent()
                implicit.rateMultiples = fit.rates.map { $0 / problem.learningRate }
                implicit.rateMultiples?[n] *= factor
                let other = try implicit.step(problem).update
                #expect((other - reference).norm >= (fit.update - reference).norm * (1 - 1e-9))
            }
        }
    }
}
