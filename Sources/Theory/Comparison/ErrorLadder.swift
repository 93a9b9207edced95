public import LearningRules

/// One rung of the error ladder: a rule that makes one approximation more than the rung before it.
public struct LadderRung: Sendable {
    /// What is approximated on this rung, and on all after it.
    public let approximation: String
    public let rule: any LearningRule
}

/// The way from the exact update to `il-prox`, one approximation at a time (`docs/theory.md` §5).
///
/// `implicit` → drop the term of T8 → a fixed number of steps → mixed output target → averaged update
/// divided by averaged `sₙ` → `ε`. The distance that a rung adds is what its approximation costs in the presence of
/// those before it. With mini-batch 1 averaging changes nothing.
public enum ErrorLadder {
    /// The rungs for the given constants of `il-prox`.
    ///
    /// - Parameter epsilon: the `ε` of the last rung, 1 in the paper's code.
    /// - Parameter steps: Euler steps of inference, 25 in the paper.
    /// - Parameter stepSize: their size, 0.015 in the paper.
    public static func rungs(
        steps: Int = 25, stepSize: Double = 0.015, epsilon: Double = 1
    ) -> [LadderRung] {
        let euler = EulerInference(
            steps: steps, stepSize: stepSize, precision: .normalized, output: .proximalPoint)
        var mixed = euler
        mixed.output = .mixedTarget
        return [
            LadderRung(approximation: "none: the exact update", rule: ImplicitGradientDescent()),
            LadderRung(
                approximation: "drop the T8 term",
                rule: EquilibriumInferenceLearning(
                    name: "il-prox-equilibrium", precision: .normalized, output: .proximalPoint,
                    weightUpdate: .leastNorm)),
            LadderRung(
                approximation: "\(steps) Euler steps of \(stepSize)",
                rule: InferenceLearning(
                    name: "il-prox", inference: euler, weightUpdate: .leastNorm)),
            LadderRung(
                approximation: "mixed output target",
                rule: InferenceLearning(
                    name: "il-prox", inference: mixed, weightUpdate: .leastNorm)),
            LadderRung(
                approximation: "averaged update over averaged sₙ",
                rule: InferenceLearning(
                    name: "il-prox", inference: mixed, weightUpdate: .normalized(epsilon: 0))),
            LadderRung(
                approximation: "ε = \(epsilon)",
                rule: InferenceLearning(
                    name: "il-prox", inference: mixed, weightUpdate: .normalized(epsilon: epsilon))),
        ]
    }
}
