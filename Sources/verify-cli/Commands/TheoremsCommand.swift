import ArgumentParser
import Documents
import ErrorTables
import Files
import Foundation
import PropertyTesting
import TheoremStudies
import Theorems

struct TheoremsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "theorems",
        abstract: "Checks the theorems and measures the claims on random cases.",
        usage: "verify-cli theorems [<names> ...] [<options>]",
        discussion: """
            Every theorem is checked on random networks (or matrices), many of them degenerate on \
            purpose. A margin says how far a case is from what the theorem says, in units of a tolerance \
            that is derived from rounding and from the certificate of the solve: at most 1 holds.

            Verdicts:
              holds        every case was within its tolerance
              FAILS        some case was not; the smallest found is printed
              exhausted    too few cases could be run (too many discarded): says nothing
            A mutant is a deliberately broken variant of what is checked (--mutants):
              caught       its check fails, as it must
              SURVIVES     its check passes: it is blind to that mistake

            A claim is measured over a stated population. Findings, from the exact 95 % \
            interval of the rate at which a condition is true:
              holds        the interval lies at or above 0.95
              conditional  it does so in some region only, of α, depth, width,
                           activations or what the claim is about; the
                           regions are named
              mixed        it lies between 0.5 and 0.95, and no region is known
              refuted      the interval lies at or below 0.5, and no region may hold
              undecided    too few cases to say
            The finding on record stands beside it. Planted rules of known finding (--mutants) are \
            caught if their finding is the expected one.

            Discarded are cases to which a theorem does not apply, and those whose exact update was \
            not certified; the notes count them by reason. Results do not depend on --threads.

            Exit code 1 if a theorem fails or is exhausted, a finding contradicts the one on record, or a \
            mutant survives.

            verify-cli theorems
            verify-cli theorems --papers
            verify-cli theorems T2 T8 --cases 10000
            verify-cli theorems C1 --regions
            verify-cli theorems T8 --replay pt1s-…
            """)

    @Argument(help: ArgumentHelp("Which theorems and claims, e.g. T8 C1 (default: all).", valueName: "names"))
    var names: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Cases of each (default: 40 to 200 a theorem, 300 to 2000 a claim).",
            valueName: "count"))
    var cases: Int?

    @Option(name: .long, help: "Seed of the cases.")
    var seed: UInt64 = 1

    @Flag(name: .long, help: "Draw a new seed (it is printed).")
    var explore = false

    @Option(
        name: .long,
        help: ArgumentHelp("Run the one case that this token names.", valueName: "token"))
    var replay: String?

    @Flag(name: .long, help: "Check mutants and planted rules instead: whether each is caught.")
    var mutants = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Directory of past failures, tried first; it is only read.", valueName: "directory"))
    var corpus: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Write one line for each case to this CSV file.", valueName: "file"))
    var perCase: String?

    @Flag(
        name: .long,
        help: "Also print the rates of all conditions of the claims, by region of α, depth, width and so on.")
    var regions = false

    @Flag(name: .long, help: "Print one table by paper: rules, theorems, claims, verdicts and proofs.")
    var papers = false

    @OptionGroup(title: "Running") var threadOptions: ThreadOptions
    @OptionGroup(title: "Chart (of the worst margins)") var chartOptions: ChartOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func validate() throws {
        try Bounds.check("--cases", cases, in: 1...)
        for name in names where Theorem.named(name) == nil && Claim.named(name) == nil {
            if let claim = TrainingClaim.named(name) {
                throw ValidationError(
                    "\(claim.name) is a claim about training, which 'verify-cli \(claim.study)' measures and judges.")
            }
            if let claim = BlockedClaim.named(name) {
                throw ValidationError("\(claim.name) is not judged: \(claim.reason).")
            }
            let known = (Theorem.all.map(\.identifier.name) + Claim.all.map(\.identifier.name))
                .joined(separator: ", ")
            throw ValidationError("There is no theorem or claim '\(name)'; there are \(known).")
        }
        if replay != nil, names.count != 1 {
            throw ValidationError("--replay needs the name of the one theorem or claim that the token is of.")
        }
        if papers, mutants || replay != nil || regions {
            throw ValidationError("--papers is a table of verdicts; --mutants, --replay and --regions have none.")
        }
        if chartOptions.isAsked, mutants || replay != nil {
            throw ValidationError("--chart draws worst margins; --mutants and --replay have none.")
        }
        if !chartOptions.chart.isEmpty, !names.isEmpty, theorems.isEmpty {
            throw ValidationError("--chart draws worst margins of theorems; name one.")
        }
        if explore, replay != nil { throw ValidationError("--explore and --replay exclude each other.") }
    }

    private var theorems: [Theorem] { names.isEmpty ? Theorem.all : names.compactMap { Theorem.named($0) } }
    private var claims: [Claim] { names.isEmpty ? Claim.all : names.compactMap { Claim.named($0) } }

    func run() throws {
        threadOptions.apply()
        try chartOptions.checkTools()
        if let replay {
            try reportingBadData { try replayCase(ReplayToken(parsing: replay)) }
            return
        }
        let settings = explore ? CheckSettings(seed: seed).exploring() : CheckSettings(seed: seed)
        let study = TheoremStudy(
            theorems: theorems, claims: claims, theoremCases: cases, claimCases: cases,
            settings: settings, threads: threadOptions.threads,
            corpus: corpus.map { Corpus(directory: URL(filePath: $0), isRecording: false) })
        var provenance = provenance
        provenance.set("seed", to: .text("\(settings.seed)"))
        provenance.set("threads", to: .integer(threadOptions.threads))
        try mutants ? runMutants(study, provenance) : runChecks(study, provenance)
    }

    private func runChecks(_ study: TheoremStudy, _ provenance: Provenance) throws {
        let progress = outputOptions.progress("cases", total: study.caseCount)
        let results = study.run { progress.advance() }
        progress.finish()
        if let perCase { try reportingBadData { try AtomicFile.write(results.caseLines, to: perCase) } }
        let document = try papers ? results.paperDocument(provenance) : results.document(provenance, regions: regions)
        try outputOptions.write(document)
        try chartOptions.write(papers ? results.verdictTable().charts : document.charts)
        if !results.isAsExpected { throw ExitCode(1) }
    }

    private func runMutants(_ study: TheoremStudy, _ provenance: Provenance) throws {
        let progress = outputOptions.progress("mutants", total: study.mutantCount)
        let results = try study.runMutants { progress.advance() }
        progress.finish()
        try outputOptions.write(
            Document(
                title: "Mutants and planted rules", provenance: provenance,
                blocks: results.tables.map { .table($0) }))
        if !results.areAllCaught { throw ExitCode(1) }
    }

    private func replayCase(_ token: ReplayToken) throws {
        var provenance = provenance
        provenance.set("threads", to: .integer(threadOptions.threads))
        provenance.set("token", to: .text("\(token)"))
        // Validation has seen to it that exactly one of the two lists has an element.
        for replay in theorems.map({ CaseReplay($0, token: token) }) + (try claims.map { try CaseReplay($0, token: token) }) {
            try outputOptions.write(replay.document(provenance))
            if replay.isFailure { throw ExitCode(1) }
        }
    }

    private var provenance: Provenance { RunProvenance.base(command: commandLineText) }
}
