public import CaseFiles
public import Documents
internal import ErrorTables
internal import Graphs
internal import ImplicitSGD
internal import JSON
internal import LinearAlgebra
internal import Networks

/// One solved case of a user's whose network is a graph, as it is printed: the keys are those of `ProximalCase`.
public struct GraphProximalCase: Sendable {
    public let solution: GraphSolution
    public let provenance: Provenance
    /// The certificate of the parameters as they are written in F32, and what rounding took.
    private let written: (residual: Double, lostPart: Double)?

    /// - Parameter solution: what is printed.
    /// - Parameter roundedFile: the case whose element types the new parameters are written in.
    /// - Parameter provenance: what the output says of itself.
    public init(_ solution: GraphSolution, roundedFile: GraphFile? = nil, provenance: Provenance) {
        self.solution = solution
        self.provenance = provenance
        written = roundedFile.flatMap { file in
            guard solution.isExact, file.hasSinglePrecision else { return nil }
            let rounded = file.written(solution.solve.update, precision: .asInCase)
            let certificate = GraphCertifier(tolerance: solution.solve.tolerance).certify(rounded, for: solution.problem)
            return (
                certificate.point?.implicitResidual ?? .infinity,
                (rounded - solution.solve.update).norm / solution.solve.update.norm
            )
        }
    }

    private var facts: [ProximalCase.Fact] {
        typealias Fact = ProximalCase.Fact
        let (report, certificate) = (solution.solve, solution.certificate)
        let point = certificate.point
        let curvature = point?.minimum.curvature
        return [
            Fact("alpha", .number(report.learningRate), "learning rate α"),
            Fact("outcome", .string(report.outcome.name)),
            Fact("isExact", .boolean(solution.isExact)),
            Fact("outcomeText", .string(report.outcome.description)),
            Fact("proximalObjective", .number(report.objective), "P_α(w⁺) = L(w⁺) + ‖Δ‖²/(2α)"),
            Fact("lossBefore", .number(report.lossBefore), "L(w_b)"),
            Fact("lossAfter", .number(report.lossAfter), "L(w⁺)"),
            Fact(
                "implicitResidual", .number(point?.implicitResidual ?? .infinity),
                "‖Δ + α∇L(w⁺)‖/‖Δ‖, computed anew at the new parameters"),
            Fact("tolerance", .number(report.tolerance), "the bound asked for"),
            Fact("updateNorm", .number(report.update.norm), "‖Δ‖"),
            Fact(
                "smallestCurvature", curvature.map(JSONValue.number) ?? .null,
                "smallest curvature of P_α seen, a bound from above", reason: point?.minimum.text ?? "not examined"),
            Fact("curvature", .string(point?.minimum.status ?? "unknown")),
            Fact("kinkedUnits", .integer(point?.kinkedUnits.count ?? 0), "units that sit on a kink"),
            Fact("iterations", .integer(report.iterations), "accepted steps"),
            Fact("factorizations", .integer(report.factorizations), "of a kernel of the outputs and kinks"),
            Fact("hessianProducts", .integer(report.hessianProducts), "with a vector"),
            Fact("seconds", .number(report.seconds), "time of the solve"),
            Fact("processorSeconds", .number(report.processorSeconds)),
            Fact("solver", .string(report.method.name)),
            Fact("certificate", .string(certificate.name)),
            Fact("refusal", certificate.refusal.map { .string($0.name) } ?? .null),
            Fact("refusalText", certificate.refusal.map { .string($0.description) } ?? .null),
            // Not proved for graphs: the keys are there for programs that read chains.
            Fact("residualBound", .null), Fact("lostPart", .null), Fact("zeroBound", .null),
            Fact("writtenResidual", written.map { .number($0.residual) } ?? .null),
            Fact("writtenLostPart", written.map { .number($0.lostPart) } ?? .null),
            Fact("minimum", .string(point?.minimum.name ?? "not-examined")),
            Fact("minimumText", .string(point?.minimum.text ?? "not examined, because the update is not certified")),
            Fact("certificateSeconds", .number(solution.certificateSeconds)),
        ]
    }

    /// One flat JSON object and a line break.
    public var json: String {
        var members = facts.map { JSONValue.Member($0.key, $0.json) }
        members.append(.init("provenance", JSONRenderer().value(of: provenance)))
        return JSONValue.object(members).text() + "\n"
    }

    /// A table of the same facts.
    public func document() throws -> Document {
        var document = Document(
            title: solution.isExact ? "Exact implicit update" : "Implicit update: not certified", provenance: provenance)
        var table = try ProximalCase.factTable(facts)
        table.notes = ["Outcome: \(solution.solve.outcome).", "Solver: \(solution.solve.method.name)."]
        if let minimum = solution.certificate.point?.minimum { table.notes.append("Minimum: \(minimum.text).") }
        if let written {
            let number = { (value: Double) in NumberFormat.significant(2).string(value) }
            table.notes.append(
                "The file holds F32: rounding moved the new parameters by \(number(written.lostPart)) of ‖Δ‖, and at "
                    + "the parameters as written the implicit residual is \(number(written.residual)).")
        }
        if let refusal = solution.certificate.refusal {
            table.notes.append(
                "The point shown is where the solver stopped, and must not be taken for the solution: \(refusal).")
        }
        document.appendTable(table)
        return document
    }

    /// What a file of new parameters says of itself: the same for the same solution, so without times.
    public var fileMetadata: [String: String] {
        [
            "producer": "verify-cli \(RunProvenance.version) prox", "alpha": "\(solution.solve.learningRate)",
            "implicitResidual": "\(solution.certificate.point?.implicitResidual ?? .infinity)",
            "solver": solution.solve.method.name, "tolerance": "\(solution.solve.tolerance)",
        ]
    }
}

extension GraphMinimum {
    /// The smallest Ritz value, where there is one.
    var curvature: Double? {
        if case .notDecided(_, let curvature) = self { curvature } else { nil }
    }

    /// As `SmallestCurvature.status`.
    var status: String {
        switch self {
        case .strict: "positive-by-factorization"
        case .notDecided(_, let curvature): curvature == nil ? "unknown" : "computed"
        case .notExamined: "unknown"
        }
    }

    /// For people.
    var text: String {
        switch self {
        case .strict: "positive by a Cholesky factorization in double precision: a strict local minimum, not proved"
        case .notDecided(let why, _): "whether this is a minimum is not decided: \(why)"
        case .notExamined: "not examined, because the update is not certified"
        }
    }
}
