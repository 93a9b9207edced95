internal import LinearAlgebra
public import Networks

/// A convention in which the code published with the paper departs from the paper's equations.
///
/// A rule *as published* is the rule *as derived* with its quirks switched on, so that each can be switched off again
/// and its part in a result be seen. `docs/as-published.md` says where each comes from and what it does.
public enum PublishedQuirk: String, CaseIterable, Sendable, Hashable, Codable {
    /// Precisions of 1 in the inference of IL-prox, where the exact energy has `1/(αsₙ)`.
    case unitPrecision = "unit-precision"
    /// `ε` in the output's proximal step, too: `c = α(s + ε)`.
    case epsilonInStep = "epsilon-in-step"
    /// One `c` for the whole mini-batch, from the mean of `s`, where every example has its own.
    case sharedStep = "shared-step"
    /// After the first inference step that `c` has the sum of `‖a‖²` over the mini-batch in place of its mean.
    case summedNorm = "summed-norm"
    /// The first `c` of an inference leaves the bias's 1 out of `s`.
    case firstStepWithoutBias = "first-step-without-bias"
    /// The output's target is mixed from the prediction before the last inference step.
    case staleTarget = "stale-target"
    /// The target's mixture takes softmax for the response, whatever the loss.
    case softmaxTarget = "softmax-target"
    /// The hidden activation is applied to the inputs, too: ReLU drops what is negative.
    case activatedInput = "activated-input"
    /// `s` in the normalization leaves the bias's 1 out.
    case normWithoutBias = "norm-without-bias"
    /// Biases never move.
    case heldBiases = "held-biases"
    /// Layers apply the linear map, then the activation, and inference runs on what comes after it.
    case linearFirst = "linear-first"
    /// A step of 0.02 for the errors that are fed back and of 0.015 for a layer's own.
    case separateSteps = "separate-steps"
    /// Half of the output's error is fed back; the output's weights get the whole.
    case halvedOutputError = "halved-output-error"
}

/// How the passes of a rule treat inputs and outputs, where programs differ; the defaults are the paper's equations.
public struct PassConventions: Sendable, Hashable {
    /// Of which examples the output's step `c = αs` takes its norm `s`.
    public enum Pooling: Sendable, Hashable {
        case ownExample, batchMean, batchSum
    }

    /// Whether the hidden activation is applied to the inputs.
    public var activatesInputs = false
    /// The share of the output's error that is fed back.
    public var outputFeedback = 1.0
    /// What is added to `s` in `c = αs`.
    public var stepEpsilon = 0.0
    /// Whose norms the first `c` takes, and those after it.
    public var firstPooling = Pooling.ownExample
    public var laterPooling = Pooling.ownExample
    /// Whether the first `c` counts the bias's 1.
    public var countsBiasInFirstStep = true
    /// Whether a mixed target keeps the response of the prediction before.
    public var keepsTarget = false
    /// The loss whose response is mixed into the target; `nil` for the problem's.
    public var targetResponse: Loss?

    public init() {}

    /// The conventions among the quirks.
    ///
    /// - Parameter epsilon: `ε` of the normalization.
    init(_ quirks: Set<PublishedQuirk>, epsilon: Double) {
        activatesInputs = quirks.contains(.activatedInput)
        outputFeedback = quirks.contains(.halvedOutputError) ? 0.5 : 1
        stepEpsilon = quirks.contains(.epsilonInStep) ? epsilon : 0
        firstPooling = quirks.contains(.sharedStep) ? .batchMean : .ownExample
        laterPooling = quirks.contains(.summedNorm) ? .batchSum : firstPooling
        countsBiasInFirstStep = !quirks.contains(.firstStepWithoutBias)
        keepsTarget = quirks.contains(.staleTarget)
        targetResponse = quirks.contains(.softmaxTarget) ? .softmaxCrossEntropy : nil
    }

    /// The norms in `c`, one for each example, from those with the bias's 1.
    func stepNorms<Scalar: BLASScalar>(_ norms: [Scalar], bias: Scalar, isFirst: Bool) -> [Scalar] {
        let pooling = isFirst ? firstPooling : laterPooling
        let counted = isFirst && !countsBiasInFirstStep ? 0 : bias
        let added = counted + Scalar(stepEpsilon)
        func pooled(_ share: Scalar) -> [Scalar] {
            let sum = norms.reduce(0) { $0 + ($1 - bias) }
            return Array(repeating: share * sum + added, count: norms.count)
        }
        switch pooling {
        case .ownExample: return added == bias ? norms : norms.map { ($0 - bias) + added }
        case .batchMean: return pooled(1 / Scalar(norms.count))
        case .batchSum: return pooled(1)
        }
    }
}
