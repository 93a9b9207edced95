package import LinearAlgebra
internal import Networks

/// `bp-prox`, and with layer factors `bp-binomial` and `output-only`: backpropagation with the output error and the
/// normalization of `il-prox` (C11).
///
/// The output error is `e_N` of the output treatment, hidden errors are `φ′ₙ ⊙ Wₙᵀeₙ₊₁` at the feedforward pass, and
/// layer `n` moves by `c·(1/B Σ eₙ₊₁āₙᵀ)/(1/B Σ sₙ + ε)` with its factor `c`: for `bp-prox`, which has no factors, what
/// `il-prox` would do without inference.
public struct NormalizedBackpropagation: LocalLearningRule {
    public let name: String
    public var output: OutputTreatment
    /// `ε` of the normalization.
    public var epsilon: Double
    /// The `α` of the output's proximal step; `nil` for the learning rate.
    public var targetRate: Double?
    /// What part of each layer's error is taken; `nil` for all of it.
    public var factors: LayerFactors?
    /// With normalized precisions layer `n` has also the factor `sₙ/s_{N−1}`, as inference makes it.
    public var precision: EulerInference.Precision
    /// The inference after which the output error is read; `nil` for that of the feedforward pass.
    public var inference: EulerInference?
    private var quirks: Set<PublishedQuirk> = []
    package var weightUpdate: WeightUpdate {
        var result = WeightUpdate.normalized(epsilon: epsilon)
        result.movesBiases = !quirks.contains(.heldBiases)
        result.normCountsBias = !quirks.contains(.normWithoutBias)
        return result
    }
    package var infersActivities: Bool { false }
    package var hiddenProducts: Int { 1 + 2 * (inference?.steps ?? 0) }

    public init(
        name: String = "bp-prox", output: OutputTreatment = .mixedTarget, epsilon: Double = 1,
        targetRate: Double? = nil, factors: LayerFactors? = nil,
        precision: EulerInference.Precision = .unit, inference: EulerInference? = nil
    ) {
        self.name = name
        self.output = output
        self.epsilon = epsilon
        self.targetRate = targetRate
        self.factors = factors
        self.precision = precision
        self.inference = inference
    }

    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func infer<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>, in state: inout InferenceState<Scalar>
    ) {
        let problem = problem.aiming(atRate: targetRate)
        if let inference {
            inference.run(problem, in: &state)
            state.returnToFeedforward(problem, output: output)
        } else {
            state.begin(problem, at: .feedforward, output: output, PassConventions(quirks, epsilon: epsilon))
        }
        state.backpropagate(problem)
        if let factors { state.weighErrors(by: factors, precision) }
    }
}

extension NormalizedBackpropagation {
    /// The rule with those of the constants that are set.
    fileprivate init(_ settings: RuleSettings, named name: String) {
        self.init(
            name: name, output: settings.output, epsilon: settings.epsilon ?? 1, targetRate: settings.targetRate)
        quirks = settings.quirks ?? []
    }
}

extension RuleEntry {
    public static let normalizedBackpropagation = RuleEntry(
        name: "bp-prox", summary: "backpropagation with IL-prox's output error and normalization",
        settings: [.output, .epsilon, .targetRate], chartStyle: 1, isCompared: true, paper: "Alonso 2022"
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
