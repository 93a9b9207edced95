/// How a property is checked. All settings have fixed defaults, so a check is deterministic unless asked otherwise.
public struct CheckSettings: Sendable, Hashable {
    /// What a run does when a case fails.
    public enum FailurePolicy: Sendable, Hashable {
        /// End with the first failing case.
        case stop
        /// Run all cases and count the failures: for statistical claims.
        case countAll
    }

    /// How many cases must be run to the end, discarded ones not counted.
    public var cases: Int
    public var seed: UInt64
    public var sizes: SizeSchedule
    /// The run is exhausted when it has discarded more than this many cases for each required one.
    public var discardsPerCase: Int
    /// How many replays the search for a smaller counterexample may take.
    public var shrinkLimit: Int
    public var failurePolicy: FailurePolicy

    public init(
        cases: Int = 100, seed: UInt64 = 1, sizes: SizeSchedule = SizeSchedule(), discardsPerCase: Int = 10,
        shrinkLimit: Int = 5_000, failurePolicy: FailurePolicy = .stop
    ) {
        self.cases = cases
        self.seed = seed
        self.sizes = sizes
        self.discardsPerCase = discardsPerCase
        self.shrinkLimit = shrinkLimit
        self.failurePolicy = failurePolicy
    }

    /// These settings with a seed of the system's choosing: new cases with each call. The seed is in the report, and
    /// tokens replay as always.
    public func exploring() -> CheckSettings {
        var settings = self
        var system = SystemRandomNumberGenerator()
        settings.seed = system.next()
        return settings
    }

    /// The token of case `index`.
    func token(ofCase index: Int) -> ReplayToken {
        .seeded(seed: seed, index: index, size: sizes.size(ofCase: index))
    }

    /// The most cases a run may discard.
    var discardLimit: Int {
        let (limit, overflow) = max(0, discardsPerCase).multipliedReportingOverflow(by: max(0, cases))
        return overflow ? .max : limit
    }
}
