public import Foundation
internal import JSON

/// One computation that is advanced in slices, can be laid down at any slice and taken up later.
///
/// *Laws.* The rows depend on the configuration only: not on how the work is cut into slices, and
/// not on whether the run was laid down in a checkpoint and taken up again, in this process or
/// another. The checkpoint therefore holds every bit that matters (weights, moments, the state of
/// the random generator), not a rounded form of it.
public protocol ResumableRun: Sendable {
    /// What the run records.
    associatedtype Row: Codable & Sendable

    /// The units of work done.
    var completedWork: Int { get }
    /// Whether there is nothing left to do; a run may finish before all of its work is done.
    var isFinished: Bool { get }
    /// Does up to `work` further units and returns the rows that came due.
    mutating func advance(work: Int) throws -> [Row]
    /// The state from which the run continues.
    func checkpoint() throws -> Data
}

/// A run that a study needs: who it is, how large it is and how it begins or continues.
public struct PlannedRun: Sendable {
    /// Who it is.
    public let identity: RunIdentity
    /// A few words for people, such as `il-prox α=1 seed 3`.
    public let label: String
    /// The units of work that the whole run is, for progress.
    public let work: Int
    /// Begins the run, or continues it from a checkpoint.
    let start: @Sendable (Data?) throws -> any ResumableRun

    /// - Parameter start: begins the run (`nil`) or continues it from a checkpoint.
    /// - Parameter identity: what makes this run this run.
    /// - Parameter label: a few words for people.
    /// - Parameter work: the units of work that the whole run is.
    public init(
        identity: RunIdentity, label: String, work: Int,
        start: @escaping @Sendable (Data?) throws -> any ResumableRun
    ) {
        self.identity = identity
        self.label = label
        self.work = work
        self.start = start
    }
}

extension ResumableRun {
    /// Advances, with the rows as they are stored.
    mutating func advanceRecording(work: Int) throws -> [String] {
        try advance(work: work).map { try CanonicalJSON.text($0) }
    }
}
