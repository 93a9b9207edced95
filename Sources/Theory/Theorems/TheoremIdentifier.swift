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
    case earlyInference = 22
    case freeOutput = 26
    case integratedWeights
    case covarianceLearning
    case linearLayer

    public static let letter = "T"

    /// The folder of its check, one for each work.
    public var folder: String {
        switch self {
        case .integratedWeights: "Piccioli2023"
        case .covarianceLearning: "Tang2022"
        case .linearLayer: "Nabarro2023"
        case .linearGraph, .slack, .earlyInference, .freeOutput: "Ours"
        default: "Alonso2022"
        }
    }
}
