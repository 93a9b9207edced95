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
        settings: derivedSettings, chartStyle: 3, isCompared: true, constantsWithAdam: RuleSettings(steps: 20),
        paper: "Alonso 2022"
    ) { $0.appliedToProximal(.proximal()) }

    public static let proximalInferenceLearningFast = RuleEntry(
        name: "il-prox-fast", summary: "12 Euler steps without leak, else as il-prox",
        settings: derivedSettings, chartStyle: 4, isCompared: true, paper: "Alonso 2022"
    ) { $0.appliedToProximal(.proximalFast()) }

    public static let publishedProximalInferenceLearning = RuleEntry(
        name: "il-prox-published", summary: "il-prox as the published code has it",
        settings: publishedSettings, chartStyle: 19,
        constantsWithAdam: RuleSettings(steps: 20, stepSize: 0.02, leakStepSize: 0.015, targetRate: 100),
        quirks: publishedQuirks
    ) { $0.appliedToProximal(.proximal()).named("il-prox-published") }

    public static let publishedProximalInferenceLearningFast = RuleEntry(
        name: "il-prox-fast-published", summary: "il-prox-fast as the published code has it",
        settings: publishedSettings, chartStyle: 20, quirks: publishedQuirks
    ) { $0.appliedToProximal(.proximalFast()).named("il-prox-fast-published") }

    private static let commonSettings: Set<RuleSetting> = [
        .steps, .stepSize, .leakStepSize, .epsilon, .decay, .start, .targetRate,
    ]
    static let derivedSettings = commonSettings.union([.precision, .output])
    private static let publishedSettings = commonSettings.union([.quirks])
    private static let publishedQuirks: Set<PublishedQuirk> = [
        .unitPrecision, .epsilonInStep, .sharedStep, .summedNorm, .firstStepWithoutBias, .staleTarget, .softmaxTarget,
        .activatedInput,
    ]
}

extension RuleSettings {
    func appliedToProximal(_ rule: InferenceLearning) -> InferenceLearning {
        var rule = rule.with(self)
        let quirks = quirks ?? []
        rule.inference.precision = quirks.contains(.unitPrecision) ? .unit : precision
        rule.inference.output = output
        rule.targetRate = targetRate
        if let epsilon { rule.weightUpdate = .normalized(epsilon: epsilon) }
        rule.inference.conventions = PassConventions(quirks, epsilon: epsilon ?? 1)
        return rule
    }
}
