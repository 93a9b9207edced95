public import PropertyTesting
public import Theorems

/// Theorems and claims run on random cases: what `verify-cli theorems` prints and a report shows.
///
/// *Law:* results depend on everything here but `threads`.
public struct TheoremStudy: Sendable {
    public var theorems: [Theorem]
    public var claims: [Claim]
    /// The cases of each theorem; `nil` means its own default.
    public var theoremCases: Int?
    /// The cases of each claim; `nil` means its own default.
    public var claimCases: Int?
    /// Of which the seed counts.
    public var settings: CheckSettings
    /// How many cases are worked on at once.
    public var threads: Int
    /// Past failures of theorems, which are tried first.
    public var corpus: Corpus?

    public init(
        theorems: [Theorem] = Theorem.all, claims: [Claim] = Claim.all, theoremCases: Int? = nil,
        claimCases: Int? = nil, settings: CheckSettings = CheckSettings(), threads: Int = 1,
        corpus: Corpus? = nil
    ) {
        self.theorems = theorems
        self.claims = claims
        self.theoremCases = theoremCases
        self.claimCases = claimCases
        self.settings = settings
        self.threads = threads
        self.corpus = corpus
    }

    /// How often `run(advance:)` calls `advance`, unless cases run out.
    public var caseCount: Int {
        theorems.reduce(0) { $0 + (theoremCases ?? $1.defaultCases) }
            + claims.reduce(0) { $0 + (claimCases ?? $1.defaultCases) }
    }

    /// Checks every theorem, then measures every claim.
    ///
    /// - Parameter advance: called for each case that was not discarded.
    public func run(advance: @escaping () -> Void = {}) -> TheoremResults {
        TheoremResults(
            theorems: theorems.map { theorem in
                let run = observed(advance) {
                    theorem.check(settings(theoremCases ?? theorem.defaultCases), threads: threads, corpus: corpus, observe: $0)
                }
                return TheoremResult(
                    theorem: theorem, report: run.report, seconds: run.seconds, records: run.records)
            },
            claims: claims.map { claim in
                let run = observed(advance) {
                    claim.measure(settings(claimCases ?? claim.defaultCases), threads: threads, observe: $0)
                }
                return ClaimResult(claim: claim, report: run.report, records: run.records)
            })
    }

    func settings(_ cases: Int) -> CheckSettings {
        var settings = settings
        settings.cases = cases
        return settings
    }

    /// What `body` returns, how long it took, and all cases that it drew.
    private func observed<Report>(
        _ advance: @escaping () -> Void, _ body: ((CaseRecord) -> Void) -> Report
    ) -> (report: Report, seconds: Double, records: [CaseRecord]) {
        let clock = ContinuousClock()
        let began = clock.now
        var records: [CaseRecord] = []
        let report = body {
            records.append($0)
            if case .discarded = $0.verdict { return }
            advance()
        }
        return (report, (clock.now - began) / .seconds(1), records)
    }
}

/// What checking a theorem came to.
public struct TheoremResult: Sendable {
    public let theorem: Theorem
    public let report: PropertyReport
    public let seconds: Double
    /// All cases drawn, discarded ones too.
    public let records: [CaseRecord]

    /// `holds`, `FAILS`, or `exhausted` where too few cases could be run.
    public var word: String {
        switch report.outcome {
        case .passed: "holds"
        case .failed: "FAILS"
        case .exhausted: "exhausted"
        }
    }
}

/// What measuring a claim came to.
public struct ClaimResult: Sendable {
    public let claim: Claim
    public let report: ClaimReport
    /// All cases drawn, discarded ones too.
    public let records: [CaseRecord]

    /// The finding of the first condition, or `exhausted` where too few cases could be run.
    public var word: String { word(of: report.rates[0]) }

    func word(of rates: ConditionRates) -> String {
        report.isExhausted ? "exhausted" : rates.finding.rawValue
    }
}

/// The results of all theorems and claims of a study.
public struct TheoremResults: Sendable {
    public let theorems: [TheoremResult]
    public let claims: [ClaimResult]

    /// Whether every theorem holds and no finding contradicts the one on record.
    public var isAsExpected: Bool {
        theorems.allSatisfy(\.report.isPassed) && !claims.contains(where: \.report.contradictsRecord)
    }
}
