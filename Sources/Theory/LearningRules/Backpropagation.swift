package import LinearAlgebra
internal import Networks

/// `bp`: explicit stochastic gradient descent, `Δ = −α∇L(θ_b)`.
///
/// In the terms of a local rule: errors `eₙ = −∂ℓ/∂hₙ` of the feedforward pass, the update
/// `α/B Σ eₙ₊₁āₙᵀ`.
public struct Backpropagation: LocalLearningRule {
    public let name: String
    package private(set) var weightUpdate = WeightUpdate.local
    package var infersActivities: Bool { false }
    package var hiddenProducts: Int { 1 }

    public init() { name = "bp" }

    /// Explicit SGD as the published code has it.
    init(named name: String, _ quirks: Set<PublishedQuirk>) {
        self.name = name
        weightUpdate.movesBiases = !quirks.contains(.heldBiases)
    }

    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func infer<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>, in state: inout InferenceState<Scalar>
    ) {
        state.begin(problem, at: .feedforward, output: .clamped)
        state.backpropagate(problem)
    }
}

extension RuleEntry {
    public static let backpropagation = RuleEntry(
        name: "bp", summary: "explicit SGD, −α∇L", chartStyle: 0, isCompared: true,
        deviation: .init(order: 2, theorem: "T6")
    ) { _ in Backpropagation() }

    /// With Adam the published code moves biases, too.
    public static let publishedBackpropagation = RuleEntry(
        name: "bp-published", summary: "bp as the published code has it: biases stay", settings: [.quirks],
        chartStyle: 16, constantsWithAdam: RuleSettings(quirks: []), quirks: [.heldBiases]
    ) { Backpropagation(named: "bp-published", $0.quirks ?? []) }
}
