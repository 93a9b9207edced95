internal import Certificates
internal import Comparison
internal import ImplicitSGD
internal import JSON
internal import LinearAlgebra
internal import LearningRules
internal import Networks
internal import Documents

extension AuditReport {
    /// One JSON object and a line break; what does not exist is `null`.
    public var json: String {
        let value: JSONValue = [
            "verdict": .string(audit.verdict.name),
            "verdictText": .string(verdictText),
            "verdictAlpha": Self.number(audit.verdict.learningRate),
            "verdictTerms": terms,
            "verdictConventions": conventions,
            "acceptance": .number(RoundingBound.acceptance),
            "roundingDistance": .number(audit.rounding.distance),
            "updateNorm": .number(audit.updateNorm),
            "nearestExplicit": Self.fit(audit.nearestExplicit, "relativeDistance"),
            "consistentImplicit": Self.fit(audit.consistentImplicit, "implicitResidual"),
            "nearestImplicit": nearestImplicit,
            "results": .array(audit.entries.map(Self.result)),
            "parameters": .array(audit.moves.map(Self.move)),
            "heldFixed": .array(frozen.map(JSONValue.string)),
            "provenance": JSONRenderer().value(of: provenance),
        ]
        return value.text() + "\n"
    }

    /// The coefficients of a recognised combination by name, `null` where the verdict is none.
    private var terms: JSONValue {
        guard case .family(let match) = audit.verdict else { return .null }
        return .object(match.terms.map { .init($0.name, .number($0.value)) })
    }

    /// The conventions in force in the rule that the update is of, `null` where the verdict is none.
    private var conventions: JSONValue {
        guard case .rule(_, let conventions, _) = audit.verdict else { return .null }
        return .array(conventions.map { .string($0.rawValue) })
    }

    private static func number(_ value: Double?) -> JSONValue {
        value.map(JSONValue.number) ?? .null
    }

    private static func fit(_ fit: UpdateAudit.Fit?, _ measure: String) -> JSONValue {
        guard let fit else { return .null }
        return .object([
            .init("alpha", .number(fit.learningRate)), .init(measure, .number(fit.error)),
        ])
    }

    private var nearestImplicit: JSONValue {
        guard let nearest = audit.nearestImplicit else { return .null }
        return [
            "alpha": .number(nearest.report.learningRate),
            "relativeDistance": .number(nearest.distance.relativeDistance),
            "cosine": .number(nearest.distance.cosine),
            "normRatio": .number(nearest.distance.normRatio),
            "outcome": .string(nearest.report.solve.outcome.name),
            "exactImplicitResidual": .number(nearest.report.implicitResidual),
            "solves": .integer(nearest.solves),
            "unsolved": .integer(nearest.unsolved),
        ]
    }

    private static func result(_ entry: UpdateAudit.Entry) -> JSONValue {
        let report = try? entry.solve.get()
        return [
            "alpha": .number(entry.learningRate),
            "explicitDistance": .number(entry.explicit.relativeDistance),
            "explicitCosine": .number(entry.explicit.cosine),
            "explicitNormRatio": .number(entry.explicit.normRatio),
            "implicitDistance": number(entry.implicit?.relativeDistance),
            "implicitCosine": number(entry.implicit?.cosine),
            "implicitNormRatio": number(entry.implicit?.normRatio),
            "proximalGap": number(entry.proximalGap),
            "implicitResidual": .number(entry.residual),
            "rules": .object(entry.rules.map { .init($0.name, number($0.distance)) }),
            "outcome": report.map { .string($0.solve.outcome.name) } ?? .null,
            "exactImplicitResidual": number(report?.implicitResidual),
            "reason": reason(entry).map(JSONValue.string) ?? .null,
        ]
    }

    private static func move(_ move: ParameterMove) -> JSONValue {
        [
            "tensor": .string(move.tensor), "updateNorm": .number(move.updateNorm),
            "normBefore": .number(move.normBefore), "gradientNorm": .number(move.gradientNorm),
            "heldFixed": .boolean(move.isFrozen), "heldByRequest": .boolean(move.isHeld), "lostToRounding": .boolean(move.isLost),
        ]
    }
}
