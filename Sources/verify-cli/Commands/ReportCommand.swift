import ArgumentParser
import Documents
import ErrorTables
import Files
import Foundation
import Networks
import PropertyTesting
import Reports
import TheoremStudies

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Everything in one HTML page: claims, theorems, error tables, charts, where they come from.",
        usage: "verify-cli report --output <directory> [<options>]",
        discussion: """
            Checks the theorems, measures the claims and the rules, then writes index.html into a directory: one page \
            without scripts that needs no network, to be looked at, printed or sent. The same options give \
            the same bytes on one machine.

            Formulas need Debian's pandoc, charts its gnuplot-nox; without them the page shows LaTeX \
            source and tables only, and says so. Exit code 1 if a theorem fails or a finding contradicts the \
            one on record; the page is written all the same.

            With --store the page also shows the studies of training whose runs a result store holds: findings \
            on claims C5–C8 and C11, tables and charts as 'stability' and the others print them. Nothing is \
            trained for it, no data set is read, and the store stays as it is.

            verify-cli report --output report
            verify-cli report --output report --data fashion-mnist --activations relu
            verify-cli report --output report --store results.sqlite
            verify-cli report --output public --source https://example.org/blob/main
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Directory for index.html; made if it does not exist.", valueName: "directory"))
    var output: String

    @Option(
        name: .long,
        help: ArgumentHelp("Result store whose training studies are shown too.", valueName: "file"))
    var store: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What links to proofs and tests begin with. (default: the current directory, if it is a checkout)",
            valueName: "address"))
    var source: String?

    @Option(name: .long, help: "Data set.")
    var data: DataSource = .digits

    @Option(name: .long, help: "Directory with the data set's files instead of the default.")
    var dataDirectory: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Hidden activations, one section each. (default: relu,tanh)", valueName: "names"),
        transform: CommaSeparated.names)
    var activations = CommaSeparated<Activation>([.relu, .tanh])

    @Option(name: .long, help: ArgumentHelp("Networks of each section.", valueName: "count"))
    var cases = 20

    @Option(
        name: .long,
        help: ArgumentHelp("Cases of each theorem (default: its own).", valueName: "count"))
    var theoremCases: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Cases of each claim (default: its own).", valueName: "count"))
    var claimCases: Int?

    @Option(name: .long, help: "Seed of networks, examples and theorem cases.")
    var seed: UInt64 = 1

    @Flag(name: .long, help: "No progress on standard error.")
    var quiet = false

    @OptionGroup(title: "Running") var threadOptions: ThreadOptions

    private static func place(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// The page that is written.
    private var path: String { output + (output.hasSuffix("/") ? "" : "/") + "index.html" }

    func validate() throws {
        for (option, count) in [
            ("--cases", cases), ("--theorem-cases", theoremCases), ("--claim-cases", claimCases),
        ] { try Bounds.check(option, count, in: 1...) }
        guard !output.isEmpty else { throw ValidationError("--output must name a directory.") }
        if let store, Self.place(store) == Self.place(path) {
            throw ValidationError("--store is the page that would be written.")
        }
        guard Set(activations.values).count == activations.values.count else {
            throw ValidationError("--activations must not repeat a name.")
        }
    }

    func run() throws {
        threadOptions.apply()
        try reportingBadData {
            let distributions = try activations.values.map(distribution)
            let training = try store.map { try TrainingSection(store: $0) }
            // A path that cannot be written should not cost the computation.
            try OutputDirectory.make(at: output)
            let results = checked()
            let distances = try distributions.map(measured)
            let (page, problems) = try Report(
                results: results, distances: distances, training: training,
                sources: ReportSources(address: source, output: output), provenance: provenance
            ).page()
            try AtomicFile.write(page.html, to: path)
            for problem in problems { report("Warning: \(problem)") }
            try StandardOutput.write(path + "\n")
            if !results.isAsExpected { throw ExitCode(1) }
            if !distances.allSatisfy(\.hasExactUpdate) { throw ExitCode.unsolved }
        }
    }

    private func distribution(_ activation: Activation) throws -> CaseDistribution {
        CaseDistribution(
            architecture: try Architecture(widths: data.defaultWidths, activation: activation),
            source: data, dataDirectory: dataDirectory, count: cases, seed: seed)
    }

    private func checked() -> TheoremResults {
        let study = TheoremStudy(
            theoremCases: theoremCases, claimCases: claimCases, settings: CheckSettings(seed: seed),
            threads: threadOptions.threads)
        let progress = progress("cases of theorems and claims", total: study.caseCount)
        defer { progress.finish() }
        return study.run { progress.advance() }
    }

    private func measured(_ distribution: CaseDistribution) throws -> DistanceSection {
        let progress = progress(
            "exact updates, \(distribution.architecture.activation(ofLayer: 1).name)",
            total: cases * DistanceSection.learningRates.count)
        defer { progress.finish() }
        return try DistanceSection(distribution, threads: threadOptions.threads) { progress.advance() }
    }

    private func progress(_ label: String, total: Int) -> ProgressReporter {
        ProgressReporter(label, total: total, mode: .standardError(quiet: quiet))
    }

    private var provenance: Provenance {
        var provenance = RunProvenance.base(command: commandLineText)
        provenance.set("dataSet", title: "data set", to: .text(data.rawValue))
        provenance.set("cases", to: .integer(cases))
        provenance.set("seed", to: .text("\(seed)"))
        provenance.set("moves", title: "parameters that move", to: "all weights and biases")
        provenance.set("threads", to: .integer(threadOptions.threads))
        return provenance
    }
}
