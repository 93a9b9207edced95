extension RuleSettings {
    /// The constants that are not at their defaults, for the subtitle of a chart: `100 inference steps, ε = 0`; `nil` if
    /// all are.
    package var inWords: String? {
        let words = chosen.compactMap(words)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    private func words(_ setting: RuleSetting) -> String? {
        switch setting {
        case .steps: steps.map { $0 == 1 ? "1 inference step" : "\($0) inference steps" }
        case .stepSize: stepSize.map { "step size \($0)" }
        case .leakStepSize: leakStepSize.map { "leak step size \($0)" }
        case .precision: "energy precision \(precision)"
        case .output: "output at the proximal point"
        case .nudge: "output nudged"
        case .epsilon: epsilon.map { "ε = \($0)" }
        case .decay: "decay \(decay)"
        case .start: "random start"
        case .tolerance: "rules to \(solverTolerance ?? equilibriumTolerance)"
        case .targetRate: targetRate.map { "α of the target \($0)" }
        case .quirks: "chosen quirks"
        case .factors: "given factors"
        case .outputError: "output error \(outputError)"
        case .layerRates: layerRates.map { "layers' α × \($0.map { "\($0)" }.joined(separator: ","))" }
        case .nudgeSign: nudgeSign.map { "nudge \($0)" }
        case .temperature: temperature.map { "temperature \($0)" }
        case .gain: gain.map { "gain \($0)" }
        case .seed: seed.map { "rule's seed \($0)" }
        }
    }
}
