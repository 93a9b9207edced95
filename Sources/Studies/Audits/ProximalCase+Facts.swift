internal import Certificates
internal import ImplicitSGD
internal import Intervals
internal import JSON
internal import LinearAlgebra
internal import Networks
internal import Documents

extension ProximalCase {
    /// One number or word of the result.
    struct Fact {
        let key: String
        let json: JSONValue
        /// For people; `nil` where only programs need it.
        var meaning: String?
        /// Why there is no value.
        var reason: String?

        init(_ key: String, _ json: JSONValue, _ meaning: String? = nil, reason: String? = nil) {
            self.key = key
            self.json = json
            self.meaning = meaning
            self.reason = reason
        }
    }

    /// The facts in the order of the JSON object.
    var facts: [Fact] {
        [
            Fact("alpha", .number(report.learningRate), "learning rate α"),
            Fact("outcome", .string(report.solve.outcome.name)),
            Fact("isExact", .boolean(report.isExact)),
            Fact("outcomeText", .string(report.solve.outcome.description)),
            Fact("proximalObjective", .number(report.objective), "P_α(θ⁺) = L(θ⁺) + ‖Δ‖²/(2α)"),
            Fact("lossBefore", .number(report.lossBefore), "L(θ_b)"),
            Fact("lossAfter", .number(report.lossAfter), "L(θ⁺)"),
            Fact(
                "implicitResidual", .number(report.implicitResidual),
                "‖Δ + α∇L(θ⁺)‖/‖Δ‖, computed anew at the new weights"),
            Fact("tolerance", .number(report.tolerance), "the bound asked for"),
            Fact("updateNorm", .number(report.update.norm), "‖Δ‖"),
            Fact(
                "smallestCurvature", curvature.value.map(JSONValue.number) ?? .null,
                "smallest eigenvalue of ∇²P_α", reason: curvature.explanation),
            Fact("curvature", .string(curvature.status)),
            Fact("kinkedUnits", .integer(report.kinkedUnits.count), "units that sit on a kink"),
            Fact("iterations", .integer(report.solve.iterations), "accepted steps"),
            Fact("factorizations", .integer(report.solve.factorizations), "of a Newton matrix"),
            Fact("hessianProducts", .integer(report.solve.hessianProducts), "with a vector"),
            Fact("seconds", .number(report.solve.seconds), "time of the solve"),
            // Beside `seconds` it would tell a reader little; for programs that compare.
            Fact("processorSeconds", .number(report.solve.processorSeconds)),
            Fact("solver", .string(report.solve.method.name)),
        ] + certificateFacts + proofFacts + startFacts + globalFacts
    }

    /// What the certifier says, by the problem and the update alone.
    private var certificateFacts: [Fact] {
        let certificate = report.certificate
        let point = certificate.point
        return [
            Fact("certificate", .string(certificate.name)),
            Fact("refusal", certificate.refusal.map { .string($0.name) } ?? .null),
            Fact("refusalText", certificate.refusal.map { .string($0.description) } ?? .null),
            Fact(
                "residualBound", .number(point?.residualBound ?? .infinity),
                "proved bound of the residual, rounding included"),
            Fact(
                "lostPart", .number(point?.lostPart ?? .infinity),
                "what rounding of the new weights takes of Δ, relative to ‖Δ‖"),
            Fact(
                "zeroBound", certificate.zero.map { .number($0.bound) } ?? .null,
                certificate.zero == nil ? nil : "proved bound of ‖Δ‖: the update is zero to rounding"),
            Fact("writtenResidual", written.map { .number($0.implicitResidual) } ?? .null),
            Fact("writtenLostPart", written.map { .number($0.lostPart) } ?? .null),
            Fact("minimum", .string(curvature.minimum)),
            Fact("minimumText", .string(curvature.explanation)),
            Fact("certificateSeconds", .number(report.certificateSeconds)),
        ]
    }

    /// What `--proved` adds: nothing is left out where nothing was proved, it is `null` and a reason stands beside it.
    private var proofFacts: [Fact] {
        let refusal = report.certificate.point?.notEnclosed
        let enclosure = report.certificate.enclosure
        guard refusal != nil || enclosure != nil else { return [] }
        func bound(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        let why = refusal?.description
        return [
            Fact(
                "provedDistance", bound(enclosure?.distance.upper),
                "proved bound of ‖Δ − Δ_imp‖/‖Δ_imp‖: an exact update is as near", reason: why),
            Fact(
                "provedRadius", bound(enclosure?.radius), "proved bound of the error of every activity of the exact update",
                reason: why),
            Fact("provedUniquenessRadius", bound(enclosure?.uniquenessRadius)),
            Fact("provedContraction", bound(enclosure?.contraction)),
            Fact("provedMinimum", enclosure.map { .boolean($0.isProvedMinimum) } ?? .null),
            Fact("provedHeldUnits", enclosure.map { .integer($0.heldUnits) } ?? .null),
            Fact("provedObjectiveLower", bound(enclosure?.objective.lower)),
            Fact("provedObjectiveUpper", bound(enclosure?.objective.upper)),
            Fact("provedLossLower", bound(enclosure?.loss.lower)),
            Fact("provedLossUpper", bound(enclosure?.loss.upper)),
            Fact("notEnclosed", refusal.map { .string($0.name) } ?? .null),
            Fact("notEnclosedText", why.map(JSONValue.string) ?? .null),
        ]
    }

    private var startFacts: [Fact] {
        guard let starts else { return [] }
        return [
            Fact("starts", .integer(starts.starts)),
            Fact("startsUnconverged", .integer(starts.unconverged)),
            Fact("startsWithoutPositiveCurvature", .integer(starts.withoutPositiveCurvature)),
            Fact("startsDistinctMinima", .integer(starts.minima.count)),
            Fact("startsReportedIsLowest", .boolean(starts.isReportedLowest)),
            Fact("startsLowestObjective", starts.lowest.map { .number($0.objective) } ?? .null),
        ]
    }

    private var globalFacts: [Fact] {
        guard let global else { return [] }
        return [
            Fact("globalMinimum", .string(global.isProved ? global.isUnique ? "unique" : "proved" : "not-decided")),
            Fact("globalText", .string(global.description)),
            Fact("globalLowerBound", .number(global.lowerBound), "proved: P_α is nowhere lower"),
            Fact("globalUpperBound", .number(global.upperBound), "proved: P_α(θ⁺) is not higher"),
            Fact("globalFoundLower", .boolean(global.hasFoundLower)),
            Fact("globalBoxes", .integer(global.boxes), "boxes of activities bounded"),
            Fact(
                "globalUniqueUpTo", global.largestUniqueRate.map(JSONValue.number) ?? .null,
                "the largest α for which T15 proves that there is one minimum",
                reason: "T15 proves it for no α"),
        ]
    }
}
