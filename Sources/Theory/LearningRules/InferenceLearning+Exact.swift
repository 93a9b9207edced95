extension InferenceLearning {
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

extension RuleEntry {
    public static let exactInferenceLearningEuler = RuleEntry(
        name: "il-exact-euler", summary: "T8 by 200 Euler steps", settings: [.steps, .stepSize],
        chartStyle: 15
    ) { InferenceLearning.exact().with($0) }
}
