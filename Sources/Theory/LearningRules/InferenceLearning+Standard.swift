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
        settings: standardSettings, chartStyle: 2, isCompared: true, constantsWithAdam: RuleSettings(steps: 20),
        paper: "Alonso 2022"
    ) { $0.appliedToStandard() }

    public static let publishedInferenceLearning = RuleEntry(
        name: "il-published", summary: "il as the published code has it",
        settings: standardSettings.union([.quirks]), chartStyle: 18,
        constantsWithAdam: RuleSettings(steps: 20, stepSize: 0.02, leakStepSize: 0.01),
        quirks: [.linearFirst, .separateSteps, .halvedOutputError, .staleTarget, .softmaxTarget]
    ) { $0.appliedToStandard().named("il-published") }

    private static let standardSettings: Set<RuleSetting> = [
        .steps, .stepSize, .leakStepSize, .nudge, .decay, .start,
    ]
}

extension RuleSettings {
    fileprivate func appliedToStandard() -> InferenceLearning {
        var constants = self
        let quirks = quirks ?? []
        if quirks.contains(.separateSteps) { constants.fill(from: RuleSettings(stepSize: 0.02, leakStepSize: 0.015)) }
        var rule = InferenceLearning.standard().with(constants)
        rule.inference.output = standardOutput
        rule.inference.order = quirks.contains(.linearFirst) ? .linearFirst : .activationFirst
        rule.inference.conventions = PassConventions(quirks, epsilon: 0)
        return rule
    }
}
