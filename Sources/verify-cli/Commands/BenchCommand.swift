import ArgumentParser
import Benchmarks
import Documents
import ErrorTables

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the solvers and rules against the machine's own limits.",
        usage: "verify-cli bench [<options>]",
        discussion: """
            Times are medians over repeats of the processor time of one thread. Machines are noisy: \
            read the ratios, which come from the same run. Run nothing else beside it.
            """)

    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    @Option(name: .long, help: "Repeats of each measurement, whose median counts.")
    var repeats: Int = 21

    @Flag(name: .long, help: "Leave out mini-batch 64, which takes longest.")
    var short = false

    @Flag(name: .long, help: "Measure training steps only.")
    var training = false

    func validate() throws {
        try Bounds.check("--repeats", repeats, in: 1...)
    }

    func run() throws {
        OneThread.apply()
        try reportingBadData {
            let count = training ? 1 : short ? 6 : 7
            let progress = outputOptions.progress("measurements", total: count)
            var provenance = RunProvenance.base(command: commandLineText)
            provenance.set("threads", to: 1)
            var document = Document(title: "Benchmark", provenance: provenance)
            func add(_ table: Table) {
                document.appendTable(table)
                progress.advance()
            }
            if training {
                add(try BenchmarkTraining(repeats: repeats).table())
                progress.finish()
                try outputOptions.write(document)
                return
            }
            let benchmark = Benchmark(repeats: repeats)
            add(try benchmark.machineTable())
            add(try benchmark.exactUpdateTable(activation: .tanh))
            add(try benchmark.exactUpdateTable(activation: .relu))
            add(try benchmark.smallNetworkTable())
            add(try benchmark.ruleTable())
            add(try BenchmarkTraining(repeats: repeats).table())
            if !short { add(try benchmark.miniBatchTable()) }
            progress.finish()
            try outputOptions.write(document)
        }
    }
}
