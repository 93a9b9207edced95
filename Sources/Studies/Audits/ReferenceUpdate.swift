internal import Certificates
internal import Documents
internal import Graphs
public import ImplicitSGD
public import LinearAlgebra
public import Networks

/// A solve that something is compared with, and what the certifier of its network said.
public struct ReferenceUpdate: Sendable {
    public let solve: SolveReport
    /// Computed anew at the new parameters.
    public let implicitResidual: Double
    /// Units on kinks, by the certificate.
    public let kinkedUnits: [KinkedUnit]
    public let isExact: Bool
    /// Why it is not called exact.
    public let reason: String?

    /// `Δ`.
    public var update: Parameters<Double> { solve.update }
    /// `α`.
    public var learningRate: Double { solve.learningRate }

    init(_ certified: CertifiedUpdate) {
        solve = certified.solve
        implicitResidual = certified.implicitResidual
        kinkedUnits = certified.kinkedUnits
        isExact = certified.isExact
        reason = certified.reason
    }

    init(_ solution: GraphSolution) {
        solve = solution.solve
        implicitResidual = solution.certificate.point?.implicitResidual ?? .infinity
        kinkedUnits = solution.certificate.point?.kinkedUnits ?? []
        isExact = solution.isExact
        reason = solution.reason
    }
}

extension ReferenceUpdate {
    /// The solves that everything is compared with, a row each.
    static func table(_ references: [ReferenceUpdate]) throws -> Table {
        var table = try Table(
            title: "The implicit updates that they are compared with",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("outcome", format: .text),
                Column("implicitResidual", title: "implicit residual", format: .significant(2)),
                Column("lossBefore", title: "loss before", format: .significant(3)),
                Column("lossAfter", title: "loss after", format: .significant(3)),
                Column("updateNorm", title: "‖Δ_imp‖", format: .significant(3)),
                Column("kinkedUnits", title: "on kinks", format: .integer),
                Column("iterations", format: .integer), Column("seconds", title: "time", format: .seconds),
            ])
        for reference in references {
            try table.append([
                .number(reference.learningRate), .text(reference.solve.outcome.name),
                .number(reference.implicitResidual), .number(reference.solve.lossBefore),
                .number(reference.solve.lossAfter), .number(reference.update.norm),
                .integer(reference.kinkedUnits.count), .integer(reference.solve.iterations),
                .number(reference.solve.seconds),
            ])
        }
        return table
    }
}
