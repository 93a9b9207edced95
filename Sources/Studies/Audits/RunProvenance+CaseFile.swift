public import CaseFiles
public import Documents
public import ErrorTables
public import ImplicitSGD
internal import LinearAlgebra
public import Networks

extension RunProvenance {
    /// For one case of a user's, with the solver's tolerance.
    ///
    /// - Parameter seed: where something was random.
    /// - Parameter command: the command line as it was given.
    /// - Parameter file: the case.
    /// - Parameter solver: whose tolerance is stated.
    /// - Parameter rateMultiples: those of the layers, if they differ.
    /// - Parameter held: what does not move.
    public static func caseFile(
        command: String, case file: CaseFile, solver: ProximalSolver, seed: UInt64? = nil,
        rateMultiples: [Double]? = nil, held: HeldParameters = .none
    ) -> Provenance {
        var provenance = base(command: command)
        provenance.set("case", to: .text(file.path))
        provenance.set("network", to: .text(file.network.architecture.summary))
        if file.network.architecture.depth > 1 {
            provenance.set(
                "activationOrigin", title: "activation", to: .text(file.activationOrigin.rawValue))
        }
        provenance.set("loss", to: .text("\(file.loss.name)"))
        provenance.set("lossOrigin", title: "loss chosen", to: .text(file.lossOrigin.rawValue))
        provenance.set("batchSize", title: "mini-batch", to: .integer(file.batch.size))
        provenance.set("weights", to: .text(file.hasSinglePrecision ? "F32, widened" : "F64"))
        provenance.set(
            "solverTolerance", title: "solver tolerance", to: .number(solver.options.tolerance))
        provenance.set("moves", title: "parameters that move", to: .text(held.remainder))
        if let rateMultiples {
            provenance.set(
                "alphaLayers", title: "αₙ/α", to: .text(rateMultiples.map { "\($0)" }.joined(separator: ",")))
        }
        if let seed { provenance.set("seed", to: .text("\(seed)")) }
        return provenance
    }
}
