public import PropertyTesting
public import Statistics

/// The rates of one condition, and what they say.
public struct ConditionRates: Sendable {
    public let condition: ClaimCondition
    /// Over all cases in which both sides were measured, with those in which they should have been: the interval counts
    /// these on both sides.
    public let overall: ClopperPearson
    /// By axis and region of the claim, with simultaneous confidence.
    public let regions: [[ClopperPearson]]
    public let finding: Finding

    /// Whether the finding is another one than that on record. Where one of them is undecided it is not, nor where
    /// these cases are too few to show the regions on record.
    public var contradictsRecord: Bool {
        switch (finding, condition.recorded) {
        case (.undecided, _), (_, .undecided), (.mixed, .conditional): false
        case let (found, recorded): found != recorded
        }
    }
}

/// What a run of a claim found. It depends on the claim and the settings alone, not on the number of threads.
public struct ClaimReport: Sendable {
    /// Of each condition, in the claim's order.
    public let rates: [ConditionRates]
    /// The survey itself: cases, discards with their reasons, labels.
    public let survey: PropertyReport
    /// The smallest clear counterexample that shrinking found; nil if the survey met none.
    public let counterexample: Counterexample?
    /// Whether too many cases were discarded to run as many as asked for. Then nothing is decided.
    public let isExhausted: Bool

    /// That of the deciding condition.
    public var finding: Finding { rates[0].finding }
    public var contradictsRecord: Bool { rates.contains(where: \.contradictsRecord) }
}

extension Claim {
    /// Measures the claim on `settings.cases` cases, then looks for the smallest counterexample among as many others.
    ///
    /// - Parameters:
    ///   - settings: of which the number of cases, the seed and the discard limit count.
    ///   - threads: on how many cases are measured at once; the report does not depend on it.
    ///   - shrinkLimit: the most attempts to make a counterexample smaller.
    ///   - observe: Called for each drawn case, discarded ones too, in order.
    public func measure(
        _ settings: CheckSettings, threads: Int = 1, shrinkLimit: Int = 20_000,
        observe: (CaseRecord) -> Void = { _ in }
    ) -> ClaimReport {
        let (report, cases) = Self.measurements(survey, settings, threads, observe)
        var counterexample: Counterexample?
        if report.failures > 0 {
            var settings = settings
            settings.failurePolicy = .stop
            settings.shrinkLimit = shrinkLimit
            // Small cases first: from them there is less to shrink.
            settings.sizes = SizeSchedule()
            counterexample = counterexamples.check(settings, threads: threads).counterexample
        }
        let isExhausted = report.cases < settings.cases
        return ClaimReport(
            rates: conditions.map { rates($0, cases, isExhausted: isExhausted) }, survey: report,
            counterexample: counterexample, isExhausted: isExhausted)
    }

    /// Measures the deciding condition with a plant's rule.
    public func measure(_ plant: Plant, _ settings: CheckSettings, threads: Int = 1) -> ConditionRates {
        let (_, cases) = Self.measurements(plant.property, settings, threads)
        return rates(condition, cases, isExhausted: cases.count < settings.cases)
    }

    /// What all cases that were not discarded measure; each of full size, failing ones too.
    private static func measurements(
        _ property: CheckableProperty, _ settings: CheckSettings, _ threads: Int,
        _ observe: (CaseRecord) -> Void = { _ in }
    ) -> (PropertyReport, [[String: Double]]) {
        var settings = settings
        settings.sizes = .constant(100)
        settings.failurePolicy = .countAll
        settings.shrinkLimit = 0
        var cases: [[String: Double]] = []
        let report = property.check(settings, threads: threads) { record in
            if record.isInPopulation { cases.append(record.measurements) }
            observe(record)
        }
        return (report, cases)
    }

    private func rates(
        _ condition: ClaimCondition, _ cases: [[String: Double]], isExhausted: Bool
    ) -> ConditionRates {
        var overall = Count()
        var regions = axes.map { Array(repeating: Count(), count: $0.regions.count) }
        for measurements in cases {
            let isHeld = condition.isHeld(measurements)
            guard isHeld != nil || condition.isUndecided(measurements) else { continue }
            overall.add(isHeld)
            for (n, axis) in axes.enumerated() {
                if let region = axis.region(measurements) { regions[n][region].add(isHeld) }
            }
        }
        let confidence = criteria.simultaneous(regions.joined().count)
        let whole = overall.interval(criteria.confidence)
        let intervals = regions.map { $0.map { $0.interval(confidence) } }
        // Regions without a case say nothing about where the condition is true.
        let met = intervals.joined().filter { $0.trials + $0.undecided > 0 }
        return ConditionRates(
            condition: condition, overall: whole, regions: intervals,
            finding: isExhausted ? .undecided : criteria.finding(overall: whole, regions: Array(met)))
    }
}

extension CaseRecord {
    /// Whether the case counts for a claim: it was measured, or should have been and its exact update was not found.
    fileprivate var isInPopulation: Bool {
        verdict.margin != nil || measurements[ClaimCondition.unsolved] != nil
    }
}

/// How often, of how many.
private struct Count {
    private var held = 0
    private var trials = 0
    private var undecided = 0

    mutating func add(_ isHeld: Bool?) {
        if let isHeld {
            held += isHeld ? 1 : 0
            trials += 1
        } else {
            undecided += 1
        }
    }

    func interval(_ confidence: Double) -> ClopperPearson {
        guard let interval = try? ClopperPearson(
            successes: held, trials: trials, undecided: undecided, confidence: confidence)
        else { preconditionFailure("held is at most trials, and the confidence is a constant") }
        return interval
    }
}
