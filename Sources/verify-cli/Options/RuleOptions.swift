import ArgumentParser
import LearningRules
import Training

/// A comma-separated list of rules.
struct RuleList {
    let entries: [RuleEntry]

    init(_ entries: [RuleEntry]) { self.entries = entries }

    /// Parses a list such as `bp,il-prox`.
    static func list(_ argument: String) throws -> RuleList {
        RuleList(try names(argument) { try RuleRegistry.builtIn.entry(named: $0) } inSet: { $0 })
    }
}

/// A comma-separated list of rules for a case of the user's, whose network may be a chain or a graph.
struct CaseRuleList {
    /// The rules of chains in the list, and those of graphs.
    let entries: [RuleEntry]
    let graphRules: [any GraphRule]
    /// The names in it that chains have no rule for, and that graphs have none for.
    let chainsLack: [String]
    let graphsLack: [String]

    /// What is compared if nothing is chosen.
    static let standard = CaseRuleList(
        entries: RuleRegistry.builtIn.compared, graphRules: GraphRules.compared, chainsLack: [], graphsLack: [])

    /// Parses a list such as `bp,il-prox,paper-conv`.
    static func list(_ argument: String) throws -> CaseRuleList {
        let all = argument.lowercased().split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let graphRules = all.flatMap { name in name == "all" ? GraphRules.all : GraphRules.named(name).map { [$0] } ?? [] }
        let chainsLack = all.filter { name in
            GraphRules.named(name) != nil && !RuleRegistry.builtIn.entries.contains { $0.name == name }
        }
        let others = all.filter { !chainsLack.contains($0) }.joined(separator: ",")
        return CaseRuleList(
            entries: others.isEmpty ? [] : try names(others) { try RuleRegistry.builtIn.entry(named: $0) } inSet: { $0 },
            graphRules: graphRules, chainsLack: chainsLack, graphsLack: all.filter { $0 != "all" && GraphRules.named($0) == nil })
    }

    /// - Throws: `ValidationError` naming a rule that chains have not.
    func checkForChain() throws {
        guard let name = chainsLack.first else { return }
        throw ValidationError("there is no rule '\(name)' for chains; it is for graphs.")
    }

    /// The rules of graphs with these constants.
    ///
    /// - Throws: `ValidationError` naming a rule that graphs have not, or a constant that none of the rules takes.
    func graphRules(with constants: RuleSettings) throws -> [any GraphRule] {
        if let name = graphsLack.first {
            let known = GraphRules.all.map(\.name).joined(separator: ", ")
            throw ValidationError("there is no rule '\(name)' for graphs; expected some of \(known).")
        }
        try GraphRefusals.check(constants, of: graphRules)
        return graphRules.map { $0.with(constants) }
    }
}

/// Which rules for a case of the user's, and their constants.
struct CaseRuleOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rules, separated by commas. (default: "
                + "\(RuleRegistry.builtIn.compared.map(\.name).joined(separator: ", ")); for graphs "
                + "\(GraphRules.compared.map(\.name).joined(separator: ", ")))",
            discussion: "all are all; as-derived and as-published are the paper's rules by its equations and by its code. "
                + RuleRegistry.builtIn.entries.map { "\($0.name): \($0.summary)" }
                .joined(separator: "; ")
                + "; paper-conv (graphs only): il-prox with the normalization of the paper's code for convolutions.",
            valueName: "names"),
        transform: CaseRuleList.list)
    var rules = CaseRuleList.standard

    @OptionGroup var constants: RuleConstantOptions
}

/// A comma-separated list of rules that train, each with an optimiser or without.
struct TrainingRuleList {
    let rules: [TrainingRule]

    init(_ rules: [TrainingRule]) { self.rules = rules }

    /// The rules by their own updates.
    init(plain entries: [RuleEntry]) { rules = entries.map { TrainingRule($0) } }

    /// Parses a list such as `bp,il-adam`.
    static func list(_ argument: String) throws -> TrainingRuleList {
        TrainingRuleList(
            try names(argument) { try RuleRegistry.trained.trainingRule(named: $0) } inSet: { TrainingRule($0) })
    }
}

