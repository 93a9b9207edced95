public import Statistics

/// What the measured rates of a condition say about it; not an opinion but a function of counts and of
/// declared thresholds (``FindingCriteria``).
public enum Finding: String, Sendable, Hashable, CaseIterable {
    /// True in nearly all cases of the population.
    case holds
    /// Not true in general, but in nearly all cases of some region, which can be named.
    case conditional
    /// True in most cases, and of no region is it known that it is true in nearly all: the rate says all. More cases
    /// may show such a region, and make it conditional.
    case mixed
    /// True in no more than half of the cases, and in nearly all of no region.
    case refuted
    /// The intervals still contain a threshold: too few cases to say.
    case undecided
}

/// From which rates on a condition holds, and up to which it is refuted.
///
/// Cases are independent draws from one population (their size does not grow), so the exact intervals of
/// Clopper and Pearson apply. The interval of the whole population has the stated confidence; those of the
/// regions have it simultaneously (Bonferroni), since the finding picks the best of them.
public struct FindingCriteria: Sendable, Hashable {
    /// A condition holds where the interval lies at or above this rate.
    public var holdsFrom: Double
    /// It is refuted where the interval lies at or below this rate.
    public var refutedUpTo: Double
    public var confidence: Double

    public init(holdsFrom: Double = 0.95, refutedUpTo: Double = 0.5, confidence: Double = 0.95) {
        self.holdsFrom = holdsFrom
        self.refutedUpTo = refutedUpTo
        self.confidence = confidence
    }

    /// The confidence of each of `regions` intervals that together have `confidence`.
    public func simultaneous(_ regions: Int) -> Double {
        1 - (1 - confidence) / Double(max(1, regions))
    }

    /// Whether nearly all cases of a population or region are true.
    public func holds(_ interval: ClopperPearson) -> Bool { interval.lower >= holdsFrom }

    /// The finding; for two samples of one population no two decided findings contradict each other (a mixed
    /// condition may turn out conditional), except with the probability that the intervals leave.
    public func finding(overall: ClopperPearson, regions: [ClopperPearson]) -> Finding {
        if holds(overall) { return .holds }
        guard overall.upper < holdsFrom else { return .undecided }
        if regions.contains(where: holds) { return .conditional }
        if overall.lower > refutedUpTo { return .mixed }
        // A region that may still turn out to hold keeps the condition from being refuted.
        let isNowhereTrue = regions.allSatisfy { $0.upper < holdsFrom }
        return overall.upper <= refutedUpTo && isNowhereTrue ? .refuted : .undecided
    }
}
