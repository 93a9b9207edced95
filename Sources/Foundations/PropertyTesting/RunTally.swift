/// The part of a case's run that crosses threads.
struct DrawnCase: Sendable {
    let verdict: CaseVerdict
    let labels: Set<String>
    let measurements: [String: Double]
}

/// A failing case before shrinking.
struct FoundFailure {
    let token: ReplayToken
    let verdict: CaseVerdict
    let origin: Counterexample.Origin
}

/// The running account of a check, kept in order of the cases.
struct RunTally {
    private let settings: CheckSettings
    private(set) var cases = 0
    private(set) var failures = 0
    private(set) var discards = 0
    private(set) var discardReasons: [String: Int] = [:]
    private(set) var labels = LabelTally()
    private(set) var worst: (margin: Double, token: ReplayToken)?
    private(set) var firstFailure: FoundFailure?

    init(settings: CheckSettings) {
        self.settings = settings
    }

    /// Whether no further case is wanted.
    var isComplete: Bool {
        cases >= settings.cases || discards > settings.discardLimit
            || (failures > 0 && settings.failurePolicy == .stop)
    }

    /// Counts a drawn case.
    mutating func count(_ drawn: DrawnCase, index: Int, token: ReplayToken) {
        if case .discarded(let reason) = drawn.verdict {
            discards += 1
            discardReasons[reason, default: 0] += 1
            return
        }
        cases += 1
        if drawn.verdict.isFailure { failures += 1 }
        labels.add(drawn.labels)
        judge(drawn.verdict, token: token, origin: .generated(index: index))
    }

    /// Notes the verdict as worst or first failing, without counting the case.
    mutating func judge(_ verdict: CaseVerdict, token: ReplayToken, origin: Counterexample.Origin) {
        if verdict.isFailure, firstFailure == nil {
            firstFailure = FoundFailure(token: token, verdict: verdict, origin: origin)
        }
        guard let margin = verdict.margin else { return }
        // Strictly worse, so that of equal ones the first remains.
        let isWorse = worst.map { margin > $0.margin || (margin.isNaN && !$0.margin.isNaN) } ?? true
        if isWorse { worst = (margin, token) }
    }
}
