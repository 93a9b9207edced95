import ArgumentParser
import Documents
import ErrorTables
import Foundation
import LinearAlgebra
import RunStore
import TrainingStudies

/// A share `i/n` of a study.
extension Shard: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

/// Where the results of a study are kept and how its runs are worked through.
struct StudyOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Result store (SQLite). Runs that are finished in it are not run again, interrupted ones go on.",
            valueName: "file"))
    var store = "results.sqlite"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only a share of the runs, e.g. 2/8; 'results merge' joins the stores of all shares.",
            valueName: "i/n"))
    var shard: Shard = .whole

    @Flag(name: .long, help: "Run nothing: the tables of what the store has (exit code 75 if runs are missing).")
    var tablesOnly = false

    @Option(
        name: .long,
        help: ArgumentHelp("Seconds between two checkpoints of a run.", valueName: "seconds"))
    var checkpointInterval: Double = 10

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write a Slurm script for this study instead of running it; submit it with bash.",
            valueName: "file"))
    var slurm: String?

    @Option(name: .long, help: ArgumentHelp("Tasks of the Slurm array: the study's shares.", valueName: "count"))
    var slurmTasks = 8

    @Option(name: .long, help: ArgumentHelp("Cores of each Slurm task.", valueName: "count"))
    var slurmCores = 2

    @Option(
        name: .long, parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Further option of sbatch, e.g. --slurm-option=--time=2:00:00; may be repeated.",
            valueName: "option"))
    var slurmOption: [String] = []

    @OptionGroup(title: "Chart") var chartOptions: ChartOptions

    func validate() throws {
        guard checkpointInterval >= 0, checkpointInterval.isFinite else {
            throw ValidationError("--checkpoint-interval must be zero or positive, and finite.")
        }
        guard (1...100_000).contains(slurmTasks) else {
            throw ValidationError("--slurm-tasks must be between 1 and 100000.")
        }
        guard (1...4096).contains(slurmCores) else {
            throw ValidationError("--slurm-cores must be between 1 and 4096.")
        }
        guard slurm == nil || shard == .whole else {
            throw ValidationError("--slurm makes the shares itself; leave --shard out.")
        }
        guard !chartOptions.isAsked || (slurm == nil && shard == .whole) else {
            throw ValidationError("--chart needs the results of the whole study, not --shard or --slurm.")
        }
        guard slurm == nil || !tablesOnly else {
            throw ValidationError("--slurm and --tables-only exclude each other.")
        }
        for option in slurmOption where option.contains(where: \.isNewline) {
            throw ValidationError("--slurm-option must be one line.")
        }
    }
}

/// Carries a study out: its runs, then its tables.
struct StudyConduct {
    let study: any ExperimentStudy
    let options: StudyOptions
    let threads: Int
    let output: OutputOptions

    func run() throws {
        try reportingBadData {
            try options.chartOptions.checkTools()
            let plan = try study.plan()
            guard !plan.isEmpty else { throw ValidationError("These options leave no runs.") }
            if let file = options.slurm { return try writeSlurmScript(to: file, runs: plan.count) }
            // Before there is anything that could be interrupted.
            if !options.tablesOnly { StopRequest.listenToUser() }
            let store =
                options.tablesOnly
                ? try ResultStore(reading: options.store) : try ResultStore(path: options.store)
            let chosen = options.shard.select(plan)
            let outcome = options.tablesOnly ? nil : try work(through: chosen, store)
            if let signal = outcome?.signal { try stopped(by: signal, chosen, store) }
            let document = try document(store, chosen)
            try output.write(document)
            if options.chartOptions.isAsked { try draw(document) }
            try complain(outcome, chosen, store)
        }
    }

    /// The charts of what the document shows; of an unfinished study there may be none.
    private func draw(_ document: Document) throws {
        let charts = document.charts
        if charts.isEmpty { report("Warning: there are no results to draw yet.") }
        try options.chartOptions.write(charts)
    }

    private func work(
        through runs: [PlannedRun], _ store: ResultStore
    ) throws -> StudyRunner.Outcome {
        let runner = StudyRunner(
            store: store, threads: threads, checkpointInterval: options.checkpointInterval,
            environment: "\(BLASLibrary.name), 1 thread", stop: .ofUser)
        let progress = output.progress(
            "\(study.name) (steps of work)", total: try runner.remainingWork(of: runs))
        defer { progress.finish() }
        return try runner.run(runs) { progress.advance(by: $0) }
    }

    private func document(_ store: ResultStore, _ runs: [PlannedRun]) throws -> Document {
        let provenance = RunProvenance.base(command: commandLineText)
        if options.shard == .whole { return try study.results(store, provenance: provenance).document() }
        return try study.shardDocument(
            store, runs: runs, shard: options.shard, provenance: provenance)
    }

    private func stopped(by signal: Int32, _ runs: [PlannedRun], _ store: ResultStore) throws {
        let finished = try finishedCount(runs, store)
        report(
            """
            Stopped; everything is saved in \(options.store): \(finished) of \(runs.count) runs are \
            finished. The same command goes on from there:
              \(commandLineText)
            """)
        throw ExitCode(128 + signal)
    }

    private func complain(
        _ outcome: StudyRunner.Outcome?, _ runs: [PlannedRun], _ store: ResultStore
    ) throws {
        for failure in outcome?.failures ?? [] {
            report("Error: \(failure.label): \(failure.message)")
        }
        if outcome?.failures.isEmpty == false { throw ExitCode.unsolved }
        let missing = runs.count - (try finishedCount(runs, store))
        guard missing > 0 else { return }
        report("\(missing) of \(runs.count) runs are missing in \(options.store).")
        throw ExitCode.incomplete
    }

    private func finishedCount(_ runs: [PlannedRun], _ store: ResultStore) throws -> Int {
        let finished = Set(try store.records().filter(\.isFinished).map(\.key))
        return runs.filter { finished.contains($0.identity.key) }.count
    }
}
