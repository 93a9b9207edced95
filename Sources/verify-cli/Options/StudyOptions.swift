import ArgumentParser
import RunStore

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
        try Bounds.check("--slurm-tasks", slurmTasks, in: 1...100_000)
        try Bounds.check("--slurm-cores", slurmCores, in: 1...4096)
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