/// The rules of a list of names, among which may be those of sets.
private func names<Rule>(
    _ argument: String, _ find: (String) throws -> Rule, inSet member: (RuleEntry) -> Rule
) throws -> [Rule] {
    do {
        return try argument.lowercased().split(separator: ",", omittingEmptySubsequences: false).flatMap { name in
            if name == "all" { return RuleRegistry.builtIn.entries.map(member) }
            return try RuleSet.named(String(name))?.entries.map(member) ?? [find(String(name))]
        }
    } catch let error as RuleChoiceError {
        throw ValidationError("\(error).")
    }
}

/// Which rules, and their constants.
struct RuleOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rules, separated by commas. (default: "
                + "\(RuleRegistry.builtIn.compared.map(\.name).joined(separator: ", ")))",
            discussion: "all are all; as-derived and as-published are the paper's rules by its equations and by its code. "
                + RuleRegistry.builtIn.entries.map { "\($0.name): \($0.summary)" }
                .joined(separator: "; ") + ".",
            valueName: "names"),
        transform: RuleList.list)
    var rules = RuleList(RuleRegistry.builtIn.compared)

    @OptionGroup var constants: RuleConstantOptions
}

extension OutputErrorTime: NamedArgument {}
extension NudgeSign: NamedArgument {}
extension EulerInference.Precision: NamedArgument {}
enum OutputTargetArgument: String, NamedArgument, CaseIterable { case mixed, proximal }
enum StartArgument: String, NamedArgument, CaseIterable { case feedforward, random }

/// A comma-separated list of quirks, or `none`.
struct QuirkList {
    let quirks: Set<PublishedQuirk>

    static func list(_ argument: String) throws -> QuirkList {
        if argument == "none" { return QuirkList(quirks: []) }
        return QuirkList(
            quirks: Set(
                try argument.split(separator: ",", omittingEmptySubsequences: false).map { name in
                    guard let quirk = PublishedQuirk(rawValue: name.lowercased()) else {
                        throw ValidationError(
                            "there is no quirk '\(name)'; expected none or some of "
                                + PublishedQuirk.allCases.map(\.rawValue).joined(separator: ", ") + ".")
                    }
                    return quirk
                }))
    }
}

