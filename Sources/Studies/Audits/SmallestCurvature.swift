internal import ImplicitSGD

/// What is said of the smallest curvature of `P_α` at a solution: a number, or why there is none.
struct SmallestCurvature: Sendable {
    /// The smallest eigenvalue of `∇²P_α`, tangent to the kinks.
    let value: Double?
    /// `proved-positive`, `computed`, `not-positive` or `unknown`.
    let status: String

    init(_ report: SolveReport, in problem: ProximalProblem) {
        guard report.isExact else {
            (value, status) = (nil, "unknown")
            return
        }
        let found: Double =
            if case .smallest(let curvature) = report.curvature {
                curvature
            } else {
                problem.smallestCurvature(after: report.update, kinkedUnits: report.kinkedUnits)
            }
        value = found
        status =
            switch report.curvature {
            case .provedPositive: "proved-positive"
            case .notPositive: "not-positive"
            case .smallest, .unknown: "computed"
            }
    }

    /// For people.
    var explanation: String {
        switch status {
        case "proved-positive": "proved positive: a strict local minimum"
        case "computed": (value ?? 0) > 0 ? "positive: a strict local minimum" : "not positive"
        case "not-positive": "not positive: a saddle point, or a minimum that is not strict"
        default: "not examined, because the solve did not converge"
        }
    }
}
