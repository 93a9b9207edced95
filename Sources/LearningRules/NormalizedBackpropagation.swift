public import LinearAlgebra
internal import Networks

/// `bp-prox`: backpropagation with the output error and the normalization of `il-prox` (C11).
///
/// The output error is `e_N` of the output treatment at the feedforward pass, hidden errors are
/// `φ′ₙ ⊙ Wₙᵀeₙ₊₁`, and layer `n` moves by `(1/B Σ eₙ₊₁āₙᵀ)/(1/B Σ sₙ + ε)`: what `il-prox` would do
/// without inference.
public struct NormalizedBackpropagation: LearningRule {
    public let name = "bp-prox"
    public var output: OutputTreatment
    /// `ε` of the normalization.
    public var epsilon: Double

    public init(output: OutputTreatment = .mixedTarget, epsilon: Double = 1) {
        self.output = output
        self.epsilon = epsilon
    }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let architecture = problem.network.architecture
        var state = InferenceState(problem, start: .feedforward)
        state.refresh(problem, output: output)
        let slopes = Linearization(
            network: problem.network, batch: problem.batch, loss: problem.loss
        ).slopes
        for n in stride(from: architecture.depth - 1, to: 0, by: -1) {
            state.errors[n - 1].assignProduct(
                problem.network.parameters.layers[n], .transposed, state.errors[n],
                width: architecture.widths[n])
            state.errors[n - 1].multiply(elementwise: slopes[n - 1])
        }
        let update = try WeightUpdate.normalized(epsilon: epsilon).update(state, problem)
        return LearningStep(update: update)
    }
}
