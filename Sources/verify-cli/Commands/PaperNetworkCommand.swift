import ArgumentParser
import Audits
import Documents
import ErrorTables
import Networks

/// `verify-cli paper-cnn`: the paper's convolutional network against exact implicit SGD.
struct PaperNetworkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paper-cnn",
        abstract: "The paper's convolutional network: is its normalization minimum-norm, and how far is each rule from exact?",
        usage: "verify-cli paper-cnn [<options>]",
        discussion: """
            515,210 fresh weights, digits blown up to 3×32×32. For every α the exact update is solved for and certified, and \
            bp, il, il-prox and paper-conv are compared with it. Another table shows claim C12: what the published \
            normalization and the minimum-norm update leave of the local errors. ReLU takes longest.

            verify-cli paper-cnn --activation tanh --alpha 0.1,1
            """)

    @Option(name: .long, help: "Activation of the convolutions.")
    var activation: Activation = .tanh

    @Option(
        name: .long, parsing: .unconditional, help: "Learning rates α, separated by commas. (default: 0.1,1)",
        transform: CommaSeparated.learningRates)
    var alpha = CommaSeparated([0.1, 1])

    @Option(name: .long, help: ArgumentHelp("Examples in the mini-batch.", valueName: "size"))
    var batchSize = 1

    @Option(name: .long, help: "Seed of the weights and of the choice of digits.")
    var seed: UInt64 = 1

    @OptionGroup(title: "Solver") var solverOptions: SolverCommandOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func validate() throws {
        try Bounds.check("--batch-size", batchSize, in: 1...256)
        try GraphRefusals.check([
            ("--solver \(solverOptions.solver.rawValue)", !solverOptions.solver.suitsGraphs)
        ])
    }

    func run() throws {
        OneThread.apply()
        try reportingBadData {
            let study = NormalizationStudy(
                network: PaperNetwork(activation: activation, seed: seed, examples: batchSize), learningRates: alpha.values,
                options: solverOptions.solverOptions)
            var provenance = RunProvenance.base(command: commandLineText)
            provenance.set("network", to: .text("3×32×32 – 64 – 128 – 256 – 10 \(activation.name)"))
            provenance.set("dataSet", title: "data set", to: "digits, 4 × 4 times as large")
            provenance.set("batchSize", title: "mini-batch", to: .integer(batchSize))
            provenance.set("seed", to: .text("\(seed)"))
            provenance.set("solverTolerance", title: "solver tolerance", to: .number(solverOptions.tolerance))
            let result = try study.document(provenance: provenance)
            try outputOptions.write(result.document)
            guard result.isSolved else {
                report("Error: some solves did not reach the tolerance; see the outcomes.")
                throw ExitCode.unsolved
            }
        }
    }
}
