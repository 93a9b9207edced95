package import LinearAlgebra
internal import Networks

/// Inference learning by a fixed number of Euler steps: `il`, `il-prox`, `il-prox-fast` and the Euler
/// form of `il-exact` are this rule with different constants.
public struct InferenceLearning: LocalLearningRule {
    public let name: String
    public var inference: EulerInference
    public var weightUpdate: WeightUpdate
    package var infersActivities: Bool { true }

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
        inference.run(problem, in: &state)
    }

    /// `il`, the paper's IL-SGD: 25 Euler steps of 0.015 with unit precisions, the output clamped,
    /// `Δ = α e āᵀ`.
    public static func standard(steps: Int = 25, stepSize: Double = 0.015) -> InferenceLearning {
        InferenceLearning(
            name: "il",
            inference: EulerInference(
                steps: steps, stepSize: stepSize, precision: .unit, output: .clamped),
            weightUpdate: .local)
    }

    /// `il-prox`: 25 Euler steps of 0.015, the output mixed between response and target, NLMS.
    public static func proximal(
        steps: Int = 25, stepSize: Double = 0.015,
        precision: EulerInference.Precision = .normalized,
        output: OutputTreatment = .mixedTarget, epsilon: Double = 1
    ) -> InferenceLearning {
        InferenceLearning(
            name: "il-prox",
            inference: EulerInference(
                steps: steps, stepSize: stepSize, precision: precision, output: output),
            weightUpdate: .normalized(epsilon: epsilon))
    }

    /// `il-prox-fast`: 12 steps of 0.025 without the leak term, else as `il-prox`.
    public static func proximalFast(
        steps: Int = 12, stepSize: Double = 0.025,
        precision: EulerInference.Precision = .normalized,
        output: OutputTreatment = .mixedTarget, epsilon: Double = 1
    ) -> InferenceLearning {
        InferenceLearning(
            name: "il-prox-fast",
            inference: EulerInference(
                steps: steps, stepSize: stepSize, precision: precision, leak: 0, output: output),
            weightUpdate: .normalized(epsilon: epsilon))
    }

    /// The Euler form of `il-exact` (T8): feedback through the weights that the coming update would
    /// produce, the output at its proximal point, least-norm update.
    public static func exact(steps: Int = 200, stepSize: Double = 0.2) -> InferenceLearning {
        InferenceLearning(
            name: "il-exact-euler",
            inference: EulerInference(
                steps: steps, stepSize: stepSize, precision: .normalized, feedback: .updated,
                output: .proximalPoint),
            weightUpdate: .leastNorm)
    }
}
