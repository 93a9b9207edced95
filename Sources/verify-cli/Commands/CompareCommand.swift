import ArgumentParser
import Audits
import CaseFiles
import Documents
import ErrorTables
import Files
import LearningRules
import Training

extension Optimizer: NamedArgument {}

/// `verify-cli compare`: rules against the exact update, on one case of the user's.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "How far rules' updates are from the exact one, on your own network and mini-batch.",
        usage: "verify-cli compare <CASE.safetensors> [<options>]",
        discussion: """
            For every learning rate the exact update is solved for and certified; each rule makes its \
            own update from the same weights. Where the exact update was not found, distances are left \
            out and the exit code is 70.

            \(caseFileHelp)

            With --format json the output is an array with one flat object for each rule and learning \
            rate: rule, alpha, relativeDistance, cosine, normRatio, proximalGap, implicitResidual, \
            lossAfter, inferenceConverged, outcome (of the exact solve), exactImplicitResidual, \
            exactSolver, reason (why values are null), conventions (of the published code, in force in the rule), provenance. --proved prints distances, cosines, norm ratios and \
            gaps with the digits that are proved, and adds exactCertificate, notEnclosed and for each of the four its \
            bounds, such as relativeDistanceLower and relativeDistanceUpper.

            verify-cli compare case.safetensors --activation tanh --loss squared-error
            verify-cli compare case.safetensors --split 1
            verify-cli compare case.safetensors --alpha 0.01,0.1,1 \\
                --rules bp,il-prox,il-exact --format json
            """)

    @Argument(help: ArgumentHelp("The case.", valueName: "CASE.safetensors"), completion: .file())
    var path: String

    @Option(
        name: .long, parsing: .unconditional, help: "Learning rates α, separated by commas. (default: 0.01,0.1,1)",
        transform: CommaSeparated.learningRates)
    var alpha = CommaSeparated([0.01, 0.1, 1])

    @Option(name: .long, help: "Seed of --start random.")
    var seed: UInt64 = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Existing directory for the weights after every rule's update, RULE-ALPHA.safetensors, in F64.",
            valueName: "directory"),
        completion: .directory)
    var saveUpdates: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Of --save-updates: so many updates one after another, on the same mini-batch.", valueName: "count"))
    var updates = 1

    @Option(
        name: .long,
        help: "Of --save-updates: with Adam α is the size of its step, and the files are named RULE-adam-ALPHA.")
    var optimizer: Optimizer = .plain

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Cut the case's examples into mini-batches of this size, each a case of its own, and print medians over them.",
            valueName: "size"))
    var split: Int?

    @OptionGroup(title: "Case") var caseOptions: CaseFileOptions
    @OptionGroup(title: "Rules") var ruleOptions: CaseRuleOptions
    @OptionGroup(title: "Held parameters") var holdOptions: HoldOptions
    @OptionGroup(title: "Solver") var solverOptions: SolverCommandOptions
    @OptionGroup(title: "Proof") var proofOptions: ProofOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func validate() throws {
        try Bounds.check("--updates", updates, in: 1...1_000_000)
        if split != nil, saveUpdates != nil {
            throw ValidationError("--save-updates is for one mini-batch, without --split.")
        }
        guard saveUpdates != nil || (updates == 1 && optimizer == .plain) else {
            throw ValidationError("--updates and --optimizer are of --save-updates: say where to save them.")
        }
    }

    func run() throws {
        OneThread.apply()
        try reportingBadData(path) {
            switch try caseOptions.loadAny(path) {
            case .chain(let file): try run(file)
            case .graph(let file): try run(file)
            }
        }
    }

    private func run(_ file: CaseFile) throws {
        try ruleOptions.rules.checkForChain()
        let entries = ruleOptions.rules.entries
        var constants = ruleOptions.constants
        let multiples = constants.alphaLayers?.values
        // They are the exact update's, whether or not a rule takes them.
        if !entries.contains(where: { $0.settings.contains(.layerRates) }) { constants.alphaLayers = nil }
        let settings = try constants.settings(seed: seed, for: entries)
        try saveUpdates.map { try save(entries, settings, of: file, in: $0) }
        let provenance = RunProvenance.caseFile(
            command: commandLineText, case: file, solver: solverOptions.proximalSolver,
            seed: seed, rateMultiples: multiples, held: holdOptions.hold)
        let rules = entries.map { ChosenRule($0, settings) }
        if let split {
            let study = ApproximationStudy(
                learningRates: alpha.values, rows: rules.map { .init(label: $0.name, rule: $0.rule) },
                solver: solverOptions.proximalSolver, examination: proofOptions.examination,
                rateMultiples: multiples ?? [], held: holdOptions.hold)
            let progress = self.progress(examples: file.batch.size, split)
            let result = try SplitComparison(file, batchSize: split, study: study, provenance: provenance) {
                progress.advance()
            }
            progress.finish()
            try outputOptions.write(result.document)
            return try check(result.isSolved)
        }
        let progress = outputOptions.progress("learning rates", total: alpha.values.count)
        let result = try CaseComparison(
            file, learningRates: alpha.values, rateMultiples: multiples ?? [], held: holdOptions.hold, rules: rules,
            solver: solverOptions.proximalSolver, examination: proofOptions.examination, provenance: provenance
        ) { progress.advance() }
        progress.finish()
        try outputOptions.write(result.document(), json: result.json)
        try check(result.isSolved)
    }

    private func run(_ file: GraphFile) throws {
        try GraphRefusals.check([
            ("--alpha-layers", ruleOptions.constants.alphaLayers != nil), ("--save-updates", saveUpdates != nil),
            ("--hold", !holdOptions.hold.isEmpty), ("--proved", proofOptions.proved),
            ("--solver \(solverOptions.solver.rawValue)", !solverOptions.solver.suitsGraphs),
        ])
        let rules = try ruleOptions.rules.graphRules(
            with: ruleOptions.constants.settings(seed: seed, for: RuleRegistry.builtIn.entries))
        let provenance = RunProvenance.graphFile(
            command: commandLineText, case: file, options: solverOptions.solverOptions)
        let progress = self.progress(examples: file.inputs.columns, split ?? file.inputs.columns)
        if let split {
            let result = try SplitComparison(
                file, batchSize: split, learningRates: alpha.values, rules: rules,
                options: solverOptions.solverOptions, provenance: provenance) { progress.advance() }
            progress.finish()
            try outputOptions.write(result.document)
            return try check(result.isSolved)
        }
        let result = try GraphComparison(
            file, learningRates: alpha.values, rules: rules, options: solverOptions.solverOptions,
            provenance: provenance) { progress.advance() }
        progress.finish()
        try outputOptions.write(result.document(), json: result.json)
        try check(result.isSolved)
    }

    /// Counts the exact updates of mini-batches of a size at all learning rates.
    private func progress(examples: Int, _ size: Int) -> ProgressReporter {
        outputOptions.progress("exact updates", total: max(1, examples / max(1, size)) * alpha.values.count)
    }

    private func check(_ isSolved: Bool) throws {
        guard !isSolved else { return }
        report("Error: \(path): some solves did not reach the tolerance; see the outcomes.")
        throw ExitCode.unsolved
    }

    /// Writes what each rule leaves at each learning rate; a rule without an update is told of and left out.
    private func save(_ entries: [RuleEntry], _ settings: RuleSettings, of file: CaseFile, in directory: String) throws {
        for entry in entries {
            let (rule, name) = (RepeatedUpdates(entry, settings, optimizer), TrainingRule(entry, optimizer).name)
            for rate in alpha.values {
                let problem = LearningProblem(
                    network: file.network, batch: file.batch, loss: file.loss, learningRate: rate,
                    held: holdOptions.hold)
                do {
                    let change = try rule.displacement(problem, updates: updates)
                    try file.write(change, to: "\(directory)/\(name)-\(rate).safetensors")
                } catch let error as RuleError {
                    report("\(name) at α = \(rate): \(error)")
                }
            }
        }
    }
}
