/// The identifiers of the paper's claims about single updates, with the theory's numbers; C5–C8 and C11 are
/// about training and stand elsewhere.
public enum ClaimIdentifier: Int, StatementIdentifier {
    case closerThanBackpropagation = 1
    case proximalCloserThanStandard = 2
    case inferenceLowersObjective = 3
    case inferredActivitiesReached = 4
    case awayFromNudging = 9
    case outputTowardTarget = 10

    public static let letter = "C"
}
