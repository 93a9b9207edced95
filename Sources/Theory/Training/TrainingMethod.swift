internal import ImplicitSGD
internal import LearningRules
internal import Randomness

/// How a rule makes an update: the rules of `LearningRules` with the constants of a configuration.
enum TrainingMethod: Sendable {
    case backpropagation(Backpropagation)
    case normalizedBackpropagation(NormalizedBackpropagation)
    case inference(InferenceLearning)
    case exact(ImplicitGradientDescent)

    init(_ configuration: TrainingConfiguration) {
        let settings = configuration.constants
        switch configuration.rule {
        case .backpropagation, .backpropagationAdam:
            self = .backpropagation(Backpropagation())
        case .normalizedBackpropagation:
            self = .normalizedBackpropagation(
                NormalizedBackpropagation(
                    output: settings.output, epsilon: settings.epsilon ?? 1))
        case .inferenceLearning:
            self = .inference(settings.applied(to: .standard()))
        case .inferenceLearningAdam:
            self = .inference(settings.applied(to: .standard(steps: 20)))
        case .proximalInferenceLearning:
            self = .inference(settings.appliedWithNormalization(to: .proximal()))
        case .proximalInferenceLearningFast:
            self = .inference(settings.appliedWithNormalization(to: .proximalFast()))
        case .proximalInferenceLearningAdam:
            self = .inference(settings.appliedWithNormalization(to: .proximal(steps: 20)))
        case .exactInferenceLearning:
            // Beyond this order the activity space does not fit: T8's equilibrium is a stationary
            // point of P_α, so any solver of it will do.
            let order = configuration.widths.dropFirst().reduce(0, +) * configuration.batchSize
            let options = SolverOptions(tolerance: configuration.solverTolerance)
            self = .exact(
                order <= ProximalSolver.activityLimit
                    ? .throughActivities(options: options)
                    : ImplicitGradientDescent(name: "il-exact", options: options))
        case .implicit:
            self = .exact(
                ImplicitGradientDescent(
                    options: SolverOptions(tolerance: configuration.solverTolerance)))
        }
    }

    /// The method for one iteration: a random start of inference draws anew.
    func forIteration(_ iteration: Int) -> TrainingMethod {
        guard case .inference(var rule) = self, case .random(let seed) = rule.inference.start else {
            return self
        }
        var generator = RandomGenerator(seed: seed, stream: UInt64(iteration))
        rule.inference.start = .random(seed: generator.nextBits())
        return .inference(rule)
    }
}
