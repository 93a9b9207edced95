extension NormalizedBackpropagation {
    /// `bp-binomial`: `bp-prox` with the share of each layer's error that the inference of `il-prox` brings there, were
    /// predictions and slopes to stay at the feedforward pass (T22).
    ///
    /// - Parameters:
    ///   - steps: those of the inference whose shares these are.
    ///   - stepSize: theirs.
    ///   - factors: the shares; those of `steps` and `stepSize` by the binomial sums of T22 if `nil`.
    ///   - precision: whether errors have precisions `1/s`.
    ///   - output: what the output aims at.
    ///   - outputError: whether the output error is that of the feedforward pass, as T22 has it, or the one
    ///     that is left after inference.
    ///   - epsilon: `ε` in the norm `s + ε` that an update is divided by.
    ///   - targetRate: the `α` of the output's target; the learning rate if `nil`.
    public static func binomial(
        steps: Int = 25, stepSize: Double = 0.015, factors: LayerFactors? = nil,
        precision: EulerInference.Precision = .normalized, output: OutputTreatment = .mixedTarget,
        outputError: OutputErrorTime = .fresh, epsilon: Double = 1, targetRate: Double? = nil
    ) -> NormalizedBackpropagation {
        NormalizedBackpropagation(
            name: "bp-binomial", output: output, epsilon: epsilon, targetRate: targetRate,
            factors: factors ?? .binomial(steps: steps, stepSize: stepSize), precision: precision,
            inference: outputError == .fresh
                ? nil
                : EulerInference(steps: steps, stepSize: stepSize, precision: precision, output: output))
    }
}

/// When the output error of `bp-binomial` is read.
public enum OutputErrorTime: String, Sendable, Hashable, Codable {
    /// At the feedforward pass.
    case fresh
    /// After the inference of `il-prox` has moved the hidden activities.
    case inferred
}

extension RuleEntry {
    public static let binomialBackpropagation = RuleEntry(
        name: "bp-binomial", summary: "bp-prox with the share of each error that early inference lets through (T22)",
        settings: [
            .steps, .stepSize, .precision, .output, .epsilon, .targetRate, .factors, .outputError,
        ], chartStyle: 9
    ) {
        NormalizedBackpropagation.binomial(
            steps: $0.steps ?? 25, stepSize: $0.stepSize ?? 0.015, factors: $0.factors, precision: $0.precision,
            output: $0.output, outputError: $0.outputError, epsilon: $0.epsilon ?? 1, targetRate: $0.targetRate)
    }
}
