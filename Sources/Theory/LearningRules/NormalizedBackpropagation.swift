package import LinearAlgebra
internal import Networks

/// `bp-prox`: backpropagation with the output error and the normalization of `il-prox` (C11).
///
/// The output error is `e_N` of the output treatment at the feedforward pass, hidden errors are
/// `φ′ₙ ⊙ Wₙᵀeₙ₊₁`, and layer `n` moves by `(1/B Σ eₙ₊₁āₙᵀ)/(1/B Σ sₙ + ε)`: what `il-prox` would do
/// without inference.
public struct NormalizedBackpropagation: LocalLearningRule {
    public private(set) var name = "bp-prox"
    public var output: OutputTreatment
    /// `ε` of the normalization.
    public var epsilon: Double
    /// The `α` of the output's proximal step; `nil` for the learning rate.
    public var targetRate: Double?
    private var quirks: Set<PublishedQuirk> = []
    package var weightUpdate: WeightUpdate {
        var result = WeightUpdate.normalized(epsilon: epsilon)
        result.movesBiases = !quirks.contains(.heldBiases)
        result.normCountsBias = !quirks.contains(.normWithoutBias)
        return result
    }
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
        state.begin(problem, at: .feedforward, output: output, PassConventions(quirks, epsilon: epsilon))
        state.backpropagate(problem)
    }
}

extension NormalizedBackpropagation {
    /// The rule with those of the constants that are set.
    fileprivate init(_ settings: RuleSettings, named name: String) {
        self.init(output: settings.output, epsilon: settings.epsilon ?? 1, targetRate: settings.targetRate)
        self.name = name
        quirks = settings.quirks ?? []
    }
}

extension RuleEntry {
    public static let normalizedBackpropagation = RuleEntry(
        name: "bp-prox", summary: "backpropagation with IL-prox's output error and normalization",
        settings: [.output, .epsilon, .targetRate], chartStyle: 1, isCompared: true
    ) { NormalizedBackpropagation($0, named: "bp-prox") }

    public static let publishedNormalizedBackpropagation = RuleEntry(
        name: "bp-prox-published", summary: "bp-prox as the published code has it",
        settings: [.epsilon, .targetRate, .quirks], chartStyle: 17,
        quirks: [
            .epsilonInStep, .sharedStep, .firstStepWithoutBias, .softmaxTarget, .activatedInput, .normWithoutBias,
            .heldBiases,
        ]
    ) { NormalizedBackpropagation($0, named: "bp-prox-published") }
}
