import ArgumentParser
import Audits
import CaseFiles
import Certificates
import Documents
import ErrorTables
import Files
import Foundation
import ImplicitSGD
import Networks

/// `verify-cli prox`: the exact update of one case of the user's.
struct ProxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prox",
        abstract: "The exact implicit update of your own network and mini-batch.",
        usage: "verify-cli prox <CASE.safetensors> [<options>]",
        discussion: """
            Minimises L(θ) + ‖θ − θ_b‖²/(2α) by descending from θ_b and certifies the point found: the \
            implicit residual ‖Δ + α∇L(θ⁺)‖/‖Δ‖ is computed anew at the new weights. If neither it nor, where rounding \
            hides it, a proved distance is within --tolerance, the output says so, no file is written and the exit code is 70. Where \
            the targets equal the outputs up to rounding, the answer is that the update is zero, with \
            a proved bound; the file then holds the weights as they were.

            \(caseFileHelp)

            --proved also proves, with bounds of every rounding, that an exact update exists near the one found: the keys \
            of the JSON output that begin with "proved" say how near, how well its activities and its objective are known, \
            and whether it is a strict local minimum; where nothing is proved notEnclosed says why. Up to \
            3,000 activities over the mini-batch.

            The file of --output holds the new weights under the same names. Where P_α has several \
            local minima, --starts looks for lower ones; the one written is always that from θ_b. With \
            --global a small network is searched until the minimum is proved global, or a lower one is \
            found, which is then the one reported and written.

            verify-cli prox case.safetensors --activation tanh --loss squared-error
            verify-cli prox case.safetensors --activation relu,tanh --alpha 0.1 \\
                --tolerance 1e-12 --format json --output plus.safetensors
            """)

    @Argument(help: ArgumentHelp("The case.", valueName: "CASE.safetensors"), completion: .file())
    var path: String

    @Option(
        name: .long, parsing: .unconditional, help: "Learning rate α, positive. (default: 1)",
        transform: CommaSeparated.learningRate)
    var alpha: Double = 1

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp(
            "Learning rates of the layers as multiples of α, the layer of the inputs first (default: all 1).",
            valueName: "m,m,…"),
        transform: CommaSeparated.learningRates)
    var alphaLayers: CommaSeparated<Double>?

    @Option(
        name: .long,
        help: ArgumentHelp("Write the new weights here, if solved.", valueName: "PLUS.safetensors"))
    var output: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Element type of the new weights: f64, or as-in-case (F32 stays F32, rounded).",
            valueName: "type"))
    var outputType: WeightPrecision = .double

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Look for other local minima from this many random starts.", valueName: "count"))
    var starts: Int = 0

    @Flag(
        name: .long,
        help: """
            Prove the minimum global, or find a lower one: one example, up to 16 activities. For others say \
            up to which α T15 proves that there is no other.
            """)
    var global = false

    @Option(
        name: .long,
        help: ArgumentHelp("With --global: stop after this many boxes of activities.", valueName: "count"))
    var globalBoxes: Int = 1_000_000

    @Option(name: .long, help: "Seed of the random starts.")
    var seed: UInt64 = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Solve this many times and report the median time.", valueName: "count"))
    var repeats: Int = 1

    @OptionGroup(title: "Case") var caseOptions: CaseFileOptions
    @OptionGroup(title: "Held parameters") var holdOptions: HoldOptions
    @OptionGroup(title: "Solver") var solverOptions: SolverCommandOptions
    @OptionGroup(title: "Proof") var proofOptions: ProofOptions
    @OptionGroup(title: "Output") var outputOptions: OutputOptions

    func validate() throws {
        try Bounds.check("--starts", starts, in: 0...)
        try Bounds.check("--repeats", repeats, in: 1...)
        try Bounds.check("--global-boxes", globalBoxes, in: 1...)
        guard !global || alphaLayers == nil else {
            throw ValidationError("--global proves minima for one α: leave out --alpha-layers.")
        }
        guard !global || holdOptions.hold.isEmpty else {
            throw ValidationError("--global proves minima for all parameters: leave out --hold.")
        }
        func place(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }
        if let output, place(output) == place(path) {
            throw ValidationError("--output is the case itself, whose x and y would be lost; give another name.")
        }
    }

    func run() throws {
        OneThread.apply()
        try reportingBadData(path) {
            switch try caseOptions.loadAny(path) {
            case .chain(let file): try run(file)
            case .graph(let file): try run(file)
            }
        }
    }

    private func run(_ file: CaseFile) throws {
        let problem = try ProximalProblem(
            network: file.network, batch: file.batch, loss: file.loss,
            rates: LearningRates(alpha, multiples: alphaLayers?.values ?? []), held: holdOptions.hold)
        let found = try solve(problem)
        let proof = global
            ? GlobalMinimum(of: problem, solution: found, solver: solverOptions.proximalSolver, boxLimit: globalBoxes)
            : nil
        let solution = proof?.solution ?? found
        let result = ProximalCase(
            solution, of: problem, starts: search(problem, solution), global: proof,
            roundedFile: output != nil && outputType == .asInCase ? file : nil,
            provenance: RunProvenance.caseFile(
                command: commandLineText, case: file, solver: solverOptions.proximalSolver,
                seed: starts > 0 ? seed : nil, rateMultiples: alphaLayers?.values, held: holdOptions.hold))
        if let output, solution.isAnswered {
            let zero = Parameters<Double>(zerosFor: file.network.architecture)
            try file.write(
                solution.isExact ? solution.update : zero, to: output, precision: outputType,
                metadata: result.fileMetadata)
        }
        try outputOptions.write(result.document(), json: result.json)
        if !solution.isAnswered, let reason = solution.reason {
            report("Error: \(path): \(reason).")
            if let output { report("Nothing was written to \(output).") }
            throw ExitCode.unsolved
        }
    }

    private func run(_ file: GraphFile) throws {
        try GraphRefusals.check([
            ("--alpha-layers", alphaLayers != nil), ("--starts", starts > 0), ("--global", global),
            ("--repeats", repeats > 1), ("--proved", proofOptions.proved), ("--hold", !holdOptions.hold.isEmpty),
            ("--solver \(solverOptions.solver.rawValue)", !solverOptions.solver.suitsGraphs),
        ])
        let solution = try GraphSolution(try file.problem(learningRate: alpha), options: solverOptions.solverOptions)
        let result = GraphProximalCase(
            solution, roundedFile: output != nil && outputType == .asInCase ? file : nil,
            provenance: RunProvenance.graphFile(
                command: commandLineText, case: file, options: solverOptions.solverOptions))
        if let output, solution.isExact {
            try file.write(solution.solve.update, to: output, precision: outputType, metadata: result.fileMetadata)
        }
        try outputOptions.write(result.document(), json: result.json)
        if let reason = solution.reason {
            report("Error: \(path): \(reason).")
            if let output { report("Nothing was written to \(output).") }
            throw ExitCode.unsolved
        }
    }

    /// Every solve finds the same; the one of the median processor time is reported.
    private func solve(_ problem: ProximalProblem) throws -> CertifiedUpdate {
        let (solver, examination) = (solverOptions.proximalSolver, proofOptions.examination)
        let first = try solver.certified(problem, examination: examination)
        if repeats == 1 { return first }
        let reports = try (0..<repeats).map { _ in try solver.certified(problem, examination: examination) }
        return reports.sorted { $0.solve.processorSeconds < $1.solve.processorSeconds }[repeats / 2]
    }

    private func search(
        _ problem: ProximalProblem, _ solution: CertifiedUpdate
    ) -> MultiStartReport? {
        guard starts > 0 else { return nil }
        let progress = outputOptions.progress("starts", total: starts)
        defer { progress.finish() }
        return MultiStart(starts: starts, seed: seed, options: solverOptions.solverOptions)
            .search(problem, reported: solution.solve) { progress.advance() }
    }
}

extension WeightPrecision: NamedArgument {}
