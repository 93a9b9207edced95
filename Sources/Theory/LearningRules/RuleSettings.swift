/// The constants of rules that a user may set; `nil` and the defaults are each rule's own. A rule reads those that its
/// `RuleEntry` lists, and no others.
public struct RuleSettings: Sendable, Hashable, Codable {
    /// Inference steps of the rules that make a fixed number of them.
    public var steps: Int?
    /// The Euler step size.
    public var stepSize: Double?
    /// The Euler step size of a layer's own error, where it is another than that of the errors fed back.
    public var leakStepSize: Double?
    /// The precisions of the energy of `il-prox` and `il-prox-fast`.
    public var precision: EulerInference.Precision
    /// The output of `bp-prox`, `il-prox` and `il-prox-fast`.
    public var output: OutputTreatment
    /// The output of `il`, its equilibrium and its relatives: clamped, or nudged. Of `nudged` and `nudged-clamped` the
    /// strength of the nudge.
    public var standardOutput: OutputTreatment
    /// `ε` of the normalized updates; by default 1, as in the paper's code, and 0 at equilibria, as
    /// in T9; of `dtp` the damping of its inverses, of `gibbs` the noise.
    public var epsilon: Double?
    public var decay: Double
    public var start: EulerInference.Start
    /// The bound on the residual of inference for the equilibrium rules.
    public var equilibriumTolerance: Double
    /// The bound on the implicit residual for the rules that solve for the exact update.
    public var solverTolerance: Double?
    /// The `α` of the output's proximal step, `c = αs`, where it is another than the learning rate: with Adam the
    /// learning rate is the size of its step.
    public var targetRate: Double?
    private var quirkList: QuirkList?
    private var removedQuirkList: QuirkList?
    /// What part of each layer's error `bp-binomial` and `implicit-layerwise` take; by default T22's.
    public var factors: LayerFactors?
    /// When the output error of `bp-binomial` is read; `nil` for at the feedforward pass.
    private var outputErrorTime: OutputErrorTime?
    /// To which side `nudged` and `nudged-clamped` nudge; `nil` for towards the target.
    public var nudgeSign: NudgeSign?
    /// The temperature of `gibbs`; `nil` for its own.
    public var temperature: Double?
    /// The seed of `gibbs`; `nil` for 1.
    public var seed: UInt64?
    /// The gain of `dfc`; `nil` for 1.
    public var gain: Double?
    /// `αₙ/α` of `implicit`, the layer of the inputs first.
    public var layerRates: [Double]?

    /// Of the published code's quirks those that a rule has, as far as it knows them; `nil` for its own.
    public var quirks: Set<PublishedQuirk>? {
        get { quirkList?.quirks }
        set { quirkList = newValue.map(QuirkList.init) }
    }

    /// Quirks that a rule does not have, whatever else is said; `nil` for none.
    public var removedQuirks: Set<PublishedQuirk>? {
        get { removedQuirkList?.quirks }
        set { removedQuirkList = newValue.map(QuirkList.init) }
    }

    /// When the output error of `bp-binomial` is read.
    public var outputError: OutputErrorTime {
        get { outputErrorTime ?? .fresh }
        // Runs that were stored before this constant was known keep their key.
        set { outputErrorTime = newValue == .fresh ? nil : newValue }
    }

    private enum CodingKeys: String, CodingKey {
        case steps, stepSize, leakStepSize, precision, output, standardOutput, epsilon, decay, start, equilibriumTolerance
        case solverTolerance, targetRate, factors, outputErrorTime, layerRates, nudgeSign, temperature, seed, gain
        case quirkList = "quirks"
        case removedQuirkList = "removedQuirks"
    }

    public init(
        steps: Int? = nil, stepSize: Double? = nil, leakStepSize: Double? = nil,
        precision: EulerInference.Precision = .normalized,
        output: OutputTreatment = .mixedTarget, standardOutput: OutputTreatment = .clamped,
        epsilon: Double? = nil, decay: Double = 0, start: EulerInference.Start = .feedforward,
        equilibriumTolerance: Double = 1e-10, solverTolerance: Double? = nil,
        targetRate: Double? = nil, quirks: Set<PublishedQuirk>? = nil, factors: LayerFactors? = nil,
        outputError: OutputErrorTime = .fresh, layerRates: [Double]? = nil, nudgeSign: NudgeSign? = nil,
        temperature: Double? = nil, seed: UInt64? = nil, gain: Double? = nil
    ) {
        self.steps = steps
        self.stepSize = stepSize
        self.leakStepSize = leakStepSize
        self.precision = precision
        self.output = output
        self.standardOutput = standardOutput
        self.epsilon = epsilon
        self.decay = decay
        self.start = start
        self.equilibriumTolerance = equilibriumTolerance
        self.solverTolerance = solverTolerance
        self.targetRate = targetRate
        self.quirks = quirks
        self.factors = factors
        self.layerRates = layerRates
        self.nudgeSign = nudgeSign
        self.temperature = temperature
        self.seed = seed
        self.gain = gain
        self.outputError = outputError
    }
}

