/// The identifiers of the theory's theorems (T1, T2, …), used as stems everywhere: sources, tests, proofs,
/// tables.
public enum TheoremIdentifier: Int, StatementIdentifier {
    case minimumNormUpdate = 1
    case activityEnergy
    case batchActivityEnergy
    case unconditionalDescent
    case linearRegression
    case explicitVersusImplicit
    case targetsReached
    case updatedFeedback
    case droppedTerm
    case largeLearningRate
    case nonexpansiveness
    case deepLinear
    case equilibriumEnergy
    case nudgingLimit
    case uniqueness
    case learningRatePath
    case linearGraph
    case slack
    case levenbergMarquardt
    case saddles
    case width
    case earlyInference
    case reverseSweep
    case nudging
    case energySmoothness
    case freeOutput
    case integratedWeights
    case covarianceLearning
    case linearLayer

    public static let letter = "T"

    /// The folder of its check: that of the work that its number in the theory was first stated for.
    public var folder: String {
        switch self {
        case .levenbergMarquardt, .saddles: Paper.innocenti2023.folder
        case .width: Paper.ishikawa2024.folder
        case .reverseSweep: Paper.alonso2023.folder
        case .nudging: Paper.pinchetti2024.folder
        case .energySmoothness: Paper.mali2024.folder
        case .integratedWeights: Paper.piccioli2023.folder
        case .covarianceLearning: Paper.tang2022.folder
        case .linearLayer: Paper.nabarro2023.folder
        case .linearGraph, .slack, .earlyInference, .freeOutput: Paper.ours.folder
        default: Paper.alonso2022.folder
        }
    }
}
