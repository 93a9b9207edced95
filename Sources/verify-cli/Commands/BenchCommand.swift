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

            --growth shows how the time of an exact update grows with width, mini-batch and depth, \
            with a chart of each; it takes minutes.
            """)

    @OptionGroup(title: "Chart") var chartOptions: ChartOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    @Option(name: .long, help: "Repeats of each measurement, whose median counts.")
    var repeats: Int = 21

    @Flag(name: .long, help: "Leave out mini-batch 64, which takes longest.")
    var short = false

    @Flag(name: .long, help: "Measure training steps only.")
    var training = false

    @Flag(name: .long, help: "Measure exact updates against width, mini-batch and depth only.")
    var growth = false

    func validate() throws {
        try Bounds.check("--repeats", repeats, in: 1...)
        if chartOptions.isAsked && !growth { throw ValidationError("--chart draws what --growth measures.") }
        if growth && (training || short) { throw ValidationError("--growth measures nothing else: give it alone.") }
    }

    func run() throws {
        OneThread.apply()
        if growth { return try showGrowth() }
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

    private func showGrowth() throws {
        try chartOptions.checkTools()
        try reportingBadData {
            let sizes = BenchmarkGrowth.Size.allCases
            let progress = outputOptions.progress(
                "sizes", total: sizes.reduce(0) { $0 + BenchmarkGrowth.work($1) })
            var provenance = RunProvenance.base(command: commandLineText)
            provenance.set("threads", to: 1)
            var document = Document(title: "How the time of an exact update grows", provenance: provenance)
            let benchmark = BenchmarkGrowth()
            for size in sizes { document.appendTable(try benchmark.table(size) { progress.advance() }) }
            progress.finish()
            try outputOptions.write(document)
            try chartOptions.write(document.charts)
        }
    }
}
