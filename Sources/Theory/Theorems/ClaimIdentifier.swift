/// The identifiers of the paper's claims about single updates, with the theory's numbers; C5–C8 and C11 are
/// about training and stand elsewhere.
public enum ClaimIdentifier: Int, CaseIterable, Sendable, Hashable {
    case closerThanBackpropagation = 1
    case proximalCloserThanStandard = 2
    case inferenceLowersObjective = 3
    case inferredActivitiesReached = 4
    case awayFromNudging = 9
    case outputTowardTarget = 10

    /// As users type it: `C1`.
    public var name: String { "C\(rawValue)" }

    /// The stem of the claim's source: `C01_CloserThanBackpropagation`.
    public var stem: String {
        let word: String =
            switch self {
            case .closerThanBackpropagation: "CloserThanBackpropagation"
            case .proximalCloserThanStandard: "ProximalCloserThanStandard"
            case .inferenceLowersObjective: "InferenceLowersObjective"
            case .inferredActivitiesReached: "InferredActivitiesReached"
            case .awayFromNudging: "AwayFromNudging"
            case .outputTowardTarget: "OutputTowardTarget"
            }
        return (rawValue < 10 ? "C0\(rawValue)" : "C\(rawValue)") + "_" + word
    }
}
