import ArgumentParser
import Foundation
import PropertyTesting
import Reports
import Studies
import Theorems

struct TheoremsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "theorems",
        abstract: "Checks the theorems on random cases: verdict, worst margin, smallest counterexample.",
        discussion: """
            Every theorem is checked on random networks (or matrices), many of them degenerate on \
            purpose. A margin says how far a case is from what the theorem says, in units of a tolerance \
            that is derived from rounding and from the certificate of the solve: at most 1 holds.

            Verdicts:
              holds       every case was within its tolerance
              FAILS       some case was not: the smallest one found and its token are printed
              exhausted   too few cases could be run (too many discarded): says nothing
            A mutant is a deliberately broken variant of what is checked (--mutants):
              caught      its check fails, as it must
              SURVIVES    its check passes, so the theorem's check is blind to that mistake

            Discarded are cases to which the theorem does not apply, and those whose exact update was \
            not reached; the notes count them by reason. Results do not depend on --threads.

            Exit code 1 if a theorem fails, is exhausted, or a mutant survives.

            verify-cli theorems
            verify-cli theorems T2 T8 --cases 10000
            verify-cli theorems T8 --replay pt1s-…
            """)

    @Argument(help: ArgumentHelp("Which theorems, e.g. T8 (default: all).", valueName: "names"))
    var names: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Cases of each theorem (default: 200; 20 where a case solves for many α's).",
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

    @Flag(name: .long, help: "Check the mutants instead: how many cases it takes to catch each.")
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

    @OptionGroup(title: "Running") var threadOptions: ThreadOptions
    @OptionGroup(title: "Chart (of the worst margins)") var chartOptions: ChartOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func validate() throws {
        if let cases, cases < 1 { throw ValidationError("--cases must be at least 1.") }
        for name in names where Theorem.named(name) == nil {
            let known = Theorem.all.map(\.identifier.name).joined(separator: ", ")
            throw ValidationError("There is no theorem '\(name)'; there are \(known).")
        }
        if replay != nil, names.count != 1 {
            throw ValidationError("--replay needs the name of the one theorem that the token is of.")
        }
        if chartOptions.isAsked, mutants || replay != nil {
            throw ValidationError("--chart draws worst margins; --mutants and --replay have none.")
        }
        if explore, replay != nil { throw ValidationError("--explore and --replay exclude each other.") }
    }

    func run() throws {
        threadOptions.apply()
        try chartOptions.checkTools()
        let chosen = names.isEmpty ? Theorem.all : names.compactMap { Theorem.named($0) }
        if let replay {
            try reportingBadData { try replayCase(replay, of: chosen) }
            return
        }
        let settings = explore ? CheckSettings(seed: seed).exploring() : CheckSettings(seed: seed)
        let run = TheoremRun(
            cases: cases, settings: settings, threads: threadOptions.threads,
            corpus: corpus.map { Corpus(directory: URL(filePath: $0), isRecording: false) })
        let provenance = provenance(seed: settings.seed)
        if mutants {
            let progress = outputOptions.progress(
                "mutants", total: chosen.reduce(0) { $0 + $1.mutants.count })
            let table = try run.mutantTable(chosen) { progress.advance() }
            progress.finish()
            outputOptions.write(
                Document(title: "Mutants", provenance: provenance, blocks: [.table(table.table)]))
            if !table.isGood { throw ExitCode(1) }
            return
        }
        let total = chosen.reduce(0) { $0 + (cases ?? $1.defaultCases) }
        let progress = outputOptions.progress("cases", total: total)
        let verdicts = chosen.map { theorem in run.verdict(theorem) { progress.advance() } }
        progress.finish()
        if let perCase {
            try reportingBadData { try AtomicFile.write(TheoremRun.perCaseText(verdicts), to: perCase) }
        }
        outputOptions.write(
            Document(
                title: "Theorems", provenance: provenance, blocks: try TheoremRun.blocks(verdicts)))
        try chartOptions.write(TheoremRun.chart(verdicts))
        if !verdicts.allSatisfy(\.report.isPassed) { throw ExitCode(1) }
    }

    private func replayCase(_ text: String, of chosen: [Theorem]) throws {
        guard let theorem = chosen.first else { return }
        let replayed = theorem.replay(try ReplayToken(parsing: text))
        var provenance = provenance(seed: nil)
        provenance.set("token", to: .text(text))
        var document = Document(title: "\(theorem.identifier.name) \(theorem.title)", provenance: provenance)
        document.appendParagraph("Case: \(replayed.description ?? "no value could be made")")
        document.appendParagraph("Verdict: \(replayed.verdict)")
        for note in replayed.notes { document.appendParagraph("Note: \(note)") }
        if !replayed.labels.isEmpty {
            document.appendParagraph("Labels: " + replayed.labels.joined(separator: ", "))
        }
        outputOptions.write(document)
        if replayed.verdict.isFailure { throw ExitCode(1) }
    }

    private func provenance(seed: UInt64?) -> Provenance {
        var provenance = RunProvenance.base(command: commandLineText)
        if let seed { provenance.set("seed", to: .text("\(seed)")) }
        provenance.set("threads", to: .integer(threadOptions.threads))
        return provenance
    }
}
