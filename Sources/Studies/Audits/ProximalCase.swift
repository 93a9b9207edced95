public import CaseFiles
public import Documents
internal import ErrorTables
public import Certificates
public import ImplicitSGD
internal import JSON
internal import LinearAlgebra
internal import Networks

/// One solved case of a user's, as it is printed.
public struct ProximalCase: Sendable {
    public let report: CertifiedUpdate
    public let starts: MultiStartReport?
    public let global: GlobalMinimum?
    public let provenance: Provenance
    let curvature: SmallestCurvature
    /// What is in a file of new weights, if it was rounded to F32.
    let written: WrittenUpdate?

    /// `roundedFile` is the case whose element types the new weights are written in.
    public init(
        _ report: CertifiedUpdate, of problem: ProximalProblem, starts: MultiStartReport? = nil,
        global: GlobalMinimum? = nil,
        roundedFile: CaseFile? = nil, provenance: Provenance
    ) {
        self.report = report
        self.starts = starts
        self.global = global
        self.provenance = provenance
        curvature = SmallestCurvature(report, in: problem)
        written = roundedFile.flatMap { file in
            report.isExact && file.hasSinglePrecision
                ? WrittenUpdate(report.update, in: file, of: problem, tolerance: report.tolerance) : nil
        }
    }

    /// One flat JSON object and a line break. Keys are always there; what does not apply is `null`.
    ///
    /// The members of `--starts` begin with `starts`, those of `--global` with `global`.
    public var json: String {
        var members = facts.map { JSONValue.Member($0.key, $0.json) }
        members.append(.init("provenance", JSONRenderer().value(of: provenance)))
        return JSONValue.object(members).text() + "\n"
    }

    /// A table of the same facts.
    public func document() throws -> Document {
        var document = Document(
            title: report.isExact
                ? "Exact implicit update"
                : report.isAnswered ? "Implicit update: zero to rounding" : "Implicit update: not certified",
            provenance: provenance)
        document.appendTable(try factTable())
        if let starts { document.appendTable(try Self.startTable(starts)) }
        return document
    }

    /// The facts that mean something to people.
    static func factTable(_ facts: [Fact]) throws -> Table {
        var table = try Table(
            title: "The solution",
            columns: [
                Column("quantity", format: .text, identifiesRow: true),
                Column("value", format: .setting),
                Column("meaning", format: .text),
            ])
        for fact in facts where fact.key != "outcome" && fact.key != "curvature" {
            guard let meaning = fact.meaning else { continue }
            let value: Cell
            switch fact.json {
            case .number(let number): value = .number(number)
            case .integer(let number): value = .number(Double(number))
            default: value = .missing(reason: fact.reason ?? "does not apply")
            }
            try table.append([.text(fact.key), value, .text(meaning)])
        }
        return table
    }

    private func factTable() throws -> Table {
        var table = try Self.factTable(facts)
        table.notes = ["Outcome: \(report.solve.outcome).", "Solver: \(report.solve.method.name)."]
        if let global { table.notes.append("Among all minima: \(global).") }
        if let written { table.notes.append(written.note) }
        if let enclosure = report.certificate.enclosure {
            let minimum = enclosure.isProvedMinimum ? "a strict local minimum" : "a stationary point, not proved a minimum"
            table.notes.append(
                "Proved: an exact update exists at the distance above or nearer, \(minimum), the only stationary point near.")
        }
        if report.certificate.enclosure != nil, let point = report.certificate.point, !point.isWithinTolerance {
            table.notes.append(
                "Rounding hides the residual, which is computed as \(point.implicitResidual): the update is exact by its proved distance.")
        }
        if let reason = report.certificate.point?.notEnclosed { table.notes.append("Proof: \(reason).") }
        if let zero = report.certificate.zero {
            table.notes.append("Certificate: \(zero). The point shown is within that bound of nothing.")
        }
        if let refusal = report.certificate.refusal {
            table.notes.append(
                "The point shown is where the solver stopped, and must not be taken for the solution: \(refusal).")
        }
        return table
    }

    private static func startTable(_ starts: MultiStartReport) throws -> Table {
        var table = try Table(
            title: "Local minima found",
            columns: [
                Column("minimum", format: .integer, identifiesRow: true),
                Column("proximalObjective", title: "P_α(θ⁺)", format: .significant(4)),
                Column("aboveLowest", title: "above the lowest", format: .significant(2)),
                Column("updateNorm", title: "‖Δ‖", format: .significant(4)),
                Column("distance", title: "distance to 1", format: .significant(2)),
                Column("hits", title: "random starts", format: .integer),
            ])
        let lowest = starts.lowest?.objective ?? .nan
        for (index, minimum) in starts.minima.enumerated() {
            let report = minimum.report
            let distance = (report.update - starts.reported.update).norm
            try table.append([
                .integer(index + 1), .number(report.objective), .number(report.objective - lowest),
                .number(report.update.norm), .number(distance), .integer(minimum.hits),
            ])
        }
        table.notes = [
            "Number 1 descends from θ_b and is the one reported; it is "
                + (starts.isReportedLowest ? "the lowest found." : "NOT the lowest found."),
            "\(starts.starts) random starts: \(starts.unconverged) did not converge, "
                + "\(starts.withoutPositiveCurvature) ended where the curvature is not positive.",
        ]
        return table
    }
}

extension ProximalCase {
    /// What a file of new weights says of itself: the same for the same solution, so without times.
    public var fileMetadata: [String: String] {
        [
            "producer": "verify-cli \(RunProvenance.version) prox",
            "alpha": "\(report.learningRate)",
            "implicitResidual": "\(report.implicitResidual)",
            "solver": report.solve.method.name,
            "tolerance": "\(report.tolerance)",
        ]
    }
}
