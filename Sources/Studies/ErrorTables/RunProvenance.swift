public import ImplicitSGD
internal import LinearAlgebra
public import Networks
public import Documents

/// The lines that every output carries, so that its numbers can be made again.
public enum RunProvenance {
    /// The version of the toolkit.
    public static let version = "0.1.0"

    /// What is common to all commands.
    public static func base(command: String) -> Provenance {
        var provenance: Provenance = [:]
        provenance.set("version", to: .text(version))
        provenance.set("command", to: .text(command))
        provenance.set("blas", title: "BLAS", to: .text(BLASLibrary.name))
        provenance.set("blasThreads", title: "BLAS threads", to: .integer(BLASLibrary.threads))
        return provenance
    }

    /// With the cases of a study and the solver's tolerance.
    public static func study(
        command: String, cases: CaseDistribution, solver: ProximalSolver, threads: Int,
        held: HeldParameters = .none
    ) -> Provenance {
        var provenance = base(command: command)
        provenance.set("network", to: .text(cases.architecture.summary))
        provenance.set("initialization", to: .text(cases.initialization.name))
        provenance.set("loss", to: .text(cases.loss.name))
        provenance.set("dataSet", title: "data set", to: .text(cases.source.rawValue))
        provenance.set("batchSize", title: "mini-batch", to: .integer(cases.batchSize))
        provenance.set("cases", to: .integer(cases.count))
        provenance.set("seed", to: .text("\(cases.seed)"))
        provenance.set(
            "solverTolerance", title: "solver tolerance", to: .number(solver.options.tolerance))
        provenance.set("moves", title: "parameters that move", to: .text(held.remainder))
        provenance.set("threads", to: .integer(threads))
        return provenance
    }
}
