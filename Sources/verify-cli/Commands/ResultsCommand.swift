import ArgumentParser
import Documents
import ErrorTables
import Files
import Foundation
import RunStore
import TrainingStudies

extension StoreExport.Format: NamedArgument {}

/// The store that the subcommands of `results` are about.
struct StoreOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Result store (SQLite).", valueName: "file"))
    var store = "results.sqlite"

    func open() throws -> ResultStore { try ResultStore(path: store, ifAbsent: .fail) }
    func reading() throws -> ResultStore { try ResultStore(reading: store) }
}

/// Runs of a store, named by the beginnings of their keys.
func records(_ prefixes: [String], in store: ResultStore) throws -> [RunRecord] {
    try prefixes.map { try store.record(prefix: $0) }
}

struct ResultsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results",
        abstract: "What the result store of the studies holds: list, show, export, remove, merge.",
        discussion: """
            Studies (stability, convergence, …) keep every run in a store: its rows, and while it is \
            unfinished the checkpoint from which it goes on. A run is found by the SHA-256 of its \
            configuration, the program's version and a fingerprint of what it computes; the first \
            digits of that key name it here. Runs of another build are listed and never used.

            verify-cli results list
            verify-cli results show 3f2a
            verify-cli results export --format jsonl > runs.jsonl
            verify-cli results merge --store all.sqlite part-1.sqlite part-2.sqlite
            """,
        subcommands: [
            ListResults.self, ShowResult.self, ExportResults.self, RemoveResults.self,
            MergeResults.self,
        ])
}

struct ListResults: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "One line for each run.")

    @OptionGroup var storeOption: StoreOption
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func run() throws {
        try reportingBadData {
            var document = Document(
                title: "Results", provenance: RunProvenance.base(command: commandLineText))
            document.appendTable(try StoreTables.runs(storeOption.reading().records()))
            try outputOptions.write(document)
        }
    }
}

struct ShowResult: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "The configuration and the rows of one run.",
        usage: "verify-cli results show <key> [<options>]")

    @Argument(help: "The beginning of its key.") var key: String
    @OptionGroup var storeOption: StoreOption
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func run() throws {
        try reportingBadData {
            let store = try storeOption.reading()
            let record = try store.record(prefix: key)
            try outputOptions.write(
                try StoreTables.document(
                    record, rows: store.rows(record.key),
                    provenance: RunProvenance.base(command: commandLineText)))
        }
    }
}

struct ExportResults: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "All rows of finished runs, with their configurations, for other programs.",
        usage: "verify-cli results export [<keys> ...] [<options>]",
        discussion: """
            csv has one line for each row, jsonl one object for each run. Numbers are written in full: \
            they read back as the same doubles.
            """)

    @Argument(help: "The beginnings of keys (default: all finished runs).") var keys: [String] = []
    @Option(name: .long, help: "A line for each row, or an object for each run.")
    var format: StoreExport.Format = .csv
    @OptionGroup var storeOption: StoreOption

    func run() throws {
        try reportingBadData {
            let store = try storeOption.reading()
            let runs =
                keys.isEmpty ? try store.records().filter(\.isFinished) : try records(keys, in: store)
            try StandardOutput.write(StoreExport.text(store, runs: runs, format: format))
        }
    }
}

struct RemoveResults: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes runs with their rows and checkpoints.",
        usage: "verify-cli results remove [<keys> ...] [<options>]")

    @Argument(help: "The beginnings of their keys.") var keys: [String] = []
    @Flag(name: .long, help: "All unfinished runs.") var unfinished = false
    @Option(
        name: .long,
        help: ArgumentHelp("All runs of this version of the program, or of one build of it.", valueName: "version"))
    var ofVersion: String?
    @OptionGroup var storeOption: StoreOption

    func validate() throws {
        guard !keys.isEmpty || unfinished || ofVersion != nil else {
            throw ValidationError("Say which runs: keys, --unfinished or --of-version.")
        }
    }

    func run() throws {
        try reportingBadData {
            let store = try storeOption.open()
            let named = try records(keys, in: store)
            func isAsked(_ version: String) -> Bool {
                ofVersion.map { ResultVersion.matches(version, $0) } ?? false
            }
            let others = try store.records().filter {
                (unfinished && !$0.isFinished) || isAsked($0.identity.version)
            }
            let count = try store.remove(Array(Set((named + others).map(\.key))))
            report("\(count) runs removed from \(storeOption.store).")
        }
    }
}

struct MergeResults: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Takes the runs of other stores into this one.",
        discussion: """
            Runs that are missing are added, unfinished ones replaced where another store has more. Two \
            stores with different rows for one run do not fit together: nothing is taken from that \
            store, and the exit code is 65. The other stores are not changed.
            """)

    @Argument(help: "The other stores.") var others: [String]
    @OptionGroup var storeOption: StoreOption

    func run() throws {
        try reportingBadData {
            // All others are looked at before this one is made or changed.
            let sources = try others.map { try ResultStore(reading: $0) }
            let store = try ResultStore(path: storeOption.store)
            for source in sources {
                let summary = try store.merge(source)
                report(
                    "\(source.path): \(summary.added) runs added, \(summary.advanced) advanced, "
                        + "\(summary.kept) as they were.")
            }
        }
    }
}