/// The constants of rules, the same in every command. A constant goes to those of the
/// chosen rules that take it, and one that none of them takes is refused.
struct RuleConstantOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Inference steps (default: each rule's own).", valueName: "count"))
    var steps: Int?

    @Option(name: .long, help: ArgumentHelp("Euler step size (default: each rule's own).", valueName: "size"))
    var stepSize: Double?

    @Option(
        name: .long,
        help: ArgumentHelp("That of a layer's own error (default: --step-size, or the rule's own).", valueName: "size"))
    var leakStepSize: Double?

    @Option(
        name: .long, help: "Of il-prox: 1/αs (theorem T9), or one.")
    var energyPrecision: EulerInference.Precision = .normalized

    @Option(
        name: .long,
        help: "Output of bp-prox and il-prox: the paper's mixture, or the true proximal point.")
    var outputTarget: OutputTargetArgument = .mixed

    @Option(
        name: .long,
        help: ArgumentHelp(
            "α of that target (default: the learning rate, with Adam the size of its step).", valueName: "α"))
    var targetAlpha: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Of bp-binomial and implicit-layerwise: the share of each layer's error, from the output down (default: "
                + "P[Bin(steps, step size) ≥ k], theorem T22).", valueName: "c,c,…"),
        transform: CommaSeparated.shares)
    var factors: CommaSeparated<Double>?

    @Option(name: .long, help: "Of bp-binomial: the output error before il-prox's inference, or after it.")
    var outputError: OutputErrorTime = .fresh

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp(
            "Learning rates of the layers as multiples of α, the layer of the inputs first: of the rule implicit, and "
                + "in compare of the exact update too.", valueName: "m,m,…"),
        transform: CommaSeparated.learningRates)
    var alphaLayers: CommaSeparated<Double>?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Nudge the output of il and its relatives by this strength instead of clamping it; the strength of nudged "
                + "and nudged-clamped (default: 0.1).", valueName: "β"))
    var nudge: Double?

    @Option(name: .long, help: "Of nudged and nudged-clamped: towards the target, away from it, or both.")
    var nudgeSign: NudgeSign?

    @Option(name: .long, help: ArgumentHelp("Of gibbs: the temperature (default: 1e-6).", valueName: "T"))
    var temperature: Double?

    @Option(name: .long, help: ArgumentHelp("Of gibbs: what determines its draws (default: 1).", valueName: "seed"))
    var ruleSeed: UInt64?

    @Option(name: .long, help: ArgumentHelp("Of dfc: the controller's gain (default: 1).", valueName: "k"))
    var gain: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "ε of the normalized updates (default: 1; 0 at equilibria), of gibbs's noise αε (1), and dtp's damping (0.01).",
            valueName: "ε"))
    var epsilon: Double?

    @Option(name: .long, help: ArgumentHelp("Share of an activity that decays at each step.", valueName: "share"))
    var decay: Double = 0

    @Option(name: .long, help: "Inference begins at the feedforward pass or at random activities.")
    var start: StartArgument = .feedforward

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Bound on the residual of rules that solve: equilibria, il-exact, implicit, dfc. (default: 1e-10)",
            valueName: "bound"))
    var ruleTolerance: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Of the published code's quirks only these, or none (default: each rule's own).",
            discussion: PublishedQuirk.allCases.map(\.rawValue).joined(separator: ", ") + "; see docs/as-published.md.",
            valueName: "names"),
        transform: QuirkList.list)
    var quirks: QuirkList?

    @Option(name: .long, help: ArgumentHelp("All quirks but these.", valueName: "names"), transform: QuirkList.list)
    var withoutQuirks: QuirkList?

    func validate() throws {
        guard quirks == nil || withoutQuirks == nil else {
            throw ValidationError("--quirks and --without-quirks exclude each other.")
        }
        if let steps, !(0...1_000_000).contains(steps) {
            throw ValidationError("--steps must be between 0 and 1000000.")
        }
        for (name, value) in [
            ("--step-size", stepSize), ("--leak-step-size", leakStepSize), ("--nudge", nudge), ("--target-alpha", targetAlpha),
            ("--temperature", temperature), ("--gain", gain), ("--rule-tolerance", ruleTolerance),
        ] {
            if let value, !(value > 0 && value.isFinite) {
                throw ValidationError("\(name) must be positive and finite.")
            }
        }
        if let epsilon, !(epsilon >= 0 && epsilon.isFinite) {
            throw ValidationError("--epsilon must be zero or positive, and finite.")
        }
        guard (0..<1).contains(decay) else {
            throw ValidationError("--decay must be at least 0 and below 1.")
        }
    }

    /// The constants, for a choice of rules.
    ///
    /// - Parameter seed: of random starts.
    /// - Throws: `ValidationError` if a constant is set that none of the rules takes.
    func settings(seed: UInt64, for rules: [RuleEntry]) throws -> RuleSettings {
        var settings = settings(seed: seed)
        if let without = withoutQuirks {
            let known = rules.reduce(into: Set()) { $0.formUnion($1.quirks) }
            if let other = without.quirks.subtracting(known).first {
                throw ValidationError("--without-quirks: \(other.rawValue) is no quirk of the chosen rules.")
            }
            settings.removedQuirks = without.quirks
        }
        do {
            try RuleRegistry.builtIn.check(settings, of: rules)
        } catch {
            throw ValidationError("--\(error).")
        }
        return settings
    }

    /// The constants, whether or not a rule takes them.
    func settings(seed: UInt64) -> RuleSettings {
        var settings = RuleSettings(
            steps: steps, stepSize: stepSize, leakStepSize: leakStepSize, precision: energyPrecision,
            output: outputTarget == .mixed ? .mixedTarget : .proximalPoint,
            standardOutput: nudge.map { .nudged(strength: $0) } ?? .clamped, epsilon: epsilon,
            decay: decay, start: start == .random ? .random(seed: seed) : .feedforward,
            solverTolerance: ruleTolerance, targetRate: targetAlpha, quirks: quirks?.quirks,
            factors: factors.map { .given($0.values) }, outputError: outputError, layerRates: alphaLayers?.values,
            nudgeSign: nudgeSign, temperature: temperature, seed: ruleSeed, gain: gain)
        if let ruleTolerance { settings.equilibriumTolerance = ruleTolerance }
        return settings
    }
}
