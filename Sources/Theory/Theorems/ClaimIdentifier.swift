/// The identifiers of the claims about single updates, with the theory's numbers; those about training (C5–C8, C11,
/// C25) stand elsewhere.
public enum ClaimIdentifier: Int, StatementIdentifier {
    case closerThanBackpropagation = 1
    case proximalCloserThanStandard = 2
    case inferenceLowersObjective = 3
    case inferredActivitiesReached = 4
    case awayFromNudging = 9
    case outputTowardTarget = 10
    case publishedNormalization = 12
    case escapesSaddles = 13
    case convergenceRate = 14
    case sequentialLowersLoss = 15
    case incrementalCloser = 16
    case nudgedBeatsClamped = 17
    case costAtLeastBackpropagation = 18
    case imbalancedEnergies = 19
    case feedbackControl = 20
    case layerwiseMetric = 22
    case newtonDirection = 23
    case energiesFollowBinomial = 24

    public static let letter = "C"

    /// Whose claim it is.
    public var paper: Paper {
        switch self {
        case .escapesSaddles: .innocenti2023
        case .convergenceRate, .newtonDirection: .mali2024
        case .costAtLeastBackpropagation: .zahid2023
        case .sequentialLowersLoss: .alonso2023
        case .feedbackControl: .kaleb2024
        case .incrementalCloser: .salvatori2022
        case .nudgedBeatsClamped, .imbalancedEnergies: .pinchetti2024
        case .layerwiseMetric, .energiesFollowBinomial: .ours
        default: .alonso2022
        }
    }

    /// The folder of its measurement, one for each work.
    public var folder: String { paper.folder }
}
