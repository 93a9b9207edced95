import Files
import RunStore
import Foundation

extension StudyConduct {
    /// Writes the script and says how to use it.
    func writeSlurmScript(of study: String, to file: String, runs: Int) throws {
        let directory = FileManager.default.currentDirectoryPath
        let store = URL(fileURLWithPath: options.store).standardizedFileURL.path
        let tasks = min(options.slurmTasks, runs)
        let script = SlurmScript(
            jobName: "verify-\(study)", executable: Self.executablePath,
            arguments: Self.studyArguments(Array(CommandLine.arguments.dropFirst())),
            directory: directory, store: store, tasks: tasks, cores: options.slurmCores,
            options: options.slurmOption)
        try AtomicFile.write(script.text, to: file)
        report(
            """
            \(file): \(runs) runs in \(tasks) tasks. Submit it, and again whatever happens to a task:
              bash \(file)
            The tables appear in \(store).merge.log, or by 'verify-cli \(study) … --tables-only'.
            """)
    }

    /// The arguments without those that the script sets itself.
    static func studyArguments(_ arguments: [String]) -> [String] {
        let ownOptions = [
            "--store", "--threads", "--slurm", "--slurm-tasks", "--slurm-cores", "--slurm-option",
        ]
        var result: [String] = []
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if ownOptions.contains(argument) {
                index += 1
            } else if !ownOptions.contains(where: { argument.hasPrefix($0 + "=") }) {
                result.append(argument)
            }
        }
        return result
    }

    private static var executablePath: String {
        if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            return path
        }
        let first = CommandLine.arguments.first ?? "verify-cli"
        return first.contains("/") ? URL(fileURLWithPath: first).standardizedFileURL.path : first
    }
}
