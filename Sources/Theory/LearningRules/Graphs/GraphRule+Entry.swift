/// Rules of the registry on graphs: a chain is a graph, and `GraphRules` has the rules of both under one name.
extension RuleEntry {
    /// `paper-conv`, for graphs; on a chain it would be `il-prox` at `ε = 0`.
    public static let publishedConvolution = RuleEntry(
        name: "paper-conv", summary: "il-prox with the normalization of the paper's code for convolutions (graphs only)",
        settings: [.steps, .stepSize, .leakStepSize, .epsilon, .targetRate], chartStyle: 32,
        constantsWithAdam: RuleSettings(steps: 20), paper: "Alonso 2022"
    ) { RuleSettings(steps: $0.steps, stepSize: $0.stepSize, epsilon: $0.epsilon ?? 0).appliedToProximal(.proximal()) }

    /// Whether graphs have the rule.
    public var isOfGraphs: Bool { GraphRules.named(name) != nil }

    /// Whether chains have the rule: all but those that graphs alone have.
    public var isOfChains: Bool { !isOfGraphs || RuleRegistry.builtIn.entries.contains(self) }

    /// The rule on graphs with those of the constants that it takes there; `nil` if graphs have none of its name.
    ///
    /// - Parameter settings: constants, of this and of other rules.
    /// - Parameter optimizer: what turns the rule's errors into updates.
    public func graphRule(
        _ settings: RuleSettings = RuleSettings(), optimizer: Optimizer = .plain
    ) -> (any GraphRule)? {
        guard let rule = GraphRules.named(name) else { return nil }
        var taken = settings.keeping(rule.settings)
        if optimizer == .adam { taken.fill(from: constantsWithAdam) }
        return rule.with(taken)
    }
}

extension RuleRegistry {
    /// The rules that train: those of chains, and `paper-conv`, which only graphs have.
    public static let trained = RuleRegistry(builtIn.entries + [.publishedConvolution])
}
