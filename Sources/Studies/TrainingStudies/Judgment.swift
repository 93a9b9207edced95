/// What a study says about a claim of the theory: a measured quantity with its interval, judged by a criterion
/// that was declared before.
package struct Judgment: Sendable, Equatable {
    /// The claim's identifier, such as `C5`.
    let claim: String
    let quantity: String
    let estimate: Double
    /// 95 % confidence; `nil` where there is none.
    let interval: ClosedRange<Double>?
    let verdict: Verdict

    /// `undecided` where the runs do not tell, or the claim's premise is not met: nobody trained.
    package enum Verdict: String, Sendable {
        case holds, fails = "does not hold", undecided, unmeasured = "not measured"
    }

    package init(
        claim: String, quantity: String, estimate: Double, interval: ClosedRange<Double>?, verdict: Verdict
    ) {
        self.claim = claim
        self.quantity = quantity
        self.estimate = estimate
        self.interval = interval
        self.verdict = verdict
    }

    /// The number of the claim; after all others what names none.
    var claimNumber: Int { Self.claimNumber(in: claim) }

    /// 7 of `C7` and of `C7: …`.
    static func claimNumber(in text: String) -> Int {
        guard text.hasPrefix("C") else { return .max }
        return Int(text.dropFirst().prefix(while: \.isNumber)) ?? .max
    }
}

extension Judgment.Verdict {
    /// Of a difference that is claimed to be positive: which side of zero its whole interval is on.
    init(positive interval: ClosedRange<Double>?) {
        guard let interval else { self = .undecided; return }
        self = interval.lowerBound > 0 ? .holds : interval.upperBound < 0 ? .fails : .undecided
    }
}
