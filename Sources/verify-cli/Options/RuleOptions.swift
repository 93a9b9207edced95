import ArgumentParser
import ImplicitSGD
import LearningRules

/// A comma-separated list of rules.
struct RuleList {
    let names: [RuleName]

    init(_ names: [RuleName]) { self.names = names }

    /// Parses a list such as `bp,il-prox`.
    static func list(_ argument: String) throws -> RuleList {
        RuleList(
            try argument.split(separator: ",", omittingEmptySubsequences: false).map { part in
                guard let name = RuleName(rawValue: String(part)) else {
                    let known = RuleName.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("there is no rule '\(part)'; expected some of \(known).")
                }
                return name
            })
    }
}

enum PrecisionArgument: String, ExpressibleByArgument, CaseIterable { case normalized, unit }
enum OutputArgument: String, ExpressibleByArgument, CaseIterable { case mixed, proximal }
enum StartArgument: String, ExpressibleByArgument, CaseIterable { case feedforward, random }

/// Which rules, and their constants; the defaults are the paper's.
struct RuleOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rules, separated by commas. (default: every single-step rule)",
            discussion: RuleName.allCases.map { "\($0.rawValue): \($0.summary)" }
                .joined(separator: "; ") + ".",
            valueName: "names"),
        transform: RuleList.list)
    var rules = RuleList(RuleName.compared)

    @Option(name: .long, help: ArgumentHelp("Inference steps (default: each rule's own).", valueName: "count"))
    var steps: Int?

    @Option(name: .long, help: ArgumentHelp("Euler step size (default: each rule's own).", valueName: "size"))
    var stepSize: Double?

    @Option(
        name: .long,
        help: "Precisions of il-prox: normalized (1/αs, theory T9) or unit (the paper's code).")
    var precision: PrecisionArgument = .normalized

    @Option(name: .long, help: "Output of bp-prox and il-prox: mixed (the paper's) or proximal (the true point).")
    var output: OutputArgument = .mixed

    @Option(name: .long, help: ArgumentHelp("Nudge il's output by this strength instead of clamping it.", valueName: "β"))
    var nudge: Double?

    @Option(name: .long, help: ArgumentHelp("ε of the normalized updates (default: 1, the paper's; 0 at equilibria).", valueName: "ε"))
    var epsilon: Double?

    @Option(name: .long, help: ArgumentHelp("Share of an activity that decays at each step.", valueName: "share"))
    var decay: Double = 0

    @Option(name: .long, help: "Inference begins at the feedforward pass or at random activities.")
    var start: StartArgument = .feedforward

    func validate() throws {
        if let steps, steps < 0 { throw ValidationError("--steps must not be negative.") }
        if let stepSize, !(stepSize > 0 && stepSize.isFinite) {
            throw ValidationError("--step-size must be positive and finite.")
        }
        if let nudge, !(nudge > 0 && nudge.isFinite) {
            throw ValidationError("--nudge must be positive and finite.")
        }
        if let epsilon, !(epsilon >= 0 && epsilon.isFinite) {
            throw ValidationError("--epsilon must be zero or positive, and finite.")
        }
        guard (0..<1).contains(decay) else {
            throw ValidationError("--decay must be at least 0 and below 1.")
        }
    }

    /// The constants, with `seed` for random starts.
    func settings(seed: UInt64) -> RuleSettings {
        RuleSettings(
            steps: steps, stepSize: stepSize,
            precision: precision == .unit ? .unit : .normalized,
            output: output == .mixed ? .mixedTarget : .proximalPoint,
            standardOutput: nudge.map { .nudged(strength: $0) } ?? .clamped, epsilon: epsilon,
            decay: decay, start: start == .random ? .random(seed: seed) : .feedforward)
    }
}
