public import PropertyTesting

/// A `Property` whose type of values is hidden, so that theorems about numbers, matrices and networks stand
/// in one list.
public struct CheckableProperty: Sendable {
    /// The name, under which past failures are stored.
    public let name: String
    private let checkBody:
        @Sendable (CheckSettings, Int, Corpus?, (CaseRecord) -> Void) -> PropertyReport
    private let replayBody: @Sendable (ReplayToken) -> ReplayedCase

    public init<Value>(_ property: Property<Value>) {
        name = property.name
        checkBody = { settings, threads, corpus, observe in
            property.check(settings, threads: threads, corpus: corpus, observe: observe)
        }
        replayBody = { property.replay($0) }
    }

    /// Checks the property; see `Property.check`. The report does not depend on the number of threads.
    public func check(
        _ settings: CheckSettings, threads: Int = 1, corpus: Corpus? = nil,
        observe: (CaseRecord) -> Void = { _ in }
    ) -> PropertyReport {
        checkBody(settings, threads, corpus, observe)
    }

    /// Makes the case of `token` again and runs the body on it.
    public func replay(_ token: ReplayToken) -> ReplayedCase { replayBody(token) }
}
