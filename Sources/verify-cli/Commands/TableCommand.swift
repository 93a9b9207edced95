import ArgumentParser
import Comparison
import Documents
import ErrorTables
import LearningRules

struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Tables of the distance between rules' updates and the exact implicit update.",
        discussion: """
            Every case is a network with fresh random weights and a mini-batch. For every learning \
            rate α the exact update is solved for and certified; each rule makes its own update from \
            the same weights; the tables show median [quartiles] over the cases. A case whose solve \
            did not converge is left out and counted. With --proved tables hold medians alone, of the cases whose exact \
            update is proved to exist, and every digit is proved; digits that are not are left out.

            verify-cli table
            verify-cli table --data fashion-mnist --activation tanh --alpha 0.01,1,100
            verify-cli table --measures proximal-gap --chart gap.svg
            verify-cli table --proved --activation tanh
            verify-cli table --ladder --data gaussian --sizes 6-8-7-3 --activation softplus
            """)

    @OptionGroup(title: "Cases") var caseOptions: CaseOptions
    @OptionGroup(title: "Rules") var ruleOptions: RuleOptions
    @OptionGroup(title: "Held parameters") var holdOptions: HoldOptions
    @OptionGroup(title: "Solver") var solverOptions: SolverCommandOptions
    @OptionGroup(title: "Proof") var proofOptions: ProofOptions
    @OptionGroup(title: "Running") var threadOptions: ThreadOptions
    @OptionGroup(title: "Chart (one for each measure)") var chartOptions: ChartOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    @Option(
        name: .long, parsing: .unconditional, help: "Learning rates α, separated by commas. (default: 0.001,0.01,0.1,1,10,100)",
        transform: CommaSeparated.learningRates)
    var alpha = CommaSeparated([0.001, 0.01, 0.1, 1, 10, 100])

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What to measure: \(CommaSeparated<Measure>.knownNames). (default: \(Self.usualMeasures.text))",
            valueName: "names"),
        transform: CommaSeparated.names)
    var measures = Self.usualMeasures

    private static let usualMeasures = CommaSeparated<Measure>([.relativeDistance, .cosine, .proximalGap])

    @Flag(
        name: .long,
        help: "The error ladder: from the exact update to il-prox, one approximation at a time.")
    var ladder = false

    @Flag(name: .long, help: "Also layer by layer.")
    var layers = false

    func validate() throws {
        guard proofOptions.proved else { return }
        if let other = measures.values.first(where: { !Measure.proved.contains($0) }) {
            let known = Measure.proved.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--proved has no bounds for \(other.rawValue); it has for \(known).")
        }
        if ladder || layers { throw ValidationError("--proved is for whole updates, without --ladder and --layers.") }
        if chartOptions.isAsked { throw ValidationError("--proved prints numbers; draw the chart without it.") }
    }

    func run() throws {
        threadOptions.apply()
        try chartOptions.checkTools()
        try reportingBadData {
            let distribution = try caseOptions.distribution()
            let study = ApproximationStudy(
                learningRates: alpha.values, rows: try rows(), solver: solverOptions.proximalSolver,
                examination: proofOptions.examination, held: holdOptions.hold, threads: threadOptions.threads)
            let cases = try distribution.cases()
            let progress = outputOptions.progress(
                "exact updates", total: cases.count * alpha.values.count)
            let outcomes = try study.run(cases, loss: distribution.loss) { progress.advance() }
            progress.finish()
            let constants = try chosenConstants()
            let tables = ApproximationTables(
                study, outcomes, conditions: distribution.summary + (constants.inWords.map { ", \($0)" } ?? ""))
            let document = Document(
                title: ladder ? "Error ladder" : "Distance to the exact implicit update",
                provenance: RunProvenance.study(
                    command: commandLineText, cases: distribution, solver: study.solver,
                    threads: study.threads, held: study.held),
                blocks: try tables.tables(
                    measures.values, isLadder: ladder,
                    layersTo: layers ? distribution.architecture.depth : nil
                ).map { .table($0) })
            try outputOptions.write(document)
            try chartOptions.write(document.charts)
            if outcomes.allSatisfy({ !$0.report.isExact }) {
                report("Error: no exact update was found; see --tolerance and --solver.")
                throw ExitCode.unsolved
            }
        }
    }

    private func chosenConstants() throws -> RuleSettings {
        let entries = ruleOptions.rules.entries
        return ladder
            ? ruleOptions.constants.settings(seed: 0)
            : try ruleOptions.constants.settings(seed: caseOptions.seed, for: entries)
    }

    private func rows() throws -> [ApproximationStudy.Row] {
        let constants = ruleOptions.constants
        if ladder {
            let unused = constants.settings(seed: 0).chosen
                .filter { ![.steps, .stepSize, .epsilon].contains($0) }
            guard unused.isEmpty else {
                throw ValidationError(
                    "--ladder takes --steps, --step-size and --epsilon, but no --\(unused[0].rawValue).")
            }
            return ErrorLadder.rungs(
                steps: constants.steps ?? 25, stepSize: constants.stepSize ?? 0.015,
                epsilon: constants.epsilon ?? 1
            ).map { .init(label: $0.approximation, rule: $0.rule) }
        }
        let settings = try chosenConstants()
        return ruleOptions.rules.entries.map { .init(label: $0.name, rule: $0.rule(settings)) }
    }
}
