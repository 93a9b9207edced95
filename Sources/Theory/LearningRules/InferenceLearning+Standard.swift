extension InferenceLearning {
    /// `il`, the paper's IL-SGD: 25 Euler steps of 0.015 with unit precisions, the output clamped,
    /// `Δ = α e āᵀ`.
    public static func standard(steps: Int = 25, stepSize: Double = 0.015) -> InferenceLearning {
        InferenceLearning(
            name: "il",
            inference: EulerInference(
                steps: steps, stepSize: stepSize, precision: .unit, output: .clamped),
            weightUpdate: .local)
    }
}

extension RuleEntry {
    public static let inferenceLearning = RuleEntry(
        name: "il", summary: "the paper's IL-SGD: 25 Euler steps, unit precisions, clamped output",
        settings: [.steps, .stepSize, .nudge, .decay, .start], chartStyle: 2, isCompared: true,
        stepsWithAdam: 20
    ) { settings in
        var rule = InferenceLearning.standard().with(settings)
        rule.inference.output = settings.standardOutput
        return rule
    }
}
