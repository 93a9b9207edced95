public import CaseFiles
public import Documents
public import ErrorTables
public import Graphs
public import ImplicitSGD
internal import JSON
internal import LinearAlgebra
internal import Networks

/// The exact update of a graph with what its certifier says, solved once.
public struct GraphSolution: Sendable {
    public let problem: GraphProblem
    public let solve: SolveReport
    public let certificate: GraphCertificate
    /// Processor time of the certificate.
    public let certificateSeconds: Double

    /// Solves and certifies to the solver's tolerance.
    ///
    /// - Throws: `SolveError`.
    public init(_ problem: GraphProblem, options: SolverOptions) throws(SolveError) {
        self.problem = problem
        solve = try GraphSolver(options: options).solve(problem)
        let began = ProcessorTime.ofThread()
        certificate = GraphCertifier(tolerance: options.tolerance).certify(solve.update, for: problem)
        certificateSeconds = ProcessorTime.ofThread() - began
    }

    public var isExact: Bool { certificate.isExact }

    /// Why it is not called exact.
    public var reason: String? {
        certificate.refusal.map { solve.isConverged ? "\($0)" : "\(solve.outcome); \($0)" }
    }
}

extension GraphFile {
    /// The case as a problem.
    ///
    /// - Throws: `GraphError`, `NetworkError`, `ProblemError`.
    public func problem(learningRate: Double) throws -> GraphProblem {
        try GraphProblem(
            network: network, inputs: inputs, targets: targets, loss: loss, learningRate: learningRate)
    }
}

extension RunProvenance {
    /// For one case of a user's whose network is a graph.
    public static func graphFile(command: String, case file: GraphFile, options: SolverOptions) -> Provenance {
        var provenance = base(command: command)
        provenance.set("case", to: .text(file.path))
        provenance.set("network", to: .text(file.network.architecture.summary))
        provenance.set("loss", to: .text(file.loss.name))
        provenance.set("lossOrigin", title: "loss chosen", to: .text(file.lossOrigin.rawValue))
        provenance.set("batchSize", title: "mini-batch", to: .integer(file.inputs.columns))
        provenance.set("weights", to: .text(file.hasSinglePrecision ? "F32, widened" : "F64"))
        provenance.set("solverTolerance", title: "solver tolerance", to: .number(options.tolerance))
        provenance.set("moves", title: "parameters that move", to: "all tensors, each counted once")
        return provenance
    }
}
