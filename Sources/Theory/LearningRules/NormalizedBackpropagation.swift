package import LinearAlgebra
internal import Networks

/// `bp-prox`: backpropagation with the output error and the normalization of `il-prox` (C11).
///
/// The output error is `e_N` of the output treatment at the feedforward pass, hidden errors are
/// `φ′ₙ ⊙ Wₙᵀeₙ₊₁`, and layer `n` moves by `(1/B Σ eₙ₊₁āₙᵀ)/(1/B Σ sₙ + ε)`: what `il-prox` would do
/// without inference.
public struct NormalizedBackpropagation: LocalLearningRule {
    public let name = "bp-prox"
    public var output: OutputTreatment
    /// `ε` of the normalization.
    public var epsilon: Double
    /// The `α` of the output's proximal step; `nil` for the learning rate.
    public var targetRate: Double?
    package var weightUpdate: WeightUpdate { .normalized(epsilon: epsilon) }
    package var infersActivities: Bool { false }
    package var hiddenProducts: Int { 1 }

    public init(output: OutputTreatment = .mixedTarget, epsilon: Double = 1, targetRate: Double? = nil) {
        self.output = output
        self.epsilon = epsilon
        self.targetRate = targetRate
    }

    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func infer<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>, in state: inout InferenceState<Scalar>
    ) {
        let problem = problem.aiming(atRate: targetRate)
        state.begin(problem, at: .feedforward, output: output)
        state.backpropagate(problem)
    }
}

extension RuleEntry {
    public static let normalizedBackpropagation = RuleEntry(
        name: "bp-prox", summary: "backpropagation with IL-prox's output error and normalization",
        settings: [.output, .epsilon, .targetRate], chartStyle: 1, isCompared: true
    ) {
        NormalizedBackpropagation(
            output: $0.output, epsilon: $0.epsilon ?? 1, targetRate: $0.targetRate)
    }
}
