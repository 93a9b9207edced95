/// What the store knows of a run, without its rows and its checkpoint.
public struct RunRecord: Sendable, Equatable {
    /// Who it is.
    public let identity: RunIdentity
    /// A few words for people.
    public let label: String
    /// Whether all rows are there.
    public let isFinished: Bool
    /// The units of work done, and of the whole run.
    public let completedWork: Int
    public let totalWork: Int
    /// How many rows are stored.
    public let rowCount: Int
    /// The time that was spent on it, in seconds.
    public let seconds: Double
    /// On what it was computed (linear-algebra library, core), one for each that took part.
    public let environments: [String]
    /// Why the last attempt ended, if it ended with an error.
    public let failure: String?

    /// The key.
    public var key: String { identity.key }
    /// The first 12 digits of a key, as lists show it.
    public static func shortKey(_ key: String) -> String { String(key.prefix(12)) }
}
