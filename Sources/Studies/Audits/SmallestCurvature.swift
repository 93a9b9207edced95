internal import Certificates
internal import ImplicitSGD
internal import Networks

/// What is said of the smallest curvature of `P_α` at a solution: a number, or why there is none.
struct SmallestCurvature: Sendable {
    /// The smallest eigenvalue of `∇²P_α`, tangent to the kinks; at a saddle on the sides on which a lower point was
    /// found.
    let value: Double?
    /// `proved-positive`, `positive-by-factorization` (in double precision, so no proof), `computed`, `not-positive` or `unknown`.
    let status: String
    /// The certifier's word: `strict`, `saddle`, `not-decided` or `not-examined`.
    let minimum: String
    /// For people.
    let explanation: String

    init(_ report: CertifiedUpdate, in problem: ProximalProblem) {
        func smallest(_ units: [KinkedUnit]) -> Double {
            problem.smallestCurvature(after: report.update, kinkedUnits: units)
        }
        switch report.certificate.point?.minimum {
        case .strict where report.certificate.enclosure?.isProvedMinimum == true:
            value = smallest(report.kinkedUnits)
            (status, minimum) = ("proved-positive", "strict")
            explanation = "positive, proved with every rounding bounded: a strict local minimum"
        case .strict:
            value = smallest(report.kinkedUnits)
            (status, minimum) = ("positive-by-factorization", "strict")
            explanation = "positive by a Cholesky factorization in double precision: a strict local minimum, not proved"
        case .saddle(let lower):
            value = smallest(lower.sides)
            (status, minimum) = ("not-positive", "saddle")
            explanation = "not positive: a saddle point, \(lower.decrease) above another point"
        case .notDecided(let why):
            value = smallest(report.kinkedUnits)
            (status, minimum) = ("computed", "not-decided")
            explanation = "computed; whether this is a minimum is not decided: \(why)"
        case .notExamined, nil:
            value = nil
            (status, minimum) = ("unknown", "not-examined")
            explanation = "not examined, because the update is not certified"
        }
    }
}
