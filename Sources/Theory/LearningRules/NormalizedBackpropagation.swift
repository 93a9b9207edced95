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
    package var weightUpdate: WeightUpdate { .normalized(epsilon: epsilon) }
    package var infersActivities: Bool { false }

    public init(output: OutputTreatment = .mixedTarget, epsilon: Double = 1) {
        self.output = output
        self.epsilon = epsilon
    }

    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func infer<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>, in state: inout InferenceState<Scalar>
    ) {
        state.begin(problem, at: .feedforward, output: output)
        state.backpropagate(problem)
    }
}
