/// Thrown when a case cannot be used: it fails an assumption, a filter finds no value, or a generator has none.
///
/// A discarded case is neither a success nor a failure. It is counted with its reason, and a run with too many of
/// them ends as ``PropertyOutcome/exhausted``.
public struct Discard: Error, Sendable, Equatable {
    /// Why, in a few words that do not depend on the case: discards are counted by reason.
    public let reason: String

    public init(_ reason: String) {
        self.reason = reason
    }
}

/// Discards the current case unless `condition` holds.
///
/// Prefer a generator that makes only usable cases: each discarded case is work thrown away, and what remains is
/// distributed as the generator's cases *given* the condition.
public func assume(_ condition: Bool, _ reason: String = "assumption not met") throws(Discard) {
    guard condition else { throw Discard(reason) }
}
