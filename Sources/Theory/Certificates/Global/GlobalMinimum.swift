public import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// Whether a solution is the global minimum of `P_α`, proved.
///
/// Where T15 proves that there is one minimiser, nothing is searched. Otherwise the activities of one example are searched by
/// branch and bound, whose time grows exponentially with their number: beyond ``activityLimit`` of them, and for more than one
/// example, nothing is known but the largest learning rate for which T15 proves uniqueness. With a learning rate for each
/// layer, or held parameters, nothing is decided.
public struct GlobalMinimum: Sendable {
    /// The lowest solution known: the one that was given, or a better one that the search led to.
    public let solution: CertifiedUpdate
    /// Whether the search led to a solution that is proved lower than the one given.
    public let hasFoundLower: Bool
    /// A proved lower bound of `P_α`, for all weights; 0 if nothing better is known.
    public let lowerBound: Double
    /// A proved upper bound of `P_α(θ⁺)` of `solution`.
    public let upperBound: Double
    /// The boxes of activities that were bounded.
    public let boxes: Int
    /// Whether T15 proves that `P_α` has no other minimiser.
    public let isUnique: Bool
    /// The largest learning rate for which T15 proves that, to 1 %; `nil` if for none.
    public let largestUniqueRate: Double?

    /// The largest number of activities that are searched.
    public static let activityLimit = 16
    /// The gap that counts as none, relative to `P_α`.
    public static let relativeGap = 1e-6
    /// Larger learning rates are not tried for uniqueness.
    private static let rateLimit = 1e12

    /// `(upperBound − lowerBound)/upperBound`.
    public var gap: Double { upperBound == 0 ? 0 : (upperBound - lowerBound) / upperBound }

    /// Whether no weights have a lower `P_α`, but for twice the gap that counts as none.
    public var isProved: Bool { solution.isExact && gap <= 2 * Self.relativeGap }

    /// - Parameters:
    ///   - solution: an update of the problem; the lower, the faster the search.
    ///   - solver: descends from a lower point, if one is found.
    ///   - boxLimit: the search ends after so many boxes.
    ///   - problem: the case.
    public init(of problem: ProximalProblem, solution: CertifiedUpdate, solver: ProximalSolver, boxLimit: Int) {
        largestUniqueRate = problem.largestCertifiedLearningRate(limit: Self.rateLimit)
        let known = problem.objectiveEnclosure(after: solution.update)
        if problem.rates.isUniform, problem.held.isEmpty, let modulus = problem.convexityCertificate(), let point = solution.certificate.point,
            solution.update.norm <= problem.minimiserRadius {
            // ‖∇P‖ ≤ r‖Δ‖/α, and P falls from here by at most ‖∇P‖²/2 over the modulus of convexity m/α.
            let deviation = Interval(point.residualBound) * Interval.norm(of: solution.update.layers)
            let room = deviation.squared / (Interval(2 * problem.learningRate) * Interval(modulus))
            (self.solution, hasFoundLower, boxes, isUnique) = (solution, false, 0, true)
            (lowerBound, upperBound) = (max(0, (known - room).lower), known.upper)
            return
        }
        isUnique = false
        let rate = Interval(problem.learningRate)
        guard problem.rates.isUniform, problem.held.isEmpty, let energy = BoxEnergy(problem), energy.widths.reduce(0, +) <= Self.activityLimit,
            var search = GlobalSearch(energy, best: (rate * known).upper)
        else {
            (self.solution, hasFoundLower, boxes, lowerBound, upperBound) = (solution, false, 0, 0, known.upper)
            return
        }
        let least = search.run(gap: Self.relativeGap, limit: boxLimit)
        lowerBound = max(0, (Interval(least) / rate).lower)
        boxes = search.boxes
        let found = (Interval(search.best) / rate).upper
        if found < known.lower, let box = search.bestBox,
            let better = try? solver.certified(problem, from: energy.update(box)) {
            let value = problem.objectiveEnclosure(after: better.update)
            if value.upper < known.lower {
                (self.solution, hasFoundLower, upperBound) = (better, true, value.upper)
                return
            }
        }
        (self.solution, hasFoundLower, upperBound) = (solution, false, known.upper)
    }
}

extension GlobalMinimum: CustomStringConvertible {
    public var description: String {
        let lower = hasFoundLower ? "; it is lower than the one that descends from θ_b" : ""
        let unique = largestUniqueRate.map { "T15 proves it the only one up to α = \($0)" } ?? "T15 proves nothing here"
        if isUnique && isProved { return "the only minimum, proved by T15; \(unique)" }
        if isProved {
            return "the global minimum, proved to \(gap) of P_α by \(boxes) boxes of activities\(lower)"
        }
        if boxes > 0 {
            return "not decided by \(boxes) boxes: P_α is at least \(lowerBound) everywhere\(lower); \(unique)"
        }
        return "not decided: more than one example or \(Self.activityLimit) activities are not searched; \(unique)"
    }
}
