package import LinearAlgebra
internal import Networks

/// A rule that fills a state with local errors and rates, from which the weight update follows.
///
/// The one-shot `step` and training share it: `step` makes a state and an update, training keeps one
/// state and changes its weights in place.
package protocol LocalLearningRule: LearningRule {
    var weightUpdate: WeightUpdate { get }
    /// Whether the state's activities are inferred, and so worth reporting.
    var infersActivities: Bool { get }
    /// How often the rule multiplies by all hidden weights, apart from its forward pass: what bounds its speed.
    var hiddenProducts: Int { get }

    /// Leaves the errors and rates of `problem` in `state`. Allocates nothing of a layer's size.
    func infer<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>, in state: inout InferenceState<Scalar>)
}

extension LocalLearningRule {
    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        var state = InferenceState<Scalar>(
            architecture: problem.network.architecture, examples: problem.batch.size)
        infer(problem, in: &state)
        return LearningStep(
            update: try weightUpdate.update(state, problem),
            activities: infersActivities ? state.activities : nil)
    }
}
