public import LinearAlgebra
internal import Networks

/// `nudged` and `nudged-clamped`: inference with an output that is pulled towards the target, or pushed from it, by a
/// small strength; the local update divided by the strength.
///
/// With `u(β)` the local update of `il` after inference with strength `β`, positive nudging takes `u(β)/β`, negative
/// `u(−β)/(−β)`, and centred the mean of both, `(u(β) − u(−β))/(2β)`. At equilibrium a soft nudge tends to
/// backpropagation as `β → 0`, with first order in `β` one-sided and second centred; a clamped one does not (T24).
///
/// L. Pinchetti et al., *Benchmarking predictive coding networks – made simple*, ICLR 2025 (arXiv 2407.01163).
public struct NudgedInferenceLearning: LearningRule {
    /// What is nudged.
    public enum Target: String, Sendable, Hashable, CaseIterable {
        /// The output is free, and `β·ℓ(h_N)` is added to the energy.
        case soft
        /// The output is clamped to a target on the way from its response to `y`: `μ(p̂) + β(y − μ(p̂))`.
        case clamped
    }

    public let name: String
    public var target: Target
    public var strength: Double
    public var sign: NudgeSign
    /// The steps of inference; its output is the nudged one.
    public var inference: EulerInference

    public init(
        name: String, target: Target, strength: Double = 0.1, sign: NudgeSign = .positive,
        steps: Int = 200, stepSize: Double = 0.1
    ) {
        self.name = name
        self.target = target
        self.strength = strength
        self.sign = sign
        inference = EulerInference(steps: steps, stepSize: stepSize, precision: .unit, output: .clamped)
    }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        switch sign {
        case .positive: return try step(problem, strength)
        case .negative: return try step(problem, -strength)
        case .centred:
            let (towards, away) = (try step(problem, strength), try step(problem, -strength))
            return LearningStep(update: 0.5 * (towards.update + away.update))
        }
    }

    /// `u(β)/β`.
    private func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>, _ strength: Double
    ) throws(RuleError) -> LearningStep<Scalar> {
        var nudged = inference
        nudged.output = target == .soft ? .free(strength: strength) : .nudgedTarget(strength: strength)
        var state = InferenceState<Scalar>(
            architecture: problem.network.architecture, examples: problem.batch.size)
        nudged.run(problem, in: &state)
        return LearningStep(
            update: Scalar(1 / strength) * (try WeightUpdate.local.update(state, problem)), activities: state.activities)
    }
}

/// To which side an output is nudged.
public enum NudgeSign: String, Sendable, Hashable, Codable, CaseIterable {
    case positive, negative, centred
}

extension RuleEntry {
    public static let nudgedInference = nudged(
        "nudged", .soft, "il with a free output nudged by 0.1, 200 steps of 0.1, divided by the nudge (T24)", chartStyle: 25)

    public static let nudgedTargetInference = nudged(
        "nudged-clamped", .clamped, "as nudged, with the output clamped to a target on the way to y (T24)", chartStyle: 26)

    private static func nudged(
        _ name: String, _ target: NudgedInferenceLearning.Target, _ summary: String, chartStyle: Int
    ) -> RuleEntry {
        RuleEntry(
            name: name, summary: summary, settings: [.steps, .stepSize, .leakStepSize, .nudge, .nudgeSign],
            chartStyle: chartStyle, paper: "Pinchetti 2024"
        ) {
            var rule = NudgedInferenceLearning(
                name: name, target: target, sign: $0.nudgeSign ?? .positive, steps: $0.steps ?? 200,
                stepSize: $0.stepSize ?? 0.1)
            if case .nudged(let strength) = $0.standardOutput { rule.strength = strength }
            if let leak = $0.leakStepSize { rule.inference.leak = leak / rule.inference.stepSize }
            return rule
        }
    }
}
