public import LinearAlgebra
internal import Networks

/// `gabp`: the inference of `il`, then Gaussian belief propagation on each layer, which is linear once activities are
/// inferred.
///
/// Weights have the prior `N(W_b, α)`, inferred activities the noise variance `B` of a mean over the mini-batch. With one
/// vector node for each row of `W` the graph is a tree, and the messages arrive at the posterior mean (T29)
///
/// `ΔW = E(K + (B/α)I)⁻¹Āᵀ`,
///
/// the implicit step on the layer's local loss, where `il` makes the explicit one: for `α → 0` it is `il`. For one
/// linear layer with squared error it is implicit SGD. The work itself passes messages between activities and weights
/// together, with products of the two linearized; here they take turns, activities first.
///
/// S. Nabarro et al., *Learning in deep factor graphs with Gaussian belief propagation*, 2023 (arXiv 2311.14649).
public struct BeliefPropagation: LearningRule {
    public let name = "gabp"
    public var inference: EulerInference

    public init(
        inference: EulerInference = EulerInference(steps: 25, stepSize: 0.015, precision: .unit, output: .clamped)
    ) {
        self.inference = inference
    }

    /// - Throws: `RuleError.unsolved` where `I + (α/B)K` overflows.
    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        var state = InferenceState<Scalar>(architecture: problem.network.architecture, examples: problem.batch.size)
        inference.run(problem, in: &state)
        return LearningStep(
            update: try WeightUpdate(.posteriorMean).update(state, problem), activities: state.activities)
    }

    public func inIteration(_ iteration: Int) -> BeliefPropagation {
        BeliefPropagation(inference: inference.inIteration(iteration))
    }
}

extension RuleEntry {
    public static let beliefPropagation = RuleEntry(
        name: "gabp", summary: "inference of il, then Gaussian belief propagation on each layer: il's step made implicit (T29)",
        settings: [.steps, .stepSize, .leakStepSize, .nudge, .decay, .start], chartStyle: 31, paper: "Nabarro 2023"
    ) {
        var inference = InferenceLearning.standard().with($0).inference
        inference.output = $0.standardOutput
        return BeliefPropagation(inference: inference)
    }
}
