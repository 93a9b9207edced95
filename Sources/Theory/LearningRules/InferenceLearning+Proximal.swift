extension InferenceLearning {
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
}

extension RuleEntry {
    public static let proximalInferenceLearning = RuleEntry(
        name: "il-prox", summary: "25 Euler steps, mixed output target, NLMS",
        settings: proximalSettings, chartStyle: 3, isCompared: true, stepsWithAdam: 20
    ) { $0.appliedToProximal(.proximal()) }

    public static let proximalInferenceLearningFast = RuleEntry(
        name: "il-prox-fast", summary: "12 Euler steps without leak, else as il-prox",
        settings: proximalSettings, chartStyle: 4, isCompared: true
    ) { $0.appliedToProximal(.proximalFast()) }

    private static let proximalSettings: Set<RuleSetting> = [
        .steps, .stepSize, .precision, .output, .epsilon, .decay, .start, .targetRate,
    ]
}

extension RuleSettings {
    fileprivate func appliedToProximal(_ rule: InferenceLearning) -> InferenceLearning {
        var rule = rule.with(self)
        rule.inference.precision = precision
        rule.inference.output = output
        rule.targetRate = targetRate
        if let epsilon { rule.weightUpdate = .normalized(epsilon: epsilon) }
        return rule
    }
}
