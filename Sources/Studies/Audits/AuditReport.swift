internal import Certificates
internal import Comparison
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
public import Documents

/// An audit as it is printed.
public struct AuditReport: Sendable {
    public let audit: UpdateAudit
    public let provenance: Provenance

    public init(_ audit: UpdateAudit, provenance: Provenance) {
        self.audit = audit
        self.provenance = provenance
    }

    /// Names of tensors that did not move although their gradient is not zero, or as was asked.
    ///
    /// Empty if nothing moved at all: then nothing was singled out.
    var frozen: [String] {
        audit.updateNorm > 0 ? audit.moves.filter { $0.isFrozen || $0.isHeld && $0.updateNorm == 0 }.map(\.tensor) : []
    }

    /// The verdict in one or two sentences.
    public var verdictText: String { audit.verdict.sentence(frozen: frozen) }

    /// What was compared when some parameters were held fixed; empty if all moved.
    var frozenNote: String? {
        guard audit.held.isEmpty else {
            return "Held, as asked: \(audit.held). All steps that are compared with leave these parameters where they are."
        }
        guard !frozen.isEmpty else { return nil }
        let biases = audit.moves.filter(\.isBias)
        let onlyBiases = biases.allSatisfy(\.isFrozen) && frozen.count == biases.count
        let what = onlyBiases
            ? "No bias moved, although the gradient asks for it"
            : "Did not move, although the gradient asks for it: \(frozen.joined(separator: ", "))"
        return what + ". Distances to explicit SGD and residuals of the implicit equation leave these "
            + "parameters out; distances to the implicit update are to the one that moves them too, unless --hold names them."
    }

    /// The criterion behind the verdict.
    var criterion: String {
        let form = NumberFormat.significant(2)
        return "Criterion: beyond rounding, a relative distance or implicit residual of at most "
            + "\(form.string(RoundingBound.acceptance)). Rounding of the weights that moved, tensor by tensor, "
            + "can make \(form.string(audit.rounding.distance)) of ‖Δ‖. If explicit and implicit SGD both fit, the verdict names "
            + "one only if it is ten times closer."
    }

    /// The audit for people.
    public func document() throws -> Document {
        var document = Document(title: "Audit of an update", provenance: provenance)
        document.appendParagraph("Verdict: " + verdictText)
        if audit.updateNorm > 0 { document.appendParagraph(criterion) }
        if let frozenNote { document.appendParagraph(frozenNote) }
        if audit.hasKinks {
            document.appendParagraph(
                "The activation has kinks, and units of an implicit update often sit on one. The residual takes one slope "
                    + "there and can be large although the update is exact: trust the distance, not the residual.")
        }
        document.appendTable(try nearestTable())
        if !audit.entries.isEmpty {
            document.appendTable(try distanceTable())
            if audit.entries.contains(where: { !$0.rules.isEmpty }) {
                document.appendTable(try ruleTable())
            }
            document.appendTable(
                try ReferenceUpdate.table(audit.entries.compactMap { try? $0.solve.get() }))
        }
        document.appendTable(try moveTable())
        return document
    }

    private func nearestTable() throws -> Table {
        var table = try Table(
            title: "The learning rates that fit best",
            columns: [
                Column("hypothesis", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting),
                Column("error", title: "error", format: .significant(2)),
                Column("measure", format: .text),
            ])
        func add(_ hypothesis: String, _ rate: Double?, _ error: Double?, _ what: String, _ why: String) throws {
            try table.append([
                .text(hypothesis), rate.map(Cell.number) ?? .missing(reason: why),
                error.map(Cell.number) ?? .missing(reason: why), .text(what),
            ])
        }
        try add(
            "explicit, Δ = −α∇L(θ_b)", audit.nearestExplicit?.learningRate,
            audit.nearestExplicit?.error, "relative distance",
            "the update does not point against the gradient at the old weights")
        try add(
            "implicit, Δ = −α∇L(θ_after)", audit.consistentImplicit?.learningRate,
            audit.consistentImplicit?.error, "implicit residual of Δ",
            "the update does not point against the gradient at the new weights")
        try add(
            "nearest solved implicit update", audit.nearestImplicit?.report.learningRate,
            audit.nearestImplicit?.distance.relativeDistance, "relative distance",
            "no implicit update was found")
        if let nearest = audit.nearestImplicit {
            table.notes = [
                "The last is the best of \(nearest.solves) solves, at the learning rates above and asked for and, unless one fits "
                    + "there, for 1e-4 ≤ α ≤ 1e4; \(nearest.unsolved) of them without result. Its certificate is an implicit residual of "
                    + "\(NumberFormat.significant(2).string(nearest.report.implicitResidual))."
            ]
        }
        return table
    }

    private func distanceTable() throws -> Table {
        var table = try Table(
            title: "At the learning rates asked for",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("explicitDistance", title: "to explicit", format: .significant(3)),
                Column("explicitCosine", title: "cosine", format: .significant(3)),
                Column("implicitDistance", title: "to implicit", format: .significant(3)),
                Column("implicitCosine", title: "cosine", format: .significant(3)),
                Column("proximalGap", title: "proximal gap", format: .significant(3)),
                Column("implicitResidual", title: "implicit residual", format: .significant(3)),
            ])
        for entry in audit.entries {
            let reason = Cell.missing(reason: Self.reason(entry) ?? "")
            try table.append([
                .number(entry.learningRate), .number(entry.explicit.relativeDistance),
                .number(entry.explicit.cosine),
                entry.implicit.map { .number($0.relativeDistance) } ?? reason,
                entry.implicit.map { .number($0.cosine) } ?? reason,
                entry.proximalGap.map(Cell.number) ?? reason,
                .number(entry.residual),
            ])
        }
        table.notes = ["Relative distances ‖Δ − Δ_ref‖/‖Δ_ref‖; residual ‖Δ + α∇L(θ_after)‖/‖Δ‖."]
        return table
    }

    private func ruleTable() throws -> Table {
        let names = audit.entries.first?.rules.map(\.name) ?? []
        var table = try Table(
            title: "Relative distance to the updates of other rules",
            columns: [Column("rule", format: .text, identifiesRow: true)]
                + audit.entries.enumerated().map { index, entry in
                    Column(
                        "alpha\(index)",
                        title: "α = " + NumberFormat.setting.string(entry.learningRate),
                        format: .significant(3))
                })
        for (row, name) in names.enumerated() {
            try table.append(
                [.text(name)]
                    + audit.entries.map { entry in
                        entry.rules[row].distance.map(Cell.number)
                            ?? .missing(reason: "the rule has no update here")
                    })
        }
        return table
    }

    private func moveTable() throws -> Table {
        var table = try Table(
            title: "What moved",
            columns: [
                Column("tensor", format: .text, identifiesRow: true),
                Column("updateNorm", title: "‖Δ‖", format: .significant(3)),
                Column("normBefore", title: "norm before", format: .significant(3)),
                Column("gradientNorm", title: "‖∇L(θ_b)‖", format: .significant(3)),
                Column("frozen", title: "held fixed", format: .boolean),
                Column("lost", title: "lost to rounding", format: .boolean),
            ])
        for move in audit.moves {
            try table.append([
                .text(move.tensor), .number(move.updateNorm), .number(move.normBefore),
                .number(move.gradientNorm), .boolean(move.isFrozen), .boolean(move.isLost),
            ])
        }
        return table
    }

    /// Why there is no implicit update at a learning rate.
    static func reason(_ entry: UpdateAudit.Entry) -> String? {
        switch entry.solve {
        case .success(let report): report.reason
        case .failure(let error): "\(error)"
        }
    }
}
