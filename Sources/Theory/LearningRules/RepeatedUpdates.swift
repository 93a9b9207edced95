public import LinearAlgebra
public import Networks

/// Several updates of one rule on one mini-batch, with the optimiser's memory between them.
public struct RepeatedUpdates: Sendable {
    private let rule: any LearningRule
    private let optimizer: Optimizer

    public init(_ entry: RuleEntry, _ settings: RuleSettings = RuleSettings(), _ optimizer: Optimizer = .plain) {
        rule = entry.rule(settings, optimizer: optimizer)
        self.optimizer = optimizer
    }

    /// The change of the weights by `count` updates of `problem`; with Adam the learning rate is the size of its step.
    ///
    /// - Throws: `RuleError` if the rule has no update somewhere on the way.
    public func displacement(
        _ problem: LearningProblem<Double>, updates count: Int
    ) throws(RuleError) -> Parameters<Double> {
        var problem = problem
        let start = problem.network.parameters
        var moments = AdamMoments(zerosLike: problem.network.parameters)
        var equalization = MatrixEqualization<Double>()
        for _ in 0..<count {
            switch optimizer {
            case .plain: problem.network.apply(try rule.step(problem).update)
            case .adam:
                _ = moments.apply(
                    direction: try direction(problem), learningRate: problem.learningRate, AdamConstants(),
                    to: &problem.network.parameters)
            case .mq:
                var direction = try direction(problem)
                _ = equalization.apply(
                    direction: &direction, learningRate: problem.learningRate, to: &problem.network)
            }
        }
        return problem.network.parameters - start
    }

    /// Minus the gradient that Adam is given: the update at `α = 1`, as training takes it.
    private func direction(_ problem: LearningProblem<Double>) throws(RuleError) -> Parameters<Double> {
        guard let local = rule as? any LocalLearningRule else {
            return (1 / problem.learningRate) * (try rule.step(problem).update)
        }
        let architecture = problem.network.architecture
        var state = InferenceState<Double>(architecture: architecture, examples: problem.batch.size)
        local.infer(problem, in: &state)
        var direction = Parameters<Double>(zerosFor: architecture)
        try local.weightUpdate.assignDirection(state, architecture, held: problem.held, to: &direction)
        return direction
    }
}
