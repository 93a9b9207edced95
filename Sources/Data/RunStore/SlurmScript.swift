/// A script for the Slurm workload manager: an array job whose tasks are the shares of a study, each
/// with a store of its own, and a job that joins the stores when all tasks have ended.
///
/// One file plays three parts: run by hand it submits itself, as an array and once more for the
/// merge; as a task of the array it works on its share. Submitting it again does only what is
/// missing, because finished runs are found in the stores.
public struct SlurmScript: Sendable {
    /// The name of the jobs.
    public var jobName: String
    /// The program, with its whole path.
    public var executable: String
    /// The subcommand and its options, without those about store, share and threads.
    public var arguments: [String]
    /// Where the script goes before it starts.
    public var directory: String
    /// The store that all results end in; the shares' stores stand beside it.
    public var store: String
    /// How many shares.
    public var tasks: Int
    /// Cores for each task.
    public var cores: Int
    /// Further lines `#SBATCH …`, such as `--time=2:00:00`.
    public var options: [String]

    /// All parts.
    public init(
        jobName: String, executable: String, arguments: [String], directory: String,
        store: String, tasks: Int, cores: Int, options: [String] = []
    ) {
        self.jobName = jobName
        self.executable = executable
        self.arguments = arguments
        self.directory = directory
        self.store = store
        self.tasks = tasks
        self.cores = cores
        self.options = options
    }

    /// The store's name without its ending; that of share `i` is `stem.shard-i.sqlite`.
    private var stem: String { store.hasSuffix(".sqlite") ? String(store.dropLast(7)) : store }

    /// The script.
    public var text: String {
        let command = arguments.map(Self.quoted).joined(separator: " ")
        let extra = options.map { "#SBATCH \($0)\n" }.joined()
        let log = Self.quoted(store + ".merge.log")
        return """
            #!/bin/bash
            # Submit with: bash THIS-FILE. It submits the array and, for when all its tasks have ended,
            # the job that joins their stores into \(Self.comment(store)) and prints the tables.
            # Submitted again it does only what is missing.
            #SBATCH --job-name=\(jobName)
            #SBATCH --array=1-\(tasks)
            #SBATCH --cpus-per-task=\(cores)
            #SBATCH --output=\(Self.directive(store)).%a.log
            #SBATCH --open-mode=append
            #SBATCH --requeue
            #SBATCH --signal=B:TERM@60
            \(extra)set -euo pipefail
            self=$(realpath -- "$0")
            cd \(Self.quoted(directory))
            # Runs go side by side, one thread each; BLAS must not multiply them.
            export OPENBLAS_NUM_THREADS=1
            program=\(Self.quoted(executable))
            store=\(Self.quoted(store))
            study=(\(command))
            shard() { printf '%s' \(Self.quoted(stem + ".shard-"))"$1".sqlite; }

            if [ "${1:-}" = merge ]; then
              shards=()
              for index in $(seq 1 \(tasks)); do
                if [ -e "$(shard "$index")" ]; then shards+=("$(shard "$index")"); fi
              done
              [ ${#shards[@]} -gt 0 ] || { echo 'no share has a store yet' >&2; exit 75; }
              "$program" results merge --store "$store" "${shards[@]}"
              exec "$program" "${study[@]}" --store "$store" --tables-only
            fi

            if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
              # exec, so that Slurm's signals reach the program, which then saves and stops.
              exec "$program" "${study[@]}" --store "$(shard "$SLURM_ARRAY_TASK_ID")" \\
                --shard "$SLURM_ARRAY_TASK_ID/\(tasks)" --threads "${SLURM_CPUS_PER_TASK:-\(cores)}"
            fi

            array=$(sbatch --parsable "$self")
            # afterany: what is there is joined even if a task failed; the tables say what is missing.
            merge=$(sbatch --parsable --dependency="afterany:${array%%;*}" --array=1-1 \\
              --job-name=\(jobName)-merge --cpus-per-task=1 --output=\(log) --open-mode=truncate "$self" merge)
            echo "array job $array, merge job $merge"

            """
    }

    /// A shell word that stands for the string.
    static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "-_./=,:+%".unicodeScalars.contains($0)
        }
        return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }

    private static func comment(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    /// In a directive, `%` begins a replacement and a space ends the value.
    private static func directive(_ text: String) -> String {
        let doubled = text.replacing("%", with: "%%")
        return doubled.contains(where: \.isWhitespace) ? "\"" + comment(doubled) + "\"" : doubled
    }
}
