internal import ImplicitSGD
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
            Fact("outcome", .string(report.outcome.name)),
            Fact("isExact", .boolean(report.isExact)),
            Fact("outcomeText", .string(report.outcome.description)),
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
            Fact("iterations", .integer(report.iterations), "accepted steps"),
            Fact("factorizations", .integer(report.factorizations), "of a Newton matrix"),
            Fact("hessianProducts", .integer(report.hessianProducts), "with a vector"),
            Fact("seconds", .number(report.seconds), "time of the solve"),
            // Beside `seconds` it would tell a reader little; for programs that compare.
            Fact("processorSeconds", .number(report.processorSeconds)),
            Fact("solver", .string(report.method.name)),
        ] + startFacts
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
}
