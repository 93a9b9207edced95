extension InferenceLearning {
    /// `seq-il`: few sweeps from the output down, each layer moving after the error above it was recomputed, by
    /// `γ/(1 + t)` in sweep `t`; then the local update of `il`. The first sweep reads `γ^{N−n}` of backpropagation's error
    /// at layer `n` (T23).
    ///
    /// N. Alonso, J. Krichmar, E. Neftci, *Understanding and improving optimization in predictive coding networks*, AAAI
    /// 2024 (arXiv 2305.13562). The defaults are those of the code published with it for fully connected networks.
    public static func sequential(sweeps: Int = 3, stepSize: Double = 0.05) -> InferenceLearning {
        InferenceLearning(
            name: "seq-il",
            inference: EulerInference(
                steps: sweeps, stepSize: stepSize, precision: .unit, output: .clamped, scheme: .reverseSweep),
            weightUpdate: .local)
    }
}

extension RuleEntry {
    public static let sequentialInference = RuleEntry(
        name: "seq-il", summary: "il by 3 sweeps from the output down, with steps 0.05/(1 + t) (Alonso 2023)",
        settings: [.steps, .stepSize, .leakStepSize, .nudge, .decay, .start], chartStyle: 23, paper: "Alonso 2023"
    ) {
        var rule = InferenceLearning.sequential().with($0)
        rule.inference.output = $0.standardOutput
        return rule
    }
}
