public import LinearAlgebra
internal import Networks

/// `iil`, incremental predictive coding: weights and activities move together at every inference step.
///
/// In each of `T` steps all layers take, from the same state, an Euler step of inference and the weight change
/// `(α/T) e ā`; predictions are then those of the new weights. `Δ` is the sum of the changes. With `α/T` in each step
/// the steps' rates add to `α`, so that the rule can be compared with those that change weights once.
///
/// T. Salvatori et al., *A stable, fast, and fully automatic learning algorithm for predictive coding networks*, ICLR
/// 2024 (arXiv 2212.00720).
public struct IncrementalInferenceLearning: LearningRule {
    public let name = "iil"
    public var inference: EulerInference

    public init(
        inference: EulerInference = EulerInference(steps: 25, stepSize: 0.015, precision: .unit, output: .clamped)
    ) {
        self.inference = inference
    }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let architecture = problem.network.architecture
        let rate = problem.learningRate / Scalar(max(1, inference.steps))
        var moving = problem
        var state = InferenceState<Scalar>(architecture: architecture, examples: problem.batch.size)
        state.begin(problem, at: inference.start, output: inference.output, inference.conventions)
        var change = Parameters<Scalar>(zerosFor: architecture)
        var total = change
        for _ in 0..<inference.steps {
            try WeightUpdate.local.assignDirection(state, architecture, held: problem.held, to: &change)
            state.moveActivities(moving, by: inference)
            moving.network.parameters.add(change, scaledBy: rate)
            total.add(change, scaledBy: rate)
            state.adoptWeights(moving)
            state.assignErrors(moving, output: inference.output, inference.conventions, isFirst: false)
        }
        return LearningStep(update: total, activities: state.activities)
    }

    public func inIteration(_ iteration: Int) -> IncrementalInferenceLearning {
        var result = self
        result.inference = inference.inIteration(iteration)
        return result
    }
}

extension RuleEntry {
    public static let incrementalInference = RuleEntry(
        name: "iil", summary: "il with weights moving at every inference step, by α/T (incremental predictive coding)",
        settings: [.steps, .stepSize, .leakStepSize, .nudge, .decay, .start], chartStyle: 24, paper: "Salvatori 2022"
    ) {
        var rule = IncrementalInferenceLearning()
        rule.inference = InferenceLearning.standard().with($0).inference
        rule.inference.output = $0.standardOutput
        return rule
    }
}
