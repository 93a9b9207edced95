import ArgumentParser
import Documents
import ErrorTables
import Foundation
import LinearAlgebra
import RunStore
import TrainingStudies

/// Carries a study out, its runs, then its tables; the same for every study.
struct StudyConduct: ParsableArguments {
    @OptionGroup(title: "Study") var options: StudyOptions
    @OptionGroup(title: "Running") var threadOptions: ThreadOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    /// Whether charts are asked for.
    var isDrawn: Bool { options.chartOptions.isAsked }

    func carryOut(_ study: some ExperimentStudy) throws {
        threadOptions.apply()
        try reportingBadData {
            try options.chartOptions.checkTools()
            let plan = try study.plan()
            guard !plan.isEmpty else { throw ValidationError("These options leave no runs.") }
            if let file = options.slurm { return try writeSlurmScript(of: study.name, to: file, runs: plan.count) }
            // Before there is anything that could be interrupted.
            if !options.tablesOnly { StopRequest.listenToUser() }
            let store =
                options.tablesOnly
                ? try ResultStore(reading: options.store) : try ResultStore(path: options.store)
            let chosen = options.shard.select(plan)
            let outcome = options.tablesOnly ? nil : try work(through: chosen, of: study.name, store)
            if let signal = outcome?.signal { try stopped(by: signal, chosen, store) }
            let document = try document(of: study, store, chosen)
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
        through runs: [PlannedRun], of study: String, _ store: ResultStore
    ) throws -> StudyRunner.Outcome {
        let runner = StudyRunner(
            store: store, threads: threadOptions.threads, checkpointInterval: options.checkpointInterval,
            environment: "\(BLASLibrary.name), 1 thread", stop: .ofUser)
        let progress = output.progress(
            "\(study) (steps of work)", total: try runner.remainingWork(of: runs))
        defer { progress.finish() }
        return try runner.run(runs) { progress.advance(by: $0) }
    }

    private func document(
        of study: some ExperimentStudy, _ store: ResultStore, _ runs: [PlannedRun]
    ) throws -> Document {
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