/// Quirks that are written in the order of their names: a set has another in every process, and stored runs are known
/// again by their text.
private struct QuirkList: Sendable, Hashable, Codable {
    let quirks: Set<PublishedQuirk>

    init(_ quirks: Set<PublishedQuirk>) { self.quirks = quirks }

    init(from decoder: any Decoder) throws { quirks = Set(try [PublishedQuirk](from: decoder)) }

    func encode(to encoder: any Encoder) throws {
        try quirks.sorted { $0.rawValue < $1.rawValue }.encode(to: encoder)
    }
}

/// The name of one constant, as users type it.
public enum RuleSetting: String, CaseIterable, Sendable, Hashable {
    case steps
    case stepSize = "step-size"
    case leakStepSize = "leak-step-size"
    case precision = "energy-precision"
    case output = "output-target"
    case nudge
    case epsilon
    case decay
    case start
    case tolerance = "rule-tolerance"
    case targetRate = "target-alpha"
    case quirks
    case factors
    case outputError = "output-error"
    case layerRates = "alpha-layers"
    case nudgeSign = "nudge-sign"
    case temperature
    case seed = "rule-seed"
    case gain
}

extension RuleSettings {
    /// The constants that are not at their defaults, in the order of `RuleSetting`.
    public var chosen: [RuleSetting] {
        RuleSetting.allCases.filter { keeping([$0]) != RuleSettings() }
    }

    /// These constants as far as they are in `taken`, the others at their defaults.
    func keeping(_ taken: Set<RuleSetting>) -> RuleSettings {
        var kept = RuleSettings()
        for setting in taken {
            switch setting {
            case .steps: kept.steps = steps
            case .stepSize: kept.stepSize = stepSize
            case .leakStepSize: kept.leakStepSize = leakStepSize
            case .precision: kept.precision = precision
            case .output: kept.output = output
            case .nudge: kept.standardOutput = standardOutput
            case .epsilon: kept.epsilon = epsilon
            case .decay: kept.decay = decay
            case .start: kept.start = start
            case .tolerance:
                kept.equilibriumTolerance = equilibriumTolerance
                kept.solverTolerance = solverTolerance
            case .targetRate: kept.targetRate = targetRate
            case .quirks:
                kept.quirks = quirks
                kept.removedQuirks = removedQuirks
            case .factors: kept.factors = factors
            case .outputError: kept.outputError = outputError
            case .layerRates: kept.layerRates = layerRates
            case .nudgeSign: kept.nudgeSign = nudgeSign
            case .temperature: kept.temperature = temperature
            case .seed: kept.seed = seed
            case .gain: kept.gain = gain
            }
        }
        return kept
    }

    /// The constants of which `fill(from: defaults)` makes these; `nil` if there are none.
    package func without(_ defaults: RuleSettings) -> RuleSettings? {
        var result = self
        if defaults.steps != nil { result.steps = nil }
        if defaults.stepSize != nil { result.stepSize = nil }
        if defaults.leakStepSize != nil { result.leakStepSize = nil }
        if defaults.epsilon != nil { result.epsilon = nil }
        if defaults.standardOutput != .clamped { result.standardOutput = .clamped }
        if defaults.targetRate != nil { result.targetRate = nil }
        if defaults.quirks != nil { result.quirks = nil }
        var filled = result
        filled.fill(from: defaults)
        return filled == self ? result : nil
    }

    /// Gives constants without a value that of `defaults`; an output that is clamped is without one, too.
    package mutating func fill(from defaults: RuleSettings) {
        steps = steps ?? defaults.steps
        stepSize = stepSize ?? defaults.stepSize
        leakStepSize = leakStepSize ?? defaults.leakStepSize
        epsilon = epsilon ?? defaults.epsilon
        if standardOutput == .clamped { standardOutput = defaults.standardOutput }
        targetRate = targetRate ?? defaults.targetRate
        quirks = quirks ?? defaults.quirks
    }
}
