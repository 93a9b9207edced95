extension InferenceLearning {
    /// `fpa`: `il` with predictions and slopes fixed at the feedforward pass, so that `eₙ` is exactly
    /// `P[Bin(T, γ) ≥ N − n]` of backpropagation's (T22).
    ///
    /// J. Whittington and R. Bogacz, *An approximation of the error backpropagation algorithm in a predictive coding
    /// network with local Hebbian synaptic plasticity*, Neural Computation 29, 2017; B. Millidge et al., *Predictive
    /// coding approximates backprop along arbitrary computation graphs*, 2020.
    public static func fixedPredictions(steps: Int = 25, stepSize: Double = 0.015) -> InferenceLearning {
        InferenceLearning(
            name: "fpa",
            inference: EulerInference(
                steps: steps, stepSize: stepSize, precision: .unit, output: .clamped, scheme: .fixedPredictions),
            weightUpdate: .local)
    }
}

extension RuleEntry {
    public static let fixedPredictions = RuleEntry(
        name: "fpa", summary: "il with predictions and slopes fixed at the feedforward pass: a binomial filter of bp (T22)",
        settings: [.steps, .stepSize, .leakStepSize, .nudge], chartStyle: 22, paper: "Whittington 2017"
    ) {
        var rule = InferenceLearning.fixedPredictions().with($0)
        rule.inference.output = $0.standardOutput
        return rule
    }
}
