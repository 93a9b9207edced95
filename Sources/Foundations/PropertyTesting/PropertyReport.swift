/// Whether a property stood its check.
public enum PropertyOutcome: Sendable, Equatable {
    /// All required cases were run and held.
    case passed
    /// At least one case failed.
    case failed(Counterexample)
    /// No case failed, but fewer than required could be run: too many were discarded, or none was asked for. This
    /// says nothing about the property.
    case exhausted
}

/// A case that refutes a property.
public struct Counterexample: Sendable, Equatable {
    /// Where a failing case came from.
    public enum Origin: Sendable, Equatable {
        /// The case of this index in the run.
        case generated(index: Int)
        /// A stored failure that still fails.
        case corpus
    }

    /// The shrunk value in words.
    public let description: String
    /// How the shrunk case failed.
    public let verdict: CaseVerdict
    /// What the body noted about the shrunk case.
    public let notes: [String]
    /// The token of the shrunk case.
    public let token: ReplayToken

    public let origin: Origin
    /// The token of the case as it was found.
    public let originalToken: ReplayToken
    /// How the case failed as it was found.
    public let originalVerdict: CaseVerdict

    /// How many times the case was made smaller.
    public let shrinkSteps: Int
    /// How many replays this took.
    public let shrinkReplays: Int
    /// Whether shrinking ended because nothing smaller failed, not because of ``CheckSettings/shrinkLimit``.
    public let isFullyShrunk: Bool
    /// False if the case did not fail the same way when it was run again: the body or the generator depends on more
    /// than its case. Then nothing was shrunk.
    public let isReproducible: Bool
}

/// The case with the largest margin of a run; a margin that is not a number counts as largest.
public struct WorstCase: Sendable, Equatable {
    public let margin: Double
    public let token: ReplayToken
    /// The value in words.
    public let description: String

    /// Unlike their margins, two worst cases are equal if both margins are NaN.
    public static func == (left: WorstCase, right: WorstCase) -> Bool {
        (left.margin == right.margin || (left.margin.isNaN && right.margin.isNaN))
            && left.token == right.token && left.description == right.description
    }
}

/// What a check found.
///
/// It depends on the property, the settings and the corpus alone, not on the number of threads.
public struct PropertyReport: Sendable, Equatable {
    public let name: String
    public let seed: UInt64
    public let outcome: PropertyOutcome
    /// The cases drawn and run to the end. Stored failures are not among them.
    public let cases: Int
    /// How many of ``cases`` failed.
    public let failures: Int
    /// The cases drawn and discarded.
    public let discards: Int
    /// How many cases were discarded for each reason.
    public let discardReasons: [String: Int]
    public let labels: LabelTally
    /// The case of largest margin, stored failures included; of equal ones the first. Nil if no case returned a margin.
    public let worst: WorstCase?
    /// What became of the stored failures; nil without a corpus.
    public let corpus: CorpusReport?

    public var isPassed: Bool { outcome == .passed }

    /// The counterexample of a failed check.
    public var counterexample: Counterexample? {
        if case .failed(let counterexample) = outcome { counterexample } else { nil }
    }
}

/// One case of a running check, for progress displays and per-case tables.
public struct CaseRecord: Sendable, Equatable {
    public let index: Int
    public let token: ReplayToken
    public let verdict: CaseVerdict
    /// The labels in alphabetical order.
    public let labels: [String]
    /// What the body measured; see ``CaseContext/measure(_:_:)``.
    public let measurements: [String: Double]
}
