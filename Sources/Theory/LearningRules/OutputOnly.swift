extension RuleEntry {
    /// `output-only`: what `bp-prox` and `il-prox` would do if only the last layer could learn.
    public static let outputOnly = RuleEntry(
        name: "output-only", summary: "il-prox's step of the last layer, with all others as they are",
        settings: [.output, .epsilon, .targetRate], chartStyle: 12
    ) {
        NormalizedBackpropagation(
            name: "output-only", output: $0.output, epsilon: $0.epsilon ?? 1, targetRate: $0.targetRate,
            factors: .outputOnly)
    }
}
