package import LinearAlgebra
internal import Networks

/// Inference learning by a fixed number of Euler steps: `il`, `il-prox`, `il-prox-fast` and the Euler
/// form of `il-exact` are this rule with different constants, each in a file of its own.
public struct InferenceLearning: LocalLearningRule {
    public private(set) var name: String
    public var inference: EulerInference
    public var weightUpdate: WeightUpdate
    /// The `α` of the output's proximal step; `nil` for the learning rate.
    public var targetRate: Double?
    /// Inference on rates leaves none that could be compared with those after the update.
    package var infersActivities: Bool { inference.order == .activationFirst }
    package var hiddenProducts: Int { 2 * inference.steps }

    public init(name: String, inference: EulerInference, weightUpdate: WeightUpdate) {
        self.name = name
        self.inference = inference
        self.weightUpdate = weightUpdate
    }

    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func infer<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>, in state: inout InferenceState<Scalar>
    ) {
        inference.run(problem.aiming(atRate: targetRate), in: &state)
    }

    public func inIteration(_ iteration: Int) -> InferenceLearning {
        var result = self
        result.inference = inference.inIteration(iteration)
        return result
    }
}

extension LearningProblem {
    /// The problem with another learning rate, for rules whose inference uses it for the output's target only.
    func aiming(atRate rate: Double?) -> LearningProblem {
        guard let rate else { return self }
        var result = self
        result.learningRate = Scalar(rate)
        return result
    }
}

extension InferenceLearning {
    func named(_ name: String) -> InferenceLearning {
        var result = self
        result.name = name
        return result
    }

    /// The rule with those of the constants that are set.
    func with(_ settings: RuleSettings) -> InferenceLearning {
        var result = self
        result.inference.steps = settings.steps ?? inference.steps
        result.inference.stepSize = settings.stepSize ?? inference.stepSize
        if let leakStepSize = settings.leakStepSize { result.inference.leak = leakStepSize / result.inference.stepSize }
        result.inference.start = settings.start
        result.inference.decay = settings.decay
        return result
    }
}
