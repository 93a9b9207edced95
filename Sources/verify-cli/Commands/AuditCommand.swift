import ArgumentParser
import Audits
import CaseFiles
import Documents
import ErrorTables
import Files
import LearningRules

/// `verify-cli audit`: what somebody's own update is.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Is your own update explicit SGD, implicit SGD, or what? And at which learning rate?",
        discussion: """
            Reads a case and the weights after one step of any program (PyTorch, JAX, …) on it, and \
            measures how far the step Δ is from explicit SGD, −α∇L, from the exact implicit update, \
            and from the other rules, at every learning rate of --alpha. It also finds the learning \
            rates that fit best: by projection for explicit SGD and for the implicit equation, and by exact \
            solves at these and, where none fits, for 1e-4 ≤ α ≤ 1e4.

            Parameters that did not move although their gradient is not zero (often biases) are named. \
            The verdict follows from a stated criterion that allows for the rounding of the files; \
            weights saved as F32 can hide a small step. Also recognised: gradient ascent, weight decay, \
            a learning rate for each tensor, the first step of Adam, and with --previous momentum, \
            which one step alone does not show.

            \(caseFileHelp)

            AFTER has the same layers.… tensors; x and y may be left out.

            verify-cli audit case.safetensors after.safetensors --alpha 0.1,1 \\
                --activation tanh --loss squared-error
            """)

    @Argument(
        help: ArgumentHelp("The case before the step.", valueName: "CASE.safetensors"),
        completion: .file(extensions: ["safetensors"]))
    var before: String

    @Argument(
        help: ArgumentHelp("The weights after the step.", valueName: "AFTER.safetensors"),
        completion: .file(extensions: ["safetensors"]))
    var after: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The weights before the step before this one, from which momentum is recognised.",
            valueName: "Z.safetensors"), completion: .file())
    var previous: String?

    @Option(
        name: .long, parsing: .unconditional,
        help: "Learning rates α to compare at, separated by commas (default: only those that fit best).",
        transform: CommaSeparated.learningRates)
    var alpha = CommaSeparated<Double>([])

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Other rules to compare with at these learning rates. (default: "
                + "\(Self.usual.entries.map(\.name).joined(separator: ", ")); for graphs "
                + "\(Self.usual.graphRules.map(\.name).joined(separator: ", ")))",
            valueName: "names"),
        transform: CaseRuleList.list)
    var rules = Self.usual

    /// Explicit SGD is compared with in any case.
    private static let usual = CaseRuleList(
        entries: RuleRegistry.builtIn.compared.filter { $0 != .backpropagation } + RuleSet.asPublished.entries,
        graphRules: GraphRules.compared.filter { $0.name != RuleEntry.backpropagation.name }, chainsLack: [], graphsLack: [])

    @Option(name: .long, help: "Seed of --start random.")
    var seed: UInt64 = 1

    @OptionGroup(title: "Constants of the rules") var constants: RuleConstantOptions
    @OptionGroup(title: "Case") var caseOptions: CaseFileOptions
    @OptionGroup(title: "Held parameters") var holdOptions: HoldOptions
    @OptionGroup(title: "Solver") var solverOptions: SolverCommandOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func run() throws {
        OneThread.apply()
        try reportingBadData(before) {
            switch try caseOptions.loadAny(before) {
            case .chain(let file): try audit(file)
            case .graph(let file): try audit(file)
            }
        }
    }

    private func audit(_ file: CaseFile) throws {
        try rules.checkForChain()
        let (update, isSingle) = try file.update(after: after)
        let earlier = try previous.map { try file.update(after: $0).update }
        let settings = try constants.settings(seed: seed, for: rules.entries)
        let progress = outputOptions.progress("exact updates", total: Self.solves(alpha))
        let audit = try UpdateAudit(
            of: update, in: file, isSinglePrecision: isSingle || file.hasSinglePrecision,
            learningRates: alpha.values, rules: rules.entries.map { ChosenRule($0, settings) }, settings: settings,
            held: holdOptions.hold, previous: earlier,
            solver: solverOptions.proximalSolver) { progress.advance() }
        progress.finish()
        var provenance = RunProvenance.caseFile(
            command: commandLineText, case: file, solver: solverOptions.proximalSolver, held: holdOptions.hold)
        let moving = holdOptions.hold.isEmpty ? "all" : holdOptions.hold.remainder
        provenance.set("moves", title: "parameters that move", to: .text("\(moving), in the implicit updates compared with"))
        try write(audit, provenance)
    }

    private func audit(_ file: GraphFile) throws {
        try GraphRefusals.check([
            ("--hold", !holdOptions.hold.isEmpty),
            ("--solver \(solverOptions.solver.rawValue)", !solverOptions.solver.suitsGraphs),
        ])
        let chosen = try rules.graphRules(with: constants.settings(seed: seed, for: RuleRegistry.builtIn.entries))
        let (update, isSingle) = try file.update(after: after)
        let earlier = try previous.map { try file.update(after: $0).update }
        let progress = outputOptions.progress("exact updates", total: Self.solves(alpha))
        let audit = try UpdateAudit(
            of: update, in: file, isSinglePrecision: isSingle || file.hasSinglePrecision, learningRates: alpha.values,
            rules: chosen, previous: earlier, options: solverOptions.solverOptions) { progress.advance() }
        progress.finish()
        try write(
            audit,
            RunProvenance.graphFile(command: commandLineText, case: file, options: solverOptions.solverOptions))
    }

    /// Those asked for, twice, and the grid of the search; golden section comes on top.
    private static func solves(_ alpha: CommaSeparated<Double>) -> Int { 2 * alpha.values.count + 19 }

    private func write(_ audit: UpdateAudit, _ origin: Provenance) throws {
        var provenance = origin
        provenance.set("after", to: .text(after))
        let result = AuditReport(audit, provenance: provenance)
        try outputOptions.write(result.document(), json: result.json)
        guard audit.isSolved else {
            report("Error: \(before): some solves did not reach the tolerance; see the outcomes.")
            throw ExitCode.unsolved
        }
    }
}
